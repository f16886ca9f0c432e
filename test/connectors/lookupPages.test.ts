import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { atStep } from "#nodes/connector/steps.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

type Tree = Record<string, unknown>;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-lookups-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A payout of a season's sales: more transactions than one answer holds. */
const payouts: {
  id: string;
  pages: number;
  count: number;
  transaction: (n: number, item: Tree) => Tree;
  idOf: (one: Tree) => unknown;
}[] = [
  {
    id: "stripe",
    pages: 4,
    count: 351,
    transaction: (n, { id }) => ({
      id: `txn_${1_000 + n}`,
      payout: id,
      created: 1_789_000_000 + n,
      amount: 100,
      fee: 3,
      net: 97,
    }),
    idOf: ({ id }) => id,
  },
  {
    id: "shopify",
    pages: 3,
    count: 600,
    transaction: (n, { id }) => ({
      id: 77_000_000 + n,
      payout_id: id,
      type: "charge",
      amount: "10.00",
      fee: "0.30",
      net: "9.70",
    }),
    idOf: ({ id }) => String(id),
  },
  {
    id: "ebay",
    pages: 3,
    count: 2_300,
    transaction: (n, { payoutId }) => ({ transactionId: `t-${n}`, payoutId, transactionType: "SALE" }),
    idOf: ({ transactionId }) => transactionId,
  },
];

/** Asks for an answer page by page, as the engine does, and keeps what it keeps. */
async function asked(id: string, name: string, item: unknown, answer: Simulated["answer"]) {
  const connector = connectorOf(id);
  const { render, read } = operationOf(connector, name, connectionOf(connector));
  let call = await render(item);
  for (let requests = 1; ; requests++) {
    const result = await read(item, await answer(call.request), "request", call.step?.before);
    if (!result.ok || !result.next) return { requests, result };
    call = atStep(call, result.next);
  }
}

describe.each(payouts)("the transactions of a payout of $id", ({ id, pages, count, transaction, idOf }) => {
  it("come whole, each once, however many there are", async () => {
    const connector = connectorOf(id);
    const simulated = new Simulated(connector, connectionOf(connector), join(folder, id));
    const [file] = connector.operations.payoutTransactions?.samples ?? [];
    const { item } = readJson(`./samples/${file}`) as Exchange & { item: Tree };
    for (let n = 0; n < count; n++) await simulated.put("transactions", String(n), transaction(n, item));
    await simulated.put("transactions", "another", transaction(count, { ...item, id: "another", payoutId: "another" }));
    const { requests, result } = await asked(id, "payoutTransactions", item, (request) => simulated.answer(request));
    await simulated.close();
    expect(requests).toBe(pages);
    expect(result).toMatchObject({ ok: true });
    const found = (result.ok ? (result.result as Tree[]) : []).map(idOf);
    const all = Array.from({ length: count }, (_, n) => idOf(transaction(n, item)));
    expect(found.sort()).toEqual(all.sort());
  });
});

it.each(["netsuite", "extensiv"])("the stock of many SKUs in many places of %s comes whole", async (id) => {
  const size = id === "netsuite" ? 1_000 : 500;
  const given: number[] = [];
  const { result } = await asked(id, "readStock", { skus: ["A"] }, async ({ query }) => {
    const from = id === "netsuite" ? Number(query.offset) : (Number(query.pgnum) - 1) * size;
    given.push(from);
    const rows = Array.from({ length: Math.max(0, Math.min(size, 2 * size + 7 - from)) }, (_, n) => from + n);
    const items = rows.map((location) => ({ sku: "A", location, onhand: 1, available: 1 }));
    const summaries = rows.map((facilityId) => ({
      itemIdentifier: { sku: "A" },
      facilityId,
      onHand: 1,
      available: 1,
      allocated: 0,
    }));
    return { status: 200, headers: {}, body: JSON.stringify(id === "netsuite" ? { items } : { summaries }) };
  });
  expect(given).toEqual([0, size, 2 * size]);
  expect(result.ok && (result.result as Tree[]).map(({ locationCode }) => Number(locationCode))).toEqual([
    ...Array(2 * size + 7).keys(),
  ]);
});
