import { CanonicalRefusal } from "./canonicalRefusal.ts";
import { listOf, told } from "./reading.ts";

interface TrackingNumber {
  number: string;
  url?: string | null;
}
interface Line {
  lineId?: string | number | null;
  sku: string;
  quantity: number;
}

/** What is read of a `canonical/shipment/1`; nobody has checked it. */
export interface Shipment {
  shipmentId?: unknown;
  status?: unknown;
  trackingNumbers?: TrackingNumber | TrackingNumber[] | null;
  lines?: Line | Line[] | null;
}

/** A line as the channel has it: its id, and how many pieces of its SKU may leave. */
export interface OrderLine {
  lineId: string | number;
  sku?: string | null;
  /** A number, or a text that is one. */
  quantity: number | string;
}

const left: ReadonlySet<unknown> = new Set(["shipped", "delivered"]);

/** The shipment itself. Throws CanonicalRefusal unless its goods have left: a void label ships nothing. */
export function onlyShipped<T extends Shipment>(shipment: T): T {
  if (left.has(shipment.status)) return shipment;
  const status = told(shipment.status) ? `is ${String(shipment.status)}` : "has no status";
  throw new CanonicalRefusal(
    "onlyShipped.status",
    `The shipment ${String(shipment.shipmentId)} ${status}: nothing of it has left. Let only those pass that are shipped or delivered.`,
  );
}

/** The shipment's one tracking number with its page, or nothing. Throws CanonicalRefusal where it has several. */
export function trackingOf({ shipmentId, trackingNumbers }: Shipment): TrackingNumber | undefined {
  const [first, ...others] = listOf(trackingNumbers).filter(({ number }) => told(number));
  const another = others.find(({ number }) => number !== first?.number);
  if (another === undefined) return first;
  throw new CanonicalRefusal(
    "trackingOf.several",
    `The shipment ${String(shipmentId)} has more than one tracking number, ${first?.number} and ${another.number}, and the channel takes one. ` +
      "Split it by its packages before this node.",
  );
}

/** Takes so many pieces of a SKU from the order's lines, in their order; `taken` remembers what is gone. */
function takeBySku({ lineId: _, ...line }: Line, lines: readonly OrderLine[], taken: Map<OrderLine, number>) {
  const parts: (Line & { lineId: string })[] = [];
  let rest = line.quantity;
  for (const place of lines.filter(({ sku }) => sku === line.sku)) {
    const quantity = Math.min(rest, Number(place.quantity) - (taken.get(place) ?? 0));
    if (quantity <= 0) continue;
    taken.set(place, (taken.get(place) ?? 0) + quantity);
    rest -= quantity;
    parts.push({ ...line, lineId: String(place.lineId), quantity });
  }
  return { parts, rest };
}

/**
 * The shipment's lines, each with the channel's id of its line as a text. Those that come without one are found by their SKU
 * among `orderLines`, and divided where several lines have it. Throws CanonicalRefusal where they cannot be found.
 */
export function shippedLines({ shipmentId, lines }: Shipment, orderLines: OrderLine | OrderLine[] | null | undefined) {
  const known = listOf(orderLines);
  const taken = new Map<OrderLine, number>();
  for (const { lineId, quantity } of listOf(lines)) {
    const place = told(lineId) && known.find((each) => String(each.lineId) === String(lineId));
    if (place) taken.set(place, (taken.get(place) ?? 0) + quantity);
  }
  return listOf(lines).flatMap((line) => {
    if (told(line.lineId)) return [{ ...line, lineId: String(line.lineId) }];
    const of = `The shipment ${String(shipmentId)} does not say of which line of the order its ${line.sku} is`;
    if (known.length === 0) {
      throw new CanonicalRefusal(
        "shippedLines.noLines",
        `${of}. Attach the order by its lookup as "order" before this node, and SKUs find the lines.`,
      );
    }
    const { parts, rest } = takeBySku(line, known, taken);
    if (rest <= 0) return parts;
    throw new CanonicalRefusal(
      "shippedLines.tooMany",
      `${of}, and of the ${line.quantity} pieces the attached order has only ${line.quantity - rest} left with this SKU.`,
    );
  });
}
