import { addAll, compare } from "../decimal.ts";

/** One rule that a return breaks. `path` is a JSON pointer into it. */
export interface ReturnViolation {
  code: "return.R1" | "return.R2" | "return.R3";
  path: string;
  found: string;
  expected: string;
  message: string;
}

interface Refund {
  amount: string;
  tax: string;
}

/** What the invariants read of a `canonical/return/1`. Check the document against its schema first. */
export interface ReturnMoney {
  currency?: string | null;
  lines: { sku: string; refund?: Refund | null }[];
  refund?: {
    total: string | null;
    shipping?: string | null;
    shippingTax?: string | null;
    adjustments?: { amount: string }[];
  } | null;
}

const refundsOf = ({ lines }: ReturnMoney): Refund[] => lines.flatMap(({ refund }) => (refund ? [refund] : []));

/** R1: what the lines, shipping and adjustments give back is the total, where the channel says all of them. */
function refundAddsUp(document: ReturnMoney): ReturnViolation[] {
  const { lines, refund } = document;
  const refunds = refundsOf(document);
  if (!refund || refund.total === null || refunds.length < lines.length) return [];
  const goods = refunds.flatMap(({ amount, tax }) => [amount, tax]);
  const others = (refund.adjustments ?? []).map(({ amount }) => amount);
  const expected = addAll([...goods, refund.shipping ?? "0", refund.shippingTax ?? "0", ...others]);
  if (compare(expected, refund.total) === 0) return [];
  const message = `Lines, shipping and adjustments give back ${expected}, but the total says ${refund.total}.`;
  return [{ code: "return.R1", path: "/refund/total", found: refund.total, expected, message }];
}

/** R2: amounts are of a currency. */
function moneyHasCurrency(document: ReturnMoney): ReturnViolation[] {
  const { currency, refund } = document;
  if ((currency !== null && currency !== undefined) || (!refund && refundsOf(document).length === 0)) return [];
  const message = "The return gives money back and names no currency.";
  return [{ code: "return.R2", path: "/currency", found: "nothing", expected: "a currency", message }];
}

/** R3: no line takes money from the buyer. */
const nothingTaken = ({ lines }: ReturnMoney): ReturnViolation[] =>
  lines.flatMap(({ sku, refund }, index) =>
    (["amount", "tax"] as const).flatMap((name) => {
      const found = refund?.[name];
      if (found === undefined || compare(found, "0") >= 0) return [];
      const message = `The refund of ${sku} has ${found} as its ${name}: a refund is never below zero.`;
      return [{ code: "return.R3", path: `/lines/${index}/refund/${name}`, found, expected: "0 or more", message }];
    }),
  );

/** The rules R1 to R3 that a return breaks, in this order; none when all hold. */
export const returnInvariants = (document: ReturnMoney): ReturnViolation[] => [
  ...refundAddsUp(document),
  ...moneyHasCurrency(document),
  ...nothingTaken(document),
];
