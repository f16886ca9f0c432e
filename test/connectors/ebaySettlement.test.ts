import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import type { Exchange } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

const finances = fixturesIn("ebay").filter(({ name }) => name.startsWith("finances_getTransactions"));

describe("eBay's payouts", () => {
  it("eBay's payout is the gross of what was sold and refunded, and the fees that go the other way", async () => {
    const { item, answer } = readJson("./samples/ebay.payoutTransactions.json") as Exchange;
    const { transactions } = JSON.parse(answer.body) as { transactions: Tree[] };
    const settled = (payout: Tree) => runMapping("ebay.settlement.jsonata", payout, { source: { account: "northwind-outdoor" } });
    const settlement = await settled({ ...(item as Tree), transactions });
    expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
    const lines = (settlement as { lines: Tree[] }).lines.map((line) => [line.transactionType, line.category, line.amount]);
    expect(lines).toEqual([
      ["order", "principal", "298.00"],
      ["order", "commission", "-39.40"],
      ["order", "commission", "-0.30"],
      ["refund", "principal", "-50.00"],
      ["refund", "refund_commission", "6.45"],
      ["service_fee", "shipping_label", "-8.31"],
      ["service_fee", "advertising", "-9.95"],
    ]);
    const lost = await settled({ ...(item as Tree), transactions: transactions.slice(1) });
    expect(canonicalFaults("canonical/settlement/1", lost)).toMatchObject([{ code: "settlement.T1" }]);
    const failed = await settled({ ...(item as Tree), payoutStatus: "RETRYABLE_FAILED", transactions });
    expect(failed).toMatchObject({ status: "exception" });
  });

  it.skipIf(finances.length === 0)("eBay's own example of a transaction is 27.50 less 4.12", async () => {
    const { transactions } = JSON.parse(finances[0]?.text ?? "") as { transactions: Tree[] };
    const payout = { payoutId: "6000000001", payoutDate: "2026-10-02T00:00:00.000Z", payoutStatus: "SUCCEEDED" };
    const whole = { ...payout, amount: { value: "23.38", currency: "USD" }, transactions };
    const settlement = await runMapping("ebay.settlement.jsonata", whole, { source: { account: "x" } });
    expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
    expect((settlement as { lines: Tree[] }).lines.map(({ amount }) => amount)).toEqual(["27.50", "-3.82", "-0.30"]);
  });
});
