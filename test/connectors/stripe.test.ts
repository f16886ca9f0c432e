import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { type Exchange, type Known, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

const known: Known = {
  config: { accountName: "northwind-stripe", baseUrl: "http://127.0.0.1:9" },
  secrets: { apiKey: "rk", webhookSecret: "whsec" },
};
const source = { source: { node: "payouts", system: "stripe", account: "northwind-stripe" } };
const exchange = readJson("./samples/stripe.payoutTransactions.json") as Exchange;

async function settled(transactions?: Tree[], payout: Tree = {}): Promise<unknown> {
  const answer = JSON.parse(exchange.answer.body) as { data: Tree[] };
  return runMapping(
    "stripe.settlement.jsonata",
    { ...(exchange.item as Tree), ...payout, transactions: transactions ?? answer.data },
    source,
  );
}

describe("Stripe", () => {
  it("reads a payout's transactions, and goes on where there are more", async () => {
    const { render, read } = operationOf("stripe", "payoutTransactions", known, exchange.config);
    expect((await render(exchange.item)).request).toMatchObject({
      path: "/v1/balance_transactions",
      query: { payout: "po_1NW01" },
    });
    expect(await read(exchange.item, exchange.answer)).toMatchObject({
      ok: true,
      outputs: { out: { transactions: [{}, {}, {}] } },
    });
    const more = { body: JSON.stringify({ has_more: true, data: [{ id: "txn_1" }] }) };
    expect(await read(exchange.item, more)).toMatchObject({
      ok: true,
      next: { request: { query: { payout: "po_1NW01", starting_after: "txn_1" } } },
    });
  });

  it.each(["payoutsChanged", "transactionsCreated"])("polls %s page by page", async (name) => {
    const { ask, readPage } = operationOf("stripe", name, known);
    const first = readJson(`./samples/stripe.${name === "payoutsChanged" ? "payout" : "transaction"}.json`) as Tree;
    expect((await ask()).query).toMatchObject({ "created[gte]": "1795168800", "created[lte]": "1795190400" });
    const page = await readPage({ body: JSON.stringify({ has_more: true, data: [first] }) });
    expect(page).toMatchObject({ ok: true, page: { records: [{ body: first, documentKey: first.id }], next: first.id } });
    expect((await ask({ page: first.id })).query.starting_after).toBe(first.id);
  });

  it("makes a settlement whose lines add up to the deposit", async () => {
    const settlement = await settled();
    expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
    expect(settlement).toMatchObject({
      settlementId: "po_1NW01",
      depositAmount: "234.10",
      currency: "USD",
      channel: { account: "northwind-stripe" },
    });
    expect(
      (settlement as { lines: Tree[] }).lines.map(({ transactionType, category, amount, orderRef }) => [
        transactionType,
        category,
        amount,
        orderRef,
      ]),
    ).toEqual([
      ["refund", "principal", "-7.38", "5901234567001"],
      ["order", "principal", "249.00", "5901234567001"],
      ["order", "commission", "-7.52", "5901234567001"],
    ]);
  });

  it("notices a transaction that is missing", async () => {
    const answer = JSON.parse(exchange.answer.body) as { data: Tree[] };
    const faults = canonicalFaults("canonical/settlement/1", await settled(answer.data.slice(1, 2)));
    expect(faults).toMatchObject([{ code: "settlement.T1", path: "/depositAmount", found: "234.10" }]);
  });

  it.each([
    ["jpy", 1100, "1100"],
    ["kwd", 1100, "1.100"],
    ["eur", 1100, "11.00"],
  ])("counts the smallest unit of %s", async (currency, amount, deposit) => {
    const charge = { ...(readJson("./samples/stripe.transaction.json") as Tree), amount, fee_details: [] };
    const settlement = await settled([charge], { currency, amount });
    expect(settlement).toMatchObject({ depositAmount: deposit });
    expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
  });

  it("calls a category that it does not know other, and keeps its name", async () => {
    const strange = {
      ...(readJson("./samples/stripe.transaction.json") as Tree),
      reporting_category: "climate_order_purchase",
      fee_details: [],
    };
    expect(await settled([strange])).toMatchObject({
      lines: [{ transactionType: "other", category: "other", rawType: "climate_order_purchase" }],
    });
  });
});
