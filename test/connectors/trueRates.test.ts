import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { type Query, queryOf, requestedCost } from "#runtime/sandbox/queryCost.ts";
import type { Connector } from "#schemas/connector.ts";
import type { SimulatorLimit } from "#schemas/simulator.ts";
import { connectionOf, neededBy } from "./everyConnector.fixture.ts";
import { fixturesIn, readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

/** Every simulated system that has a rate enforces it, as its connector understands it. */

const START = Date.parse("2026-11-27T10:00:00Z");
/** More than any of them lets through at once. */
const MOST = 1_100;

const { catalog } = await builtCatalog();
const limited = Object.values(catalog.connectors).filter(
  ({ simulator }) => simulator?.limit !== undefined || simulator?.routes.some(({ limit }) => limit !== undefined),
);
/** The limits by whose own points a request is counted. */
const pointsOf = ({ simulator }: Connector): SimulatorLimit[] =>
  [simulator?.limit, ...Object.values(simulator?.limits ?? {})].filter((limit) => limit?.cost !== undefined) as SimulatorLimit[];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-rates-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Where a system lets thousands through at once, a test that asks so often would say no more than with fewer. */
const FEWER = { requests: 100, points: 1_200 };
function withFewer(connector: Connector): Connector {
  const limit = connector.simulator?.limit;
  if (!connector.simulator || !limit || limit.burst <= MOST) return connector;
  return {
    ...connector,
    simulator: { ...connector.simulator, limit: { ...limit, burst: limit.cost ? FEWER.points : FEWER.requests } },
  };
}

interface Asked {
  connector: string;
  operation: string;
}
const asked: Asked[] = limited.flatMap(({ id, operations }) =>
  Object.entries(operations).flatMap(([operation, { transport }]) =>
    transport === "http" || transport === "poll" ? [{ connector: id, operation }] : [],
  ),
);

/** The first request of an operation, and what the connector makes of an answer to it. */
async function firstOf(connector: Connector, name: string) {
  const known = connectionOf(connector);
  const declared = connector.operations[name];
  if (declared?.transport === "poll") {
    const { ask, readPage } = operationOf(connector, name, known, neededBy(declared.config));
    return { request: await ask(), read: (response: RawResponse) => readPage(response) };
  }
  const { item, config } = readJson(`./samples/${declared?.samples[0]}`) as Exchange;
  const { render, read } = operationOf(connector, name, known, config);
  const { request } = await render(item);
  return { request, read: (response: RawResponse) => read(item, response) };
}

/** Systems that count points say no under a good status. */
const isRefusal = ({ status, body }: RawResponse): boolean =>
  status === 429 || status === 420 || (status === 200 && /"code":\s*("THROTTLED"|30\b)/.test(body));

/** How many the system lets through before it refuses one, and the refusal. */
async function exhaust(
  system: Simulated,
  request: RenderedRequest,
): Promise<{ passed: number; refusal: RawResponse | undefined }> {
  for (let passed = 0; passed < MOST; passed += 1) {
    const answer = await system.answer(request);
    if (isRefusal(answer)) return { passed, refusal: answer };
  }
  return { passed: MOST, refusal: undefined };
}

/** Operations that their systems let through however often they are asked, and why. */
const unlimited: Readonly<Record<string, string>> = {
  "amazon-notifications.notified": "SQS takes any number of receives of a queue",
  "shopify.readFulfillmentOrders":
    "an order that is not there costs a single point, and it has more of them than it is asked here",
};

describe("the simulated systems' rates", () => {
  it("are those of more than the marketplaces that publish theirs", () => {
    expect(limited.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        "amazon",
        "walmart",
        "ebay",
        "etsy",
        "mercado-libre",
        "mirakl",
        "otto",
        "zalando",
        "business-central",
        "shiphero",
        "shipstation",
        "shopify",
        "slack",
        "stripe",
      ]),
    );
  });

  it.each(asked)(
    "$connector refuses one $operation too many, and takes the next when there is room",
    async ({ connector: id, operation }) => {
      const connector = withFewer(connectorOf(id));
      let now = START;
      const system = new Simulated(connector, connectionOf(connector), join(folder, `${id}.${operation}`), () => now);
      const { request, read } = await firstOf(connector, operation);
      const { passed, refusal } = await exhaust(system, request);
      if (refusal === undefined) {
        expect(Object.keys(unlimited)).toContain(`${id}.${operation}`);
        return system.close();
      }
      // The connector keeps to what the system allows: the requests of several steps count one by one, at several addresses.
      const declared = connector.operations[operation];
      const requests = 1 + ((declared && "steps" in declared && declared.steps?.length) || 0);
      const rate = (declared && "rate" in declared && declared.rate) || connector.limits.rate;
      const own = rate && { burst: rate.burst / requests, perSecond: rate.perSecond / requests };
      if (own) expect(own.burst).toBeLessThanOrEqual(passed);
      const failure = await read(refusal);
      expect(failure).toMatchObject({ ok: false, class: "rateLimited" });
      const wait = !failure.ok && "retryAfterMs" in failure && failure.retryAfterMs ? failure.retryAfterMs : 0;
      if (own) now += Math.max(wait, 1_000 / own.perSecond);
      else now += Math.max(wait, 3_600_000);
      expect(isRefusal(await system.answer(request))).toBe(false);
      await system.close();
    },
  );
});

describe("Amazon's rates", () => {
  interface Described {
    paths: Record<string, Record<string, { description?: string }>>;
  }
  /** The table in an operation's description: | Rate (requests per second) | Burst |. */
  const table = /\|\s*([\d.]+)\s*\|\s*(\d+)\s*\|/;
  const plain = (path: string) => path.replaceAll(/\{\w+\}/g, "{}");
  const published = new Map(
    fixturesIn("amazon-sp-api/models").flatMap(({ text }) =>
      Object.entries((JSON.parse(text) as Described).paths).flatMap(([path, methods]) =>
        Object.entries(methods).flatMap(([method, { description = "" }]): [string, { perSecond: number; burst: number }][] => {
          const [, rate, burst] = table.exec(description) ?? [];
          return rate === undefined
            ? []
            : [[`${method.toUpperCase()} ${plain(path)}`, { perSecond: +rate, burst: Number(burst) }]];
        }),
      ),
    ),
  );

  it.skipIf(published.size === 0)("are those that its descriptions publish, at each address that they describe", () => {
    const routes = connectorOf("amazon").simulator?.routes ?? [];
    const met = routes.flatMap(({ method, path, limit }) => {
      const rate = published.get(`${method} ${plain(path)}`);
      if (rate) expect({ path, limit }).toMatchObject({ path, limit: rate });
      return rate ? [path] : [];
    });
    expect(met.length).toBeGreaterThanOrEqual(8);
  });
});

it("Etsy's day comes to an end too: the connector leaves it alone for an hour", async () => {
  const etsy = connectorOf("etsy");
  const { day, ...limits } = etsy.simulator?.limits ?? {};
  const short = {
    ...etsy.simulator,
    routes: etsy.simulator?.routes ?? [],
    limits: { ...limits, day: { ...day, burst: 5 } as SimulatorLimit },
  };
  const connector: Connector = { ...etsy, simulator: short };
  const system = new Simulated(connector, connectionOf(connector), join(folder, "etsy.day"), () => START);
  const { request, read } = await firstOf(connector, "receiptsChanged");
  const { passed, refusal } = await exhaust(system, request);
  expect([passed, refusal?.headers["x-remaining-today"], refusal?.headers["x-remaining-this-second"]]).toEqual([5, "0", "4"]);
  expect(await read(refusal as RawResponse)).toMatchObject({ ok: false, class: "rateLimited", retryAfterMs: 3_600_000 });
  await system.close();
});

const crowded = Object.values(catalog.connectors).filter(({ simulator }) => simulator?.concurrency !== undefined);

describe("how many requests a system takes at once", () => {
  it("is declared of those that publish it", () => {
    expect(crowded.map(({ id }) => id)).toEqual(expect.arrayContaining(["business-central", "netsuite"]));
  });

  it.each(crowded)("$id refuses one more, and its connector never sends so many", async (declared) => {
    const { limit: _, ...simulator } = declared.simulator ?? { routes: [] };
    const connector: Connector = { ...declared, simulator };
    const most = connector.simulator?.concurrency?.most ?? 0;
    expect(connector.limits.concurrency).toBeLessThanOrEqual(most);
    const operation = Object.keys(connector.operations).find((name) => connector.operations[name]?.transport === "http") ?? "";
    const system = new Simulated(connector, connectionOf(connector), join(folder, `${connector.id}.crowd`), () => START);
    const { request, read } = await firstOf(connector, operation);
    const crowd = (count: number) => Promise.all(Array.from({ length: count }, () => system.answer(request)));
    expect((await crowd(most)).filter(isRefusal)).toEqual([]);
    const [refusal, ...more] = (await crowd(most + 1)).filter(isRefusal);
    expect(more).toEqual([]);
    expect(refusal?.headers).not.toHaveProperty("retry-after");
    expect(await read(refusal as RawResponse)).toMatchObject({ ok: false, class: "rateLimited" });
    await system.close();
  });
});

const counted = asked.filter(({ connector }) => pointsOf(connectorOf(connector)).length > 0);

describe("what a system counts by points", () => {
  it.each(counted)(
    "$connector is never asked for more by $operation than one request may cost, at its largest settings",
    async ({ connector: id, operation }) => {
      const connector = connectorOf(id);
      const system = new Simulated(connector, connectionOf(connector), join(folder, `${id}.${operation}.points`));
      const costs = pointsOf(connector).flatMap(({ cost }) => cost ?? []);
      for (const { body } of await questions(connector, operation, system)) {
        const query = queryOf(body);
        for (const cost of query ? costs : []) expect(requestedCost(cost, query as Query)).toBeLessThanOrEqual(cost.most);
      }
      await system.close();
    },
  );
});

/** The largest that a node may be set to. */
const largest = (schema: unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries((schema as { properties?: Record<string, { maximum?: number }> } | undefined)?.properties ?? {}).flatMap(
      ([name, { maximum }]) => (maximum === undefined ? [] : [[name, maximum]]),
    ),
  );

/** All that an operation asks, step by step, and what it asks to find out whether an earlier request was done. */
async function questions(connector: Connector, name: string, system: Simulated): Promise<RenderedRequest[]> {
  const known = connectionOf(connector);
  const declared = connector.operations[name];
  if (declared?.transport === "poll") {
    return [await operationOf(connector, name, known, { ...neededBy(declared.config), ...largest(declared.config) }).ask()];
  }
  const { item, config } = readJson(`./samples/${declared?.samples[0]}`) as Exchange;
  const { render, read } = operationOf(connector, name, known, config);
  const { request, lookup } = await render(item);
  const asked = [request, ...(lookup ? [lookup] : [])];
  let before: unknown[] | undefined;
  for (let next: RenderedRequest | undefined = request; next; ) {
    const answer = await read(item, await system.answer(next), "request", before);
    const following: { request: RenderedRequest; before: unknown[] } | undefined = answer.ok ? answer.next : undefined;
    next = following?.request;
    before = following?.before;
    if (next) asked.push(next);
  }
  return asked;
}

/** What Amazon's own descriptions say of each address: the table of its usage plan. */
const plans = ["ordersV0", "orders_2026-01-01", "reports_2021-06-30"].flatMap((model) =>
  fixturesIn("amazon-sp-api/models")
    .filter(({ name }) => name === `${model}.json`)
    .flatMap(({ text }) =>
      Object.entries((JSON.parse(text) as { paths: Record<string, Record<string, { description?: string }>> }).paths),
    )
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { description = "" }]) => {
        const [, perSecond, burst] = /\|\s*([0-9.]+)\s*\|\s*([0-9]+)\s*\|/.exec(description) ?? [];
        return perSecond === undefined
          ? []
          : [{ address: addressOf(method, path), perSecond: Number(perSecond), burst: Number(burst) }];
      }),
    ),
);

function addressOf(method: string, path: string): string {
  return `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "{}")}`;
}

it.skipIf(plans.length === 0)("Amazon's are those of its usage plans", () => {
  const compared = (connectorOf("amazon").simulator?.routes ?? []).flatMap(({ method, path, limit }) => {
    const plan = plans.find(({ address }) => address === addressOf(method, path));
    if (!plan || typeof limit !== "object") return [];
    return [{ ours: { address: plan.address, perSecond: limit.perSecond, burst: limit.burst }, plan }];
  });
  expect(compared.length).toBeGreaterThan(6);
  expect(compared.map(({ ours }) => ours)).toEqual(compared.map(({ plan }) => plan));
});
