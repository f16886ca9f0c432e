import { absolute, add, addAll, compare, divide, multiply, scaleOf, subtract } from "../decimal.ts";

/** One rule that an order breaks. `path` is a JSON pointer into the order. */
export interface InvariantViolation {
  code: "order.I1" | "order.I2" | "order.I3" | "order.I4" | "order.I5" | "order.I6" | "order.I7";
  path: string;
  found: string;
  expected: string;
  message: string;
}

interface Amount {
  amount: string;
}
interface ShippingLine extends Amount {
  discounts: Amount[];
  taxes: Amount[];
}
interface Line {
  lineId: string;
  quantity: number;
  quantityCancelled?: number;
  quantityFulfilled?: number;
  unitPrice: string;
  gross: string;
  discounts: Amount[];
  taxes: Amount[];
}

/** What the invariants read of a `canonical/order/1`. Check the document against its schema first. */
export interface OrderMoney {
  currency: string;
  buyerCurrency?: string | null;
  buyerTotal?: string | null;
  priceTaxMode?: "exclusive" | "inclusive";
  lines: Line[];
  shipping?: ShippingLine[];
  adjustments?: Amount[];
  totals: { gross: string; discount: string; shipping: string; tax: string; adjustments?: string; grand: string | null };
}

type Violations = InvariantViolation[];

const sum = (amounts: readonly Amount[]): string => addAll(amounts.map(({ amount }) => amount));
const shippingOf = (order: OrderMoney): ShippingLine[] => order.shipping ?? [];
const same = (a: string, b: string): boolean => compare(a, b) === 0;

/** One statement that two amounts are equal; `what` fills the sentence "... add up to". */
function agree(code: InvariantViolation["code"], path: string, found: string, expected: string, message: string): Violations {
  return same(found, expected) ? [] : [{ code, path, found, expected, message }];
}

const grossAddsUp = ({ lines, totals }: OrderMoney): Violations => {
  const expected = addAll(lines.map((line) => line.gross));
  const message = `The lines add up to ${expected}, but the total of goods says ${totals.gross}.`;
  return agree("order.I1", "/totals/gross", totals.gross, expected, message);
};

/**
 * A channel that states only line totals forces the mapping to round the unit price: then the product may be off by
 * less than one unit of the last digit for each piece. With quantity 1, or a total that divides evenly, nothing may be off.
 */
function unitPriceFits({ unitPrice, quantity, gross }: Line): boolean {
  const off = absolute(subtract(multiply(unitPrice, quantity), gross));
  const step = divide(1, `1e${Math.max(scaleOf(unitPrice), scaleOf(gross))}`, Math.max(scaleOf(unitPrice), scaleOf(gross)));
  return same(off, "0") || compare(off, multiply(step, quantity)) < 0;
}

const linesMultiply = ({ lines }: OrderMoney): Violations =>
  lines.flatMap((line, index) => {
    if (unitPriceFits(line)) return [];
    const expected = multiply(line.unitPrice, line.quantity);
    const message = `Line ${line.lineId}: ${line.quantity} x ${line.unitPrice} is ${expected}, but its gross amount says ${line.gross}.`;
    return [{ code: "order.I2", path: `/lines/${index}/gross`, found: line.gross, expected, message }];
  });

/** Compared by size, because a returned or corrected line may be negative as a whole. */
function discountWithin(base: string, discounts: readonly Amount[], path: string, name: string): Violations {
  const found = sum(discounts);
  if (compare(found, absolute(base)) <= 0 && discounts.every(({ amount }) => compare(amount, "0") >= 0)) return [];
  const message = `${name} is discounted by ${found}; a discount lies between 0 and the amount itself, ${base}.`;
  return [{ code: "order.I3", path: `${path}/discounts`, found, expected: `0 to ${base}`, message }];
}

const discountsAddUp = (order: OrderMoney): Violations => {
  const { lines, totals } = order;
  const expected = add(sum(lines.flatMap((line) => line.discounts)), sum(shippingOf(order).flatMap((line) => line.discounts)));
  const message = `The discounts of lines and shipping add up to ${expected}, but the total discount says ${totals.discount}.`;
  return [
    ...agree("order.I3", "/totals/discount", totals.discount, expected, message),
    ...lines.flatMap((line, index) => discountWithin(line.gross, line.discounts, `/lines/${index}`, `Line ${line.lineId}`)),
    ...shippingOf(order).flatMap((line, index) => discountWithin(line.amount, line.discounts, `/shipping/${index}`, "Shipping")),
  ];
};

const taxesAddUp = (order: OrderMoney): Violations => {
  const { lines, totals } = order;
  const expected = add(sum(lines.flatMap((line) => line.taxes)), sum(shippingOf(order).flatMap((line) => line.taxes)));
  const message = `The taxes of lines and shipping add up to ${expected}, but the total tax says ${totals.tax}.`;
  return agree("order.I4", "/totals/tax", totals.tax, expected, message);
};

const grandTotalHolds = (order: OrderMoney): Violations => {
  const { totals, priceTaxMode } = order;
  const violations: Violations = [];
  if (order.shipping) {
    const shipping = sum(order.shipping);
    const message = `The shipping lines add up to ${shipping}, but the shipping total says ${totals.shipping}.`;
    violations.push(...agree("order.I5", "/totals/shipping", totals.shipping, shipping, message));
  }
  if (order.adjustments) {
    const adjustments = sum(order.adjustments);
    const found = totals.adjustments ?? "0";
    const message = `The adjustments add up to ${adjustments}, but their total says ${found}.`;
    violations.push(...agree("order.I5", "/totals/adjustments", found, adjustments, message));
  }
  if (totals.grand === null) return violations;
  const net = addAll([totals.gross, totals.shipping, totals.adjustments ?? "0"]);
  const taxed = priceTaxMode === "inclusive" ? net : add(net, totals.tax);
  const expected = subtract(taxed, totals.discount);
  const parts = priceTaxMode === "inclusive" ? "Goods, shipping and adjustments" : "Goods, shipping, adjustments and tax";
  const message = `${parts} less discount make ${expected}, but the grand total says ${totals.grand}.`;
  return [...violations, ...agree("order.I5", "/totals/grand", totals.grand, expected, message)];
};

/** Amounts carry no currency of their own; what can contradict the order's is the buyer's side. */
const oneCurrency = ({ currency, buyerCurrency, buyerTotal, totals }: OrderMoney): Violations => {
  if (buyerTotal === undefined || buyerTotal === null) return [];
  if (buyerCurrency === undefined || buyerCurrency === null) {
    const message = `The buyer's total ${buyerTotal} names no currency.`;
    return [{ code: "order.I6", path: "/buyerCurrency", found: "nothing", expected: "a currency", message }];
  }
  if (buyerCurrency !== currency || totals.grand === null) return [];
  const message = `The buyer's total says ${buyerTotal}, the grand total ${totals.grand}, though both are in ${currency}.`;
  return agree("order.I6", "/buyerTotal", buyerTotal, totals.grand, message);
};

const quantitiesFit = ({ lines }: OrderMoney): Violations =>
  lines.flatMap((line, index) => {
    const used = (line.quantityFulfilled ?? 0) + (line.quantityCancelled ?? 0);
    if (used <= line.quantity) return [];
    const message = `Line ${line.lineId}: ${used} fulfilled and cancelled are more than the ${line.quantity} ordered.`;
    return [
      { code: "order.I7", path: `/lines/${index}/quantity`, found: String(used), expected: `at most ${line.quantity}`, message },
    ];
  });

const invariants = [grossAddsUp, linesMultiply, discountsAddUp, taxesAddUp, grandTotalHolds, oneCurrency, quantitiesFit];

/** The money and quantity rules I1 to I7 that an order breaks, in this order; none when all hold. */
export const orderInvariants = (order: OrderMoney): InvariantViolation[] => invariants.flatMap((invariant) => invariant(order));
