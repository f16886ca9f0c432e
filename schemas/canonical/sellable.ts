import { addAll, subtract } from "../decimal.ts";
import { CanonicalRefusal } from "./canonicalRefusal.ts";
import { told } from "./reading.ts";

type Pieces = number | string | null | undefined;

/** What is read of a `canonical/inventory-level/1`; nobody has checked it. */
interface Level {
  sku?: unknown;
  locationCode?: unknown;
  onHand?: Pieces;
  reserved?: Pieces;
  available?: Pieces;
  safetyStock?: Pieces;
  /** Not of a level: how many may be sold, where a flow has worked it out by a rule of its own. */
  quantity?: Pieces;
}

function offered({ sku, locationCode, onHand, reserved, available, safetyStock, quantity }: Level): string {
  if (told(quantity)) return addAll([quantity]);
  const kept = told(safetyStock) ? safetyStock : 0;
  if (told(available)) return subtract(available, kept);
  if (told(onHand) && told(reserved)) return subtract(subtract(onHand, reserved), kept);
  const place = typeof locationCode === "string" ? ` at ${locationCode}` : "";
  throw new CanonicalRefusal(
    "sellable.unknown",
    `Nobody says how many of ${String(sku)}${place} may be sold: its inventory level has neither "available" nor both "onHand" and "reserved". ` +
      "Say one of them by a Map before this node.",
  );
}

/**
 * How many whole pieces may be sold of a `canonical/inventory-level/1`, or of several of one SKU together: what is available,
 * less the safety stock, never below zero. Throws CanonicalRefusal where nobody says so, and where the levels are of several SKUs.
 */
export function sellable(levels: Level | Level[]): number | undefined {
  const all = [levels].flat() as Level[];
  const [first] = all;
  if (first === undefined) return undefined;
  const other = all.find(({ sku }) => sku !== first.sku);
  if (other === undefined) return Math.max(0, Math.floor(Number(addAll(all.map(offered)))));
  throw new CanonicalRefusal(
    "sellable.several",
    `Levels of ${String(first.sku)} and of ${String(other.sku)} are no one quantity. Split them by their SKU before this node.`,
  );
}
