import { currencyDigits } from "../currencyDigits.ts";
import { addAll, divide, multiply, subtract } from "../decimal.ts";
import { CanonicalRefusal } from "./canonicalRefusal.ts";
import { listOf } from "./reading.ts";

interface Amount {
  amount: string;
}

interface Owner {
  discounts?: Amount[] | null;
  taxes?: Amount[] | null;
}

interface Line extends Owner {
  quantity: number;
  quantityCancelled?: number | null;
  unitPrice?: string;
  gross: string;
}

interface Totals {
  gross: string;
  discount: string;
  shipping: string;
  tax: string;
  adjustments?: string | null;
  /** As the channel states it, of all that was bought: of what is sold here nobody states any. */
  grand?: string | null;
}

/** What is read of a `canonical/order/1`, whose schema and sums a Validate has checked. */
interface Order {
  externalId?: unknown;
  externalNumber?: unknown;
  currency: string;
  status?: unknown;
  orderKind?: unknown;
  lines: Line[];
  shipping?: (Owner & Amount)[] | null;
  adjustments?: Amount[] | null;
  totals: Totals;
}

/** What is booked only where a node says so. */
interface Allowed {
  /** Orders that nobody means: a shop's trial of its own checkout. */
  testOrders?: unknown;
  /** Orders of which nothing is left, as they were bought: for a system that is told of the cancellation by the same document. */
  cancelledOrders?: unknown;
}

const sumOf = (lines: readonly Line[], part: (line: Line) => Amount[]): string =>
  addAll(lines.flatMap(part).map(({ amount }) => amount));

const discountsOf = (owner: Owner): Amount[] => listOf(owner.discounts);
const taxesOf = (owner: Owner): Amount[] => listOf(owner.taxes);

/** A line without the pieces that were cancelled: each of its amounts less their share. */
function uncancelled(line: Line, currency: string): Line {
  const left = line.quantity - (line.quantityCancelled ?? 0);
  const share = (amount: string): string =>
    left === line.quantity ? amount : divide(multiply(amount, left), line.quantity, currencyDigits(currency));
  const each = (owned: Amount[]): Amount[] => owned.map((one) => ({ ...one, amount: share(one.amount) }));
  return {
    ...line,
    quantity: left,
    quantityCancelled: 0,
    gross: share(line.gross),
    discounts: each(discountsOf(line)),
    taxes: each(taxesOf(line)),
  };
}

const isThere = ({ quantity }: Line): boolean => quantity > 0;

/** A total less what the cancelled pieces bore of it. */
const less = (total: string, all: readonly Line[], left: readonly Line[], part: (line: Line) => Amount[]): string =>
  subtract(total, subtract(sumOf(all, part), sumOf(left, part)));

/** Goods for which nobody pays a second time. */
const given = (order: Order): Order => ({
  ...order,
  lines: order.lines.map((line) => ({ ...line, unitPrice: "0", gross: "0", discounts: [], taxes: [] })),
  shipping: [],
  adjustments: [],
  totals: { gross: "0", discount: "0", shipping: "0", tax: "0", adjustments: "0", grand: null },
});

/**
 * A `canonical/order/1` as it is to be sold: without the pieces that were cancelled, its totals less what they bore; a replacement
 * at nothing, since its buyer has paid. Throws CanonicalRefusal where nothing is left to sell, and for a test order, unless
 * `allowed` says otherwise.
 */
export function toBook(order: Order, allowed: Allowed = {}): Order {
  const name = String(order.externalNumber ?? order.externalId);
  if (order.orderKind === "test" && allowed.testOrders !== true) {
    throw new CanonicalRefusal(
      "toBook.orderKind",
      `The order ${name} is a test, which nobody means. Let such orders pass by this node, or let the node take test orders.`,
    );
  }
  const lines = listOf(order.lines);
  const left = order.status === "cancelled" ? [] : lines.map((line) => uncancelled(line, order.currency)).filter(isThere);
  if (left.length === 0 && allowed.cancelledOrders !== true) {
    throw new CanonicalRefusal(
      "toBook.nothing",
      `Nothing of the order ${name} is left to sell. Let cancelled orders pass by this node, and cancel what was booked already.`,
    );
  }
  const sold = left.length === 0 ? lines.filter(isThere) : left;
  const { totals } = order;
  const booked = {
    ...order,
    lines: sold,
    shipping: listOf(order.shipping),
    adjustments: listOf(order.adjustments),
    totals: {
      ...totals,
      gross: addAll(sold.map(({ gross }) => gross)),
      discount: less(totals.discount, lines, sold, discountsOf),
      tax: less(totals.tax, lines, sold, taxesOf),
      grand: null,
    },
  };
  return order.orderKind === "replacement" ? given(booked) : booked;
}
