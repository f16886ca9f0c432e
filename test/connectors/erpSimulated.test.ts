import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RenderedRequest } from "#nodes/plan.ts";
import { type HttpPerformer, httpPerformer } from "#runtime/engine/perform.ts";
import { tryConnection } from "#runtime/engine/tryConnection.ts";
import { openWire, type Wire } from "#runtime/engine/wire.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { type RunningSandbox, startSandbox } from "#runtime/sandbox/server.ts";
import { type OpenConnection, openConnections, putConnection } from "#runtime/store/connections.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import { openTokens } from "#runtime/tokens/tokens.ts";
import { exampleOf, exampleOperation, sampleOf, systems } from "./erp.fixture.ts";
import { evaluate } from "./mapping.fixture.ts";
import { connectorOf } from "./operation.fixture.ts";

/** Every ERP and warehouse against its own simulator, over HTTP, with the auth that both sides take seriously. */

let folder: string;
let sandbox: RunningSandbox;
let store: Store;
let wire: Wire;
let http: HttpPerformer;
const connections = new Map<string, OpenConnection>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-simulated-"));
  sandbox = await startSandbox({
    data: folder,
    connections: systems.map(({ id: name }) => ({
      name,
      connector: connectorOf(name),
      ...exampleOf(name, {}, `http://sandbox/${name}`),
    })),
  });
  store = await openStore();
  wire = openWire(openReaches(["loopback"]));
  const { db, box } = store;
  http = httpPerformer({ wire, evaluate, tokens: openTokens({ db, box, wire, evaluate }) });
  for (const { id: name } of systems) {
    const known = exampleOf(name, {}, `http://127.0.0.1:${sandbox.port}/${name}`);
    const of = { environment: "dev", name, connector: name, connectorVersion: connectorOf(name).version, systemAccount: name };
    const input = { ...of, ...known, sandbox: true };
    const [open] = await openConnections(db, box, [await putConnection(db, box, input, "test")]);
    if (open) connections.set(name, open);
  }
});
afterAll(async () => {
  await wire.close();
  await sandbox.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

async function perform(id: string, request: RenderedRequest) {
  const connection = connections.get(id);
  if (!connection) throw new Error(`There is no connection ${id}.`);
  const performed = await http.perform(connectorOf(id), connection, request);
  if (!performed.ok) throw new Error(JSON.stringify(performed.failure));
  return performed.response;
}

const creates = async (id: string): Promise<Record<string, number>> => {
  const at = `http://127.0.0.1:${sandbox.port}/_sandbox/ledger`;
  const names = ((await (await fetch(at)).json()) as Record<string, string[]>)[id] ?? [];
  const counts: Record<string, number> = {};
  for (const name of names) {
    const { rows } = (await (await fetch(`${at}/${id}/${name}`)).json()) as { rows: { key: string; creates: number }[] };
    for (const row of rows) counts[row.key] = row.creates;
  }
  return counts;
};

const operations = systems.flatMap(({ id, refusesTwice }) =>
  Object.entries(connectorOf(id).operations).map(([name, operation]) => ({
    id,
    refusesTwice,
    name,
    operation,
    file: operation.samples[0] ?? "",
  })),
);

describe("the simulator", () => {
  it.each(operations.filter(({ operation }) => operation.transport === "http"))(
    "of $id answers $name as the system would",
    async ({ id, name, file }) => {
      const { item, config } = sampleOf(file);
      const { render, read } = exampleOperation(id, name, {}, config);
      const call = await render(item);
      expect(await read(item, await perform(id, call.request))).toMatchObject({ ok: true, found: true });
    },
  );

  it.each(operations.filter(({ operation }) => operation.transport === "poll"))(
    "of $id has something to poll for $name",
    async ({ id, name }) => {
      const { ask, readPage } = exampleOperation(id, name);
      const times = { now: "2026-09-16T00:00:00.000Z", since: "2026-09-15T00:00:00.000Z", until: "2026-09-16T00:00:00.000Z" };
      const read = await readPage(await perform(id, await ask(times)), times);
      expect(read).toMatchObject({
        ok: true,
        page: { records: [{ changedAt: expect.stringMatching(/^2026-09-1/) }], next: null },
      });
    },
  );

  const booking = operations.filter(
    ({ operation }) =>
      operation.transport === "http" &&
      operation.kind === "sink" &&
      operation.idempotency.mode === "lookup" &&
      operation.event === "create",
  );
  it.each(booking)(
    "of $id finds what was booked, nothing else, and tells of a second one",
    async ({ id, refusesTwice, name, file }) => {
      const { item, config } = sampleOf(file);
      const { render, read } = exampleOperation(id, name, {}, config);
      const [here, elsewhere] = [
        await render({ ...(item as object), externalId: "once" }),
        await render({ ...(item as object), externalId: "never" }),
      ];
      await perform(id, here.request);
      const found = async ({ lookup }: typeof here) => read(item, await perform(id, lookup as RenderedRequest), "lookup");
      expect(await found(here)).toMatchObject({ ok: true, found: true, result: { id: expect.anything() } });
      expect(await found(elsewhere)).toMatchObject({ ok: true, found: false });
      expect((await creates(id)).SHOPIFY_once).toBe(1);
      const twice = await read(item, await perform(id, here.request));
      if (refusesTwice) expect(twice).toMatchObject({ ok: false, class: "duplicate", applied: "no" });
      expect((await creates(id)).SHOPIFY_once).toBe(refusesTwice ? 1 : 2);
    },
  );

  const nobody = { customerId: 0, customer: "", customerNumber: "", partnerId: 0, partyId: 0, soldToParty: "" };
  it.each(booking)(
    "of $id refuses an order without a customer, with a sentence, and books nothing",
    async ({ id, name, file }) => {
      const { item, config } = sampleOf(file);
      const { render, read } = exampleOperation(id, name, nobody, config);
      const call = await render({ ...(item as object), externalId: "nobody" });
      const refused = await read(item, await perform(id, call.request));
      const reason = { message: expect.stringMatching(/^[A-Z[].+/) };
      expect(refused).toMatchObject({ ok: false, class: "rejected", applied: "no", reason });
      expect(await creates(id)).not.toHaveProperty("SHOPIFY_nobody");
    },
  );

  it("of avalara takes a transaction back, and says so when it is asked before that is sent again", async () => {
    const order = { ...(sampleOf("avalara.recordTax.json").item as object), externalId: "void" };
    const operation = (name: string) => exampleOperation("avalara", name);
    const told = async (name: string) =>
      operation(name).read(order, await perform("avalara", (await operation(name).render(order)).request));
    const taken = await operation("voidTax").render(order);
    const asked = async () =>
      operation("voidTax").read(order, await perform("avalara", taken.lookup as RenderedRequest), "lookup");
    expect(await told("voidTax")).toMatchObject({ ok: true, result: { status: "NotRecorded" } });
    expect(await told("recordTax")).toMatchObject({ ok: true, result: { status: "Saved" } });
    expect(await asked()).toMatchObject({ ok: true, found: false });
    expect(await told("voidTax")).toMatchObject({ ok: true, result: { status: "Cancelled", code: "SHOPIFY_void" } });
    expect(await asked()).toMatchObject({ ok: true, found: true });
    expect(await told("getTransaction")).toMatchObject({ ok: true, result: { status: "Cancelled" } });
  });

  it.each(systems)("of $id passes the test of its connection, and fails it with other secrets", async ({ id }) => {
    const { db, box } = store;
    const expression = ({ text, input }: { text: string; input: unknown }) => evaluate(text, input);
    const connector = connectorOf(id);
    const attempt = async (connection: string) => {
      const [open] = await openConnections(db, box, [connection]);
      return tryConnection({ http, evaluators: { expression } }, connector, open as OpenConnection);
    };
    const right = connections.get(id) as OpenConnection;
    const said = { message: `${connector.title} let the connection in.`, hint: null, status: 200 };
    expect(await attempt(right.id)).toMatchObject({ outcome: "passed", ...said });
    const secrets = Object.fromEntries(Object.keys(right.secrets).map((name) => [name, "another"]));
    const wrong = await attempt(await putConnection(db, box, { ...right, name: `${id}-wrong`, secrets }, "test"));
    expect(wrong).toMatchObject({ outcome: "failed" });
    expect(wrong.message).not.toContain("another");
  });
});
