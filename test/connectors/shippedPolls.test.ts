import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, operationOf } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

type Tree = Record<string, unknown>;

/** What warehouses and ERPs shipped is asked for page by page, over their own times: each once, and none of another time. */
const polls: {
  id: string;
  name: string;
  ledger: string;
  sample: string;
  count: number;
  at: (sample: Tree, key: string, at: Date) => Tree;
}[] = [
  {
    id: "netsuite",
    name: "fulfillmentsShipped",
    ledger: "fulfillments",
    sample: "netsuite.fulfillment.json",
    count: 2_300,
    // The account's own time: seven hours behind.
    at: (sample, id, at) => ({
      ...sample,
      id,
      modified: new Date(at.getTime() - 7 * 3_600_000).toISOString().slice(0, 19).replace("T", " "),
    }),
  },
  {
    id: "shiphero",
    name: "shipmentsCreated",
    ledger: "shipments",
    sample: "shiphero.shipment.json",
    count: 60,
    at: (sample, id, at) => ({ ...sample, id, created_date: at.toISOString().slice(0, 19) }),
  },
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-shipped-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(polls)("$id.$name", ({ id, name, ledger, sample, count, at: dated }) => {
  it("brings everything of a window once, page by page", async () => {
    const connector = connectorOf(id);
    const known = connectionOf(connector);
    const simulated = new Simulated(connector, known, join(folder, id));
    const record = readJson(`./samples/${sample}`) as Tree;
    const [since, until] = [Date.parse("2026-11-27T10:00:00Z"), Date.parse("2026-11-27T16:00:00Z")];
    const step = Math.floor((until - since) / (count + 1) / 1_000) * 1_000;
    const keys = Array.from({ length: count }, (_, index) => String(100_000 + index));
    for (const [index, key] of keys.entries())
      await simulated.put(ledger, key, dated(record, key, new Date(since + step * (index + 1))));
    await simulated.put(ledger, "before", dated(record, "before", new Date(since - 1_000)));
    await simulated.put(ledger, "after", dated(record, "after", new Date(until + 1_000)));
    const { ask, readPage } = operationOf(connector, name, known);
    const times = {
      now: new Date(until).toISOString(),
      since: new Date(since).toISOString(),
      until: new Date(until).toISOString(),
    };
    const found: string[] = [];
    let pages = 0;
    for (let page: unknown = null; pages === 0 || page !== null; pages += 1) {
      const answer = await readPage(await simulated.answer(await ask({ ...times, page })), { ...times, page });
      if (!answer.ok || !("page" in answer)) throw new Error(`Page ${pages} was not read: ${JSON.stringify(answer)}`);
      for (const { documentKey, changedAt } of answer.page.records) {
        found.push(String(documentKey));
        const index = Number(documentKey) - 100_000;
        expect(Date.parse(changedAt ?? "")).toBe(since + step * (index + 1));
      }
      page = answer.page.next;
    }
    await simulated.close();
    expect(pages).toBeGreaterThan(2);
    expect(found.sort()).toEqual(keys);
  });
});
