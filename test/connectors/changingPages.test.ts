import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { afterPage, newPoll, nextPage, type PollCursor } from "#runtime/sources/pollRound.ts";
import type { PollOperation } from "#schemas/sourceOperation.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, operationOf } from "./operation.fixture.ts";
import { type Polled, polled } from "./polled.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

/** Stores do not stand still while they are read: every source that polls is asked page by page while records change, come and go. */

type Tree = Record<string, unknown>;

/** Sources whose records keep the time that they are asked for by. */
const madeOnce = new Set([
  ...["shiphero.shipmentsCreated", "stripe.payoutsChanged", "stripe.transactionsCreated", "shopify.payoutsChanged"],
  ...["mirakl.invoicesIssued", "amazon.settlementsReady", "ebay.payoutsChanged", "vendure.ordersPlaced"],
  "shipstation.shipmentsCreated",
]);

/** Sources from whose lists nothing goes while they are read. */
const neverGone: Readonly<Record<string, string>> = {
  "stripe.payoutsChanged": "a payout is cancelled, never taken away",
  "stripe.transactionsCreated": "a balance is written forth",
  "shipstation.shipmentsCreated": "a label is voided, never taken away",
};

/** Sources that are no list of a store's. */
const otherwise: Readonly<Record<string, string>> = {
  "amazon-notifications.notified": "a queue: what is not taken out of it is given again",
  "walmart.settlementsReady": "every day of a report is told at once, in no pages",
  "sql.rowsChanged": "a statement of the user's, read by offset: runtime/sources/pollRound.test.ts",
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Some systems tell only the day. */
const byDay = new Set(["sap-s4.deliveriesIssued", "shopify.payoutsChanged"]);
const iso = (ms: number): string => new Date(ms).toISOString();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-changing-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const connectors = readdirSync(new URL("../../nodes/connectors/", import.meta.url))
  .filter((file) => file.endsWith(".connector.json"))
  .map((file) => connectorOf(file.replace(".connector.json", "")));

it("leaves no source out", () => {
  const all = connectors.flatMap(({ id, operations }) =>
    Object.entries(operations).flatMap(([name, { transport }]) => (transport === "poll" ? [`${id}.${name}`] : [])),
  );
  const tested = polled.map(({ id, source }) => `${id}.${source}`);
  expect([...tested, ...Object.keys(otherwise)].sort()).toEqual(all.sort());
});

/** What a page holds at most. */
const sizeOf = (id: string, { page, request }: PollOperation): number => {
  if (page && "size" in page) return page.size;
  const asked = JSON.stringify(request).match(
    /(?:limit|maxpagesize|pageSize|maxResultsPerPage|pgsiz|top|pageSize)["=\\: ]*"?(\d+)/i,
  );
  return { shiphero: 20, zalando: 100, tryton: 100, odoo: 100, "sap-s4": 100, shopify: 250 }[id] ?? Number(asked?.[1] ?? 100);
};

/** One source against its simulated system, and what a person of the store does meanwhile. */
async function opened({ id, source, ledger, order, known }: Polled) {
  const connector = connectorOf(id);
  const simulated = new Simulated(connector, known, join(folder, `${id}-${source}`));
  const config = id === "shopify" && source === "ordersUpdated" ? { pageSize: 50 } : {};
  const { operation, ask, readPage } = operationOf(connector, source, known, config);
  if (operation?.transport !== "poll") throw new Error(`${id}.${source} is no source that polls.`);
  const sample = readJson(
    `./samples/${id === "shopify" && ledger === "orders" ? "shopify.orderCreated.us.json" : operation.samples[0]}`,
  ) as Tree;
  const put = async (n: number, at: number): Promise<string> => {
    const { key, record } = order(sample, n, new Date(at));
    await simulated.put(ledger, key, record);
    return key;
  };
  /** One look as the product does it: rounds until what comes next is only in an interval; `between` two pages. */
  const look = async (from: PollCursor, now: number, between: (given: string[]) => Promise<void>) => {
    const seen = new Set<string>();
    const changed = new Map<string, number>();
    let cursor = from;
    for (let pages = 1; ; pages++) {
      const { round, at } = nextPage(cursor, operation, iso(now));
      const read = await readPage(await simulated.answer(await ask(at)), at);
      if (!read.ok || !("page" in read)) throw new Error(`A page of ${id}.${source} was not read: ${JSON.stringify(read)}`);
      const wanted = read.page.records.filter(({ passedOver }) => !passedOver);
      const given = wanted.map(({ documentKey }) => String(documentKey));
      for (const key of given) seen.add(key);
      for (const { documentKey, changedAt } of read.page.records) changed.set(String(documentKey), Date.parse(changedAt ?? ""));
      const after = afterPage(cursor, round, read.page, operation);
      if (!after.ok) throw new Error(after.reason.message);
      cursor = after.cursor;
      if (after.next === "end") return { seen, changed, cursor, pages };
      await between(given);
    }
  };
  const size = config.pageSize ?? sizeOf(id, operation);
  const lookBackMs = operation.delta?.lookBackMs ?? 0;
  return { simulated, put, look, remove: (key: string) => simulated.remove(ledger, key), size, lookBackMs };
}

describe.each(polled.map((one) => ({ ...one, name: `${one.id}.${one.source}` })))("$name", (one) => {
  it("misses nothing that stood still while records of its pages changed, went and came", async () => {
    const { simulated, put, look, remove, size, lookBackMs } = await opened(one);
    const count = Math.ceil(size * 2.4);
    // A while ago: some systems show a change minutes late.
    const now = Date.now() - 10 * 60_000;
    const numbers = new Map<string, number>();
    const before = await put(90_000, now - lookBackMs - 2 * DAY_MS);
    const step = Math.floor((19 * HOUR_MS) / count);
    for (let n = 0; n < count; n++) numbers.set(await put(n, now - 20 * HOUR_MS + n * step), n);
    const still = new Set(numbers.keys());
    const later = new Set<string>();
    let made = count;
    let turns = 0;
    const first = await look(newPoll, now, async (given) => {
      const here = given.filter((key) => still.has(key));
      // Five of the page that was just given change, and three others go; two are new.
      if (turns++ < 6 && !madeOnce.has(one.name)) {
        for (const key of here.slice(0, 5)) {
          still.delete(key);
          later.add(await put(numbers.get(key) ?? 0, now + 1_000));
        }
      }
      if (turns <= 6 && neverGone[one.name] === undefined) {
        for (const key of here.slice(-3)) {
          await remove(key);
          still.delete(key);
        }
      }
      for (let n = 0; turns <= 6 && n < 2; n++) later.add(await put(made++, now + 1_000));
    });
    expect(first.pages).toBeGreaterThan(2);
    expect([...still].filter((key) => !first.seen.has(key))).toEqual([]);
    expect(first.seen).not.toContain(before);
    const off = ([key, n]: [string, number]): number => Math.abs((first.changed.get(key) ?? 0) - (now - 20 * HOUR_MS + n * step));
    const wrong = [...numbers].filter((each) => still.has(each[0]) && off(each) > (byDay.has(one.name) ? DAY_MS : 1_000));
    expect(wrong).toEqual([]);
    // What changed and came meanwhile is the next look's.
    const second = await look(first.cursor, now + HOUR_MS, async () => undefined);
    await simulated.close();
    expect([...later].filter((key) => !second.seen.has(key) && !first.seen.has(key))).toEqual([]);
    expect(later.size).toBeGreaterThan(3);
  });
});
