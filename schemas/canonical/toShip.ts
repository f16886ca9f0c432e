import { addAll, subtract } from "../decimal.ts";
import { CanonicalRefusal } from "./canonicalRefusal.ts";

interface Line {
  kind?: string | null;
  requiresShipping?: boolean | null;
  fulfilledBy?: unknown;
  quantity?: number;
  quantityFulfilled?: number | null;
  quantityCancelled?: number | null;
}

interface Address {
  line1?: unknown;
  line2?: unknown;
  line3?: unknown;
  complete?: unknown;
}

/** What is read of a `canonical/order/1`; nobody has checked it. */
interface Order {
  externalId?: unknown;
  externalNumber?: unknown;
  status?: unknown;
  paymentStatus?: unknown;
  fulfilledBy?: unknown;
  orderKind?: unknown;
  shipTo?: Address | null | undefined;
  lines?: unknown;
}

/** What leaves only where a node says so. */
interface Allowed {
  /** Orders that nobody has paid yet: on delivery, on account. */
  unpaidOrders?: unknown;
  /** Orders that nobody means: a shop's trial of its own checkout. */
  testOrders?: unknown;
}

/** A line with the pieces of it that are to leave. */
export type OpenLine = Line & { open: number };

const PASS_BY = "Let such orders pass by this node, and cancel at the warehouse what it was told of them already.";

const UNCOUNTED =
  "a part of it has left, and its lines do not say how many pieces. Attach what has left before the mapping, as the channel's page says.";

const fields = ["fulfilledBy", "orderKind", "status", "paymentStatus"] as const;
type Field = (typeof fields)[number];

/** Why nothing of an order with this word may leave the warehouse. Words that are no reason are absent. */
const reasons: Readonly<Record<Field, Readonly<Record<string, string>>>> = {
  status: {
    cancelled: `it is cancelled. ${PASS_BY}`,
    closed: `it is closed. ${PASS_BY}`,
    fulfilled: "all of it has left. Let such orders pass by this node.",
    pending: "it waits for its payment. Send it once it is open.",
  },
  orderKind: {
    test: "it is a test, which nobody means. Let such orders pass by this node, or let the node take test orders.",
  },
  paymentStatus: {
    pending: "it is not paid. Send it once it is, or let the node take unpaid orders, such as those paid on delivery.",
    refunded: `it was paid back. ${PASS_BY}`,
    voided: `its payment was given up. ${PASS_BY}`,
  },
  fulfilledBy: {
    channel: "the channel ships it itself. Let such orders pass by this node.",
    mixed:
      'the channel ships a part of it, and not each of its lines says which. Say fulfilledBy "merchant" or "channel" of each line in a Map before this node.',
    unknown: 'nobody says who ships it. Say fulfilledBy "merchant" by a Map before this node where you do.',
  },
};

/** The words that are no reason where the node says so. */
const allows: readonly [keyof Allowed, Field, string][] = [
  ["testOrders", "orderKind", "test"],
  ["unpaidOrders", "paymentStatus", "pending"],
];

const told = (fulfilledBy: unknown): boolean => fulfilledBy === "merchant" || fulfilledBy === "channel";

function reasonOf(order: Order, goods: readonly Line[], allowed: Allowed): { field: Field; why: string } | undefined {
  for (const field of fields) {
    const word = order[field];
    if (typeof word !== "string" || !Object.hasOwn(reasons[field], word)) continue;
    if (word === "mixed" && goods.every(({ fulfilledBy }) => told(fulfilledBy))) continue;
    if (allows.some(([setting, of, meant]) => of === field && meant === word && allowed[setting] === true)) continue;
    return { field, why: reasons[field][word] ?? "" };
  }
  return undefined;
}

const shippable = ({ kind, requiresShipping }: Line): boolean =>
  requiresShipping !== false && (kind === "product" || kind === "gift_card");

const openOf = ({ quantity = 0, quantityFulfilled, quantityCancelled }: Line): number =>
  Number(subtract(quantity, addAll([quantityFulfilled ?? 0, quantityCancelled ?? 0])));

/** Of an order that has left in part, a line that does not say how many pieces are gone may have none left. */
const uncounted = ({ status }: Order, line: Line): boolean =>
  status === "partially_fulfilled" && (line.quantityFulfilled === undefined || line.quantityFulfilled === null);

const filled = (text: unknown): boolean => typeof text === "string" && text.trim() !== "";

/** Why no parcel could be addressed, if none could. */
function addressLacks({ shipTo }: Order): string | undefined {
  const attach =
    "Attach it by a node that reads the whole order or its address, put before the mapping, or let a Map before this node give shipTo.";
  if (shipTo === undefined || shipTo === null) return `it has no address to ship to. ${attach}`;
  if (shipTo.complete === false) return `a part of its address is missing. ${attach}`;
  return [shipTo.line1, shipTo.line2, shipTo.line3].some(filled) ? undefined : `its address has no street. ${attach}`;
}

/**
 * The goods that the merchant still has to ship of a `canonical/order/1`, each line with its `open` pieces. Throws
 * CanonicalRefusal where nothing may leave: the order is cancelled, closed, unpaid, paid back, a test, the channel's to ship, has
 * left, perhaps more of it than is said, has no whole address, or is mixed and does not say of each line who ships it. `allowed`
 * says which unpaid orders and tests leave all the same.
 */
export function toShip(order: Order, allowed: Allowed = {}): OpenLine[] {
  const name = String(order.externalNumber ?? order.externalId);
  const refuse = (field: string, why: string): never => {
    throw new CanonicalRefusal(`toShip.${field}`, `Nothing of the order ${name} is to ship: ${why}`);
  };
  const goods = ([order.lines ?? []].flat() as Line[]).filter(shippable);
  const reason = reasonOf(order, goods, allowed);
  if (reason) return refuse(reason.field, reason.why);
  const ours = goods.filter(({ fulfilledBy }) => fulfilledBy !== "channel");
  const open = ours.flatMap((line) => {
    const left = openOf(line);
    return left > 0 ? [{ ...line, open: left }] : [];
  });
  if (open.length === 0) return refuse("nothing", `all of its goods have left or were cancelled, or it has none. ${PASS_BY}`);
  if (open.some((line) => uncounted(order, line))) return refuse("quantityFulfilled", UNCOUNTED);
  const lack = addressLacks(order);
  return lack === undefined ? open : refuse("shipTo", lack);
}
