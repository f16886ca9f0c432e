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

/** What is read of a `canonical/order/1`; nobody has checked it. */
interface Order {
  externalId?: unknown;
  externalNumber?: unknown;
  status?: unknown;
  paymentStatus?: unknown;
  fulfilledBy?: unknown;
  lines?: unknown;
}

/** A line with the pieces of it that are to leave. */
export type OpenLine = Line & { open: number };

const PASS_BY = "Let such orders pass by this node, and cancel at the warehouse what it was told of them already.";

/** Why nothing of an order with this word may leave the warehouse. Words that are no reason are absent. */
const reasons: Record<"status" | "paymentStatus" | "fulfilledBy", Readonly<Record<string, string>>> = {
  status: {
    cancelled: `it is cancelled. ${PASS_BY}`,
    closed: `it is closed. ${PASS_BY}`,
    fulfilled: "all of it has left. Let such orders pass by this node.",
    pending: "it waits for its payment. Send it once it is open.",
  },
  paymentStatus: {
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

function reasonOf(order: Order, goods: readonly Line[]): { field: string; why: string } | undefined {
  for (const field of ["fulfilledBy", "status", "paymentStatus"] as const) {
    const word = order[field];
    if (word === "mixed" && goods.every(({ fulfilledBy }) => fulfilledBy === "merchant" || fulfilledBy === "channel")) continue;
    const why = typeof word === "string" && Object.hasOwn(reasons[field], word) ? reasons[field][word] : undefined;
    if (why !== undefined) return { field, why };
  }
  return undefined;
}

const shippable = ({ kind, requiresShipping }: Line): boolean =>
  requiresShipping !== false && (kind === "product" || kind === "gift_card");

const openOf = ({ quantity = 0, quantityFulfilled, quantityCancelled }: Line): number =>
  Number(subtract(quantity, addAll([quantityFulfilled ?? 0, quantityCancelled ?? 0])));

/**
 * The goods that the merchant still has to ship of a `canonical/order/1`, each line with its `open` pieces. Throws
 * CanonicalRefusal where nothing may leave: the order is cancelled, closed, unpaid, paid back, the channel's to ship, or has left;
 * of a mixed order, unless each line says who ships it.
 */
export function toShip(order: Order): OpenLine[] {
  const name = String(order.externalNumber ?? order.externalId);
  const goods = ([order.lines ?? []].flat() as Line[]).filter(shippable);
  const reason = reasonOf(order, goods);
  if (reason) throw new CanonicalRefusal(`toShip.${reason.field}`, `Nothing of the order ${name} is to ship: ${reason.why}`);
  const ours = goods.filter(({ fulfilledBy }) => fulfilledBy !== "channel");
  const open = ours.flatMap((line) => {
    const left = openOf(line);
    return left > 0 ? [{ ...line, open: left }] : [];
  });
  if (open.length > 0) return open;
  throw new CanonicalRefusal(
    "toShip.nothing",
    `Nothing of the order ${name} is to ship: all of its goods have left or were cancelled, or it has none. ${PASS_BY}`,
  );
}
