import { addAll, compare } from "../decimal.ts";

/** One rule that a settlement breaks. `path` is a JSON pointer into it. */
export interface SettlementViolation {
  code: "settlement.T1" | "settlement.T2";
  path: string;
  found: string;
  expected: string;
  message: string;
}

/** What the invariants read of a `canonical/settlement/1`. Check the document against its schema first. */
export interface SettlementMoney {
  depositAmount: string;
  lines: { lineKey: string; transactionType: string; amount: string }[];
}

/** T1: what is not moved to the bank itself adds up to what is. */
function depositAddsUp({ depositAmount, lines }: SettlementMoney): SettlementViolation[] {
  const found = addAll(lines.filter(({ transactionType }) => transactionType !== "transfer").map(({ amount }) => amount));
  if (compare(found, depositAmount) === 0) return [];
  const message = `The lines add up to ${found}, but the deposit says ${depositAmount}.`;
  return [{ code: "settlement.T1", path: "/depositAmount", found: depositAmount, expected: found, message }];
}

/** T2: no line stands in it twice, or it would be posted twice. */
function linesDiffer({ lines }: SettlementMoney): SettlementViolation[] {
  const seen = new Set<string>();
  return lines.flatMap(({ lineKey }, index) => {
    const twice = seen.has(lineKey);
    seen.add(lineKey);
    if (!twice) return [];
    const message = `Two lines have the key ${lineKey}.`;
    return [{ code: "settlement.T2", path: `/lines/${index}/lineKey`, found: lineKey, expected: "a key of its own", message }];
  });
}

/** The rules that a settlement breaks; none when all hold. */
export const settlementInvariants = (settlement: SettlementMoney): SettlementViolation[] => [
  ...depositAddsUp(settlement),
  ...linesDiffer(settlement),
];
