import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request as http } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemAccount } from "#nodes/connector/connection.ts";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import { httpPerformer } from "#runtime/engine/perform.ts";
import { tryConnection } from "#runtime/engine/tryConnection.ts";
import { openWire, type Wire } from "#runtime/engine/wire.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { type RunningSandbox, startSandbox } from "#runtime/sandbox/server.ts";
import { type OpenConnection, openConnections, putConnection } from "#runtime/store/connections.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import { openTokens } from "#runtime/tokens/tokens.ts";
import type { Connector } from "#schemas/connector.ts";
import { evaluate, readJson } from "./mapping.fixture.ts";
import type { Marketplace, Simulated } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** More than two pages of what any of them gives at once. */
const ORDERS = 450;
const HOUR_MS = 3_600_000;

const parcels = { config: { accountName: "northwind-parcels" }, secrets: { apiKey: "parcel-key", apiSecret: "parcel-secret" } };

let folder: string;
let sandbox: RunningSandbox;
let store: Store;
let wire: Wire;
const connections = new Map<string, OpenConnection>();
const known = new Map<string, Marketplace>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-marketplaces-"));
  // One process plays them all; what they are told of each other's tokens differs.
  const all: [string, Pick<Marketplace, "config" | "secrets">][] = [...Object.entries(marketplaces), ["shipstation", parcels]];
  sandbox = await startSandbox({
    data: folder,
    connections: all.map(([name, { config, secrets }]) => ({ name, connector: unlimited(connectorOf(name)), config, secrets })),
  });
  store = await openStore();
  wire = openWire(openReaches(["loopback"]));
  for (const [name, marketplace] of all) {
    const connector = connectorOf(name);
    const baseUrl = `http://127.0.0.1:${sandbox.port}/${name}`;
    const { auth } = connector;
    const tokenUrl = auth.type === "oauth2" && !String(auth.tokenUrl).startsWith("/") ? tokenBeside(baseUrl, auth.tokenUrl) : {};
    const config = { ...marketplace.config, baseUrl, ...tokenUrl };
    const id = await putConnection(
      store.db,
      store.box,
      {
        environment: "dev",
        name,
        connector: name,
        connectorVersion: connector.version,
        systemAccount: systemAccount(connector, config),
        config,
        secrets: marketplace.secrets,
        sandbox: true,
      },
      "test",
    );
    const [connection] = await openConnections(store.db, store.box, [id]);
    if (!connection) throw new Error("The connection was not made.");
    connections.set(name, connection);
    if (name in marketplaces) known.set(name, { ...(marketplaces[name] as Marketplace), config });
  }
});
afterAll(async () => {
  await wire.close();
  await sandbox.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Without the true limits, which runtime/sandbox/throttle.test.ts plays: here many requests come at once. */
function unlimited(connector: Connector): Connector {
  const { limit: _, routes = [], ...rest } = connector.simulator ?? {};
  return { ...connector, simulator: { ...rest, routes: routes.map(({ limit: __, ...route }) => route) } };
}

const tokenBeside = (base: string, address: unknown): { tokenUrl: string } => ({
  tokenUrl: base + new URL(String(address)).pathname,
});

/** Sends a request as the product does, token and all. */
async function perform(id: string, request: RenderedRequest): Promise<RawResponse> {
  const { db, box } = store;
  const run = (text: string, input: unknown) => evaluate(text, input);
  const performer = httpPerformer({ wire, evaluate: run, tokens: openTokens({ db, box, wire, evaluate: run }) });
  const performed = await performer.perform(connectorOf(id), connections.get(id) as OpenConnection, request);
  if (!performed.ok) throw new Error(`${id} was not reached: ${JSON.stringify(performed.failure)}`);
  return performed.response;
}

async function control(method: "GET" | "PUT", path: string, record?: unknown): Promise<Tree> {
  const { body, statusCode } = await http(`http://127.0.0.1:${sandbox.port}/_sandbox/ledger/${path}`, {
    method,
    ...(record === undefined ? {} : { body: JSON.stringify(record) }),
  });
  const answer = (await body.json()) as Tree;
  if (statusCode !== 200) throw new Error(`The sandbox answered ${statusCode}: ${JSON.stringify(answer)}`);
  return answer;
}

const each = Object.entries(marketplaces);

describe.each(each.flatMap(([id, { simulated }]) => simulated.map((one) => ({ id, ...one }))))(
  "the simulated $id, asked by $source",
  ({ id, source, ledger, order }: Simulated & { id: string }) => {
    it("gives every order of a window, page by page", async () => {
      const { operation, ask, readPage } = operationOf(id, source, known.get(id) as Marketplace);
      const sample = readJson(`./samples/${operation?.samples[0]}`) as Tree;
      const now = Date.now();
      const [since, until] = [now - 5 * HOUR_MS, now - HOUR_MS];
      const step = (until - since) / (ORDERS + 1);
      const placed = Array.from({ length: ORDERS }, (_, index) => order(sample, index, new Date(since + step * (index + 1))));
      const outside = [order(sample, ORDERS, new Date(since - HOUR_MS / 2))];
      // A source without windows asks for all up to now.
      const windows = operation?.transport === "poll" && operation.delta?.windowMs !== undefined;
      if (windows) outside.push(order(sample, ORDERS + 1, new Date(until + HOUR_MS / 2)));
      for (const { key, record } of [...placed, ...outside])
        await control("PUT", `${id}/${ledger}/${encodeURIComponent(key)}`, record);
      const at = { now: new Date(now).toISOString(), since: new Date(since).toISOString(), until: new Date(until).toISOString() };
      const found: string[] = [];
      let pages = 0;
      for (let page: unknown = null; pages === 0 || page !== null; pages += 1) {
        const answer = await readPage(await perform(id, await ask({ ...at, page })), { ...at, page });
        if (!answer.ok || !("page" in answer)) throw new Error(`Page ${pages} was not read: ${JSON.stringify(answer)}`);
        found.push(...answer.page.records.map(({ documentKey }) => String(documentKey)));
        page = answer.page.next;
      }
      expect(pages).toBeGreaterThan(2);
      // Pages by offset overlap by one record.
      expect([...new Set(found)].sort()).toEqual(placed.map(({ key }) => key).sort());
    });
  },
);

const sending = each.flatMap(([id]) =>
  Object.entries(connectorOf(id).operations).flatMap(([name, operation]) =>
    operation.transport === "http" ? operation.samples.map((sample) => ({ id, name, sample, kind: operation.kind })) : [],
  ),
);

describe("the simulated marketplaces", () => {
  it.each([...each.map(([id]) => id), "shipstation"])("%s lets its connection in, and none with another secret", async (id) => {
    const { db, box } = store;
    const run = (text: string, input: unknown) => evaluate(text, input);
    const http = httpPerformer({ wire, evaluate: run, tokens: openTokens({ db, box, wire, evaluate: run }) });
    const parts = {
      http,
      evaluators: { expression: ({ text, input }: { text: string; input: unknown }) => run(text, input) },
    };
    const connector = connectorOf(id);
    const right = connections.get(id) as OpenConnection;
    const attempt = async (connectionId: string, declared: Connector) => {
      const [open] = await openConnections(db, box, [connectionId]);
      return tryConnection(parts, declared, open as OpenConnection);
    };
    expect(await attempt(right.id, connector)).toEqual({
      outcome: "passed",
      message: `${connector.title} let the connection in.`,
      hint: null,
      status: 200,
      ms: expect.any(Number),
    });
    const { test: _, ...without } = connector;
    const reached = await attempt(right.id, without);
    expect(reached).toMatchObject({ outcome: "reached", status: 404 });
    expect(reached.message).toContain("reached, not proven");
    const secrets = Object.fromEntries(Object.keys(right.secrets).map((name) => [name, "another"]));
    const wrong = await putConnection(db, box, { ...right, name: `${id}-wrong`, secrets }, "test");
    const refused = await attempt(wrong, connector);
    expect(refused).toMatchObject({ outcome: "failed" });
    expect(refused.message).not.toContain("another");
  });

  beforeAll(async () => {
    for (const [id, { placed = [], simulated }] of each) {
      for (const { source, ledger } of simulated.filter(({ source }) => placed.includes(source))) {
        const { operation, readPage } = operationOf(id, source, known.get(id) as Marketplace);
        for (const file of operation?.samples ?? []) {
          const record = readJson(`./samples/${file}`);
          const body = JSON.stringify(marketplaces[id]?.operations[source]?.page?.(record));
          const answer = await readPage({ body });
          if (!answer.ok || !("page" in answer)) throw new Error(`${file} is no record of ${source}.`);
          await control("PUT", `${id}/${ledger}/${answer.page.records[0]?.documentKey}`, record);
        }
      }
    }
  });

  it.each(sending.filter(({ kind }) => kind === "sink"))(
    "$id takes $sample, and twice does no more",
    async ({ id, name, sample }) => {
      const { item } = readJson(`./samples/${sample}`) as Exchange;
      const { render, read, operation } = operationOf(id, name, known.get(id) as Marketplace);
      const call = await render(item);
      const first = await read(item, await perform(id, call.request));
      expect(first).toMatchObject({ ok: true });
      for (let step = first; step.ok && step.next; ) {
        const { before, request } = step.next;
        step = await read(item, await perform(id, request), "request", before);
        expect(step).toMatchObject({ ok: true });
      }
      if (operation?.transport === "http" && operation.steps) return;
      if (call.lookup)
        expect(await read(item, await perform(id, call.lookup), "lookup")).toMatchObject({ ok: true, found: true });
      else if (operation?.transport === "http" && operation.idempotency.mode === "natural") {
        const rows = async () => JSON.stringify(await control("GET", id).then(() => ledgersOf(id)));
        const before = await rows();
        expect(await read(item, await perform(id, call.request))).toMatchObject({ ok: true });
        expect(await rows()).toBe(before);
      }
    },
  );

  it("amazon takes no package of another carrier that has no name", async () => {
    const { item } = readJson("./samples/amazon.confirmShipment.json") as Exchange;
    const { render, read } = operationOf("amazon", "confirmShipment", known.get("amazon") as Marketplace);
    const { request } = await render(item);
    const { carrierName: _, ...unnamed } = (request.body as { packageDetail: Tree }).packageDetail;
    const body = { ...(request.body as Tree), packageDetail: { ...unnamed, carrierCode: "Other" } };
    expect(await read(item, await perform("amazon", { ...request, body }))).toMatchObject({ ok: false, class: "rejected" });
  });
});

/** Operations that tell a marketplace of a shipment of one of its orders. */
const confirming = sending.filter(({ name }) => name === "confirmShipment");
/** Told by an order's lines alone, whose ids are of no other. */
const byOrder = confirming.filter(({ id }) => id !== "vendure");
/** The others are told of a parcel of the whole order; no line stands in the request. */
const byLine = confirming.filter(({ id }) => !["etsy", "woocommerce", "mercado-libre"].includes(id));

describe("a simulated marketplace is told of what was shipped", () => {
  /** How it answers to a sample that is changed before it is sent, at its first request or a later one. */
  async function answerTo(id: string, sample: string, change: (item: Tree) => Tree) {
    const { render, read } = operationOf(id, "confirmShipment", known.get(id) as Marketplace);
    const changed = change((readJson(`./samples/${sample}`) as Exchange).item as Tree);
    // What its own connector refuses is not even sent.
    const call = await render(changed).catch((error: Error) => error);
    if (call instanceof Error) return { ok: false, message: call.message };
    let answer = await read(changed, await perform(id, call.request));
    for (let steps = 0; answer.ok && answer.next && steps < 9; steps += 1)
      answer = await read(changed, await perform(id, answer.next.request), "request", answer.next.before);
    return { ok: answer.ok, message: answer.ok ? "" : answer.reason.message };
  }

  it.each(byOrder)("$id refuses it for an order that nobody placed", async ({ id, sample }) => {
    const strange = (item: Tree) => {
      const { externalId } = item.orderRef as { externalId: string };
      const other = String(externalId).replace(/[0-9](?=[^0-9]*$)/, (digit) => String(9 - Number(digit)));
      return { ...item, orderRef: { ...(item.orderRef as Tree), externalId: other, shipment: "44417000999" } };
    };
    expect(await answerTo(id, sample, strange)).toMatchObject({ ok: false });
  });

  it.each(byLine)("$id refuses a line that the order does not have", async ({ id, sample }) => {
    const strange = (item: Tree) => ({ ...item, lines: [{ lineId: "999000999", sku: "NO-SUCH", quantity: 1 }] });
    expect(await answerTo(id, sample, strange)).toMatchObject({ ok: false });
  });

  it("Amazon's older list gives no orders of a status or of a shipper that were not asked for", async () => {
    const at = new Date(Date.now() - HOUR_MS);
    const order = readJson("./samples/amazon.ordersChangedV0.json") as Tree;
    const kinds = { "113-1": {}, "113-2": { FulfillmentChannel: "AFN" }, "113-3": { OrderStatus: "Pending" } };
    for (const [AmazonOrderId, kind] of Object.entries(kinds)) {
      const record = { ...order, ...kind, AmazonOrderId, LastUpdateDate: at.toISOString() };
      await control("PUT", `amazon/ordersV0/${AmazonOrderId}`, record);
    }
    const since = new Date(at.getTime() - 1).toISOString();
    const { ask, readPage } = operationOf("amazon", "ordersChangedV0", known.get("amazon") as Marketplace);
    const position = { now: new Date().toISOString(), since, until: new Date(at.getTime() + 1).toISOString(), page: null };
    const answer = await readPage(await perform("amazon", await ask(position)), position);
    if (!answer.ok || !("page" in answer)) throw new Error(JSON.stringify(answer));
    expect(answer.page.records.map(({ documentKey }) => documentKey)).toEqual(["113-1"]);
  });

  it("Walmart refuses what was not acknowledged, and more than was ordered", async () => {
    const order = readJson("./samples/walmart.ordersChanged.json") as Tree;
    await control("PUT", "walmart/orders/3799110400999", { ...order, purchaseOrderId: "3799110400999" });
    const of = (quantity: number) => (item: Tree) => ({
      ...item,
      orderRef: { ...(item.orderRef as Tree), externalId: "3799110400999" },
      lines: [{ ...(item.lines as Tree[])[0], quantity }],
    });
    const told = (quantity: number) => answerTo("walmart", "walmart.confirmShipment.json", of(quantity));
    expect(await told(1)).toMatchObject({ ok: false, message: expect.stringMatching(/Acknowledge the order/) });
    const { render } = operationOf("walmart", "acknowledge", known.get("walmart") as Marketplace);
    await perform("walmart", (await render({ externalId: "3799110400999" })).request);
    expect(await told(99)).toMatchObject({ ok: false, message: expect.stringMatching(/More is shipped than was ordered/) });
    expect(await told(1)).toMatchObject({ ok: true });
  });
});

/** What every ledger of a system holds, without counts of writes. */
async function ledgersOf(id: string): Promise<unknown[]> {
  const names = (await control("GET", ""))[id] as string[];
  return Promise.all(
    names.map(async (name) => {
      const { rows } = (await control("GET", `${id}/${name}`)) as { rows: Tree[] };
      return rows.map(({ key, record, creates }) => ({ name, key, record, creates }));
    }),
  );
}
