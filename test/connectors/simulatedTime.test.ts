import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import type { Marketplace } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { connectorOf, operationOf } from "./operation.fixture.ts";
import { type Clock, pull } from "./pull.fixture.ts";
import { seeded, VirtualAmazon } from "./simulatedTime.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

const DAY_MS = 86_400_000;
const START = Date.parse("2026-11-27T00:00:00Z");
const iso = (time: number): string => new Date(time).toISOString();

it("Amazon's 20 requests at once and one each three minutes bring 100,000 orders, and lose none", async () => {
  const ORDERS = 100_000;
  const clock: Clock = { now: START };
  // A day's backlog, and a day and a half that comes while it is fetched.
  const to = START + 1.5 * DAY_MS;
  const amazon = new VirtualAmazon({ orders: ORDERS, from: START - DAY_MS + 60_000, to, now: () => clock.now });
  const inbox = await pull({
    clock,
    source: "ordersChanged",
    asked: operationOf("amazon", "ordersChanged", marketplaces.amazon as Marketplace),
    answer: (request) => amazon.answer(request),
    done: (upTo) => upTo > amazon.quietFrom,
  });

  const missing = [...amazon.newest].filter(([id, time]) => !inbox.has(JSON.stringify([id, iso(time)])));
  const hours = Math.round((clock.now - START) / 3_600_000);
  console.info(`${ORDERS} orders by ${amazon.counts.pages} pages in ${hours} simulated hours:`, amazon.counts);
  expect(missing).toEqual([]);
  // The world was not kind: pages were refused and failed on the way, and it is the rate that took so long.
  expect(amazon.counts.refused).toBeGreaterThan(0);
  expect(amazon.counts.failed).toBeGreaterThan(0);
  expect(hours).toBeGreaterThan(40);
}, 180_000);

it("Shopify's 2,000 points and 100 more each second bring a store's backlog, and lose none of what changes meanwhile", async () => {
  const ORDERS = 400;
  const clock: Clock = { now: START };
  const folder = await mkdtemp(join(tmpdir(), "orderloom-shopify-"));
  const connector = connectorOf("shopify");
  const known = connectionOf(connector);
  const store = new Simulated(connector, known, folder, () => clock.now);
  const random = seeded(311);
  const sample = readJson("./samples/shopify.orderCreated.us.json") as Record<string, unknown>;
  const newest = new Map<string, number>();
  const put = async (id: string, time: number): Promise<void> => {
    newest.set(id, time);
    await store.put("orders", id, { ...sample, id, updated_at: iso(time) });
  };
  for (let order = 0; order < ORDERS; order++)
    await put(String(5_900_000_000_000 + order), START - Math.floor(random() * DAY_MS * 0.9));
  // Every eighth changes once more while it is fetched: what was to come on a later page goes to the end.
  const changes = [...newest.keys()]
    .filter((_, at) => at % 8 === 0)
    .map((id): [string, number] => [id, START + Math.floor(random() * 60_000)])
    .sort(([, a], [, b]) => a - b);
  const last = changes.at(-1)?.[1] ?? 0;
  const counts = { pages: 0, throttled: 0, taken: 0 };
  const mutations = [...Array(60).keys()].map((at) => `m${at}: inventorySetQuantities(input: $input) { userErrors { message } }`);
  const foreign: RenderedRequest = {
    ...{ method: "POST", path: "/graphql.json", query: {}, headers: {}, timeoutMs: 1_000 },
    body: { query: `mutation M($input: InventorySetQuantitiesInput!) { ${mutations.join(" ")} }`, variables: {} },
  };
  let foreignAt = START;
  const answer = async (request: RenderedRequest): Promise<RawResponse> => {
    for (let next = changes[0]; next && next[1] <= clock.now; next = changes[0]) await put(...(changes.shift() ?? next));
    // Another process of the same app asks for much now and then, and leaves less for us.
    for (; foreignAt < clock.now; foreignAt += 10_000 * (0.5 + random())) {
      if (!(await store.answer(foreign)).body.includes("THROTTLED")) counts.taken++;
    }
    const told = await store.answer(request);
    counts[told.body.includes("THROTTLED") ? "throttled" : "pages"]++;
    return told;
  };
  const asked = operationOf("shopify", "ordersUpdated", known, { pageSize: 25 });
  const inbox = await pull({
    clock,
    source: "ordersUpdated",
    asked,
    answer,
    done: (upTo) => changes.length === 0 && upTo >= last,
  });
  await store.close();
  await rm(folder, { recursive: true, force: true });

  const seconds = Math.round((clock.now - START) / 1_000);
  console.info(`${ORDERS} orders by ${counts.pages} pages in ${seconds} simulated seconds:`, counts);
  expect([...newest].filter(([id, time]) => !inbox.has(JSON.stringify([id, iso(time)])))).toEqual([]);
  expect(counts.throttled).toBeGreaterThan(0);
}, 180_000);
