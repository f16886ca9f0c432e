import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { compilePlan } from "#nodes/compilePlan.ts";
import { type Catalog, makeLock } from "#nodes/lock.ts";
import type { EffectCall } from "#nodes/plan.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { openConnections } from "#runtime/store/connections.ts";
import { changeEnvironment } from "#runtime/store/environments.ts";
import { readVersion } from "#runtime/store/flows.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import type { Flow } from "#schemas/flow.ts";
import { deployments } from "./deployments.ts";
import { type PreviewedEffect, whyNotSent } from "./previewEffect.ts";

let store: Store;
let flow: Flow;
let catalog: Catalog;

beforeAll(async () => {
  store = await openStore();
  const version = await readVersion(store.db, store.deployment.flow_id, "latest");
  if (!version) throw new Error("no version");
  flow = version.flow;
  catalog = (await builtCatalog()).catalog;
});
afterAll(() => store.close());
beforeEach(async () => {
  await changeEnvironment(store.db, "dev", { protection: "approval" }, "test");
});

const written: EffectCall = {
  node: "erp",
  item: {},
  request: { method: "PUT", path: "/salesOrder", query: {}, headers: {}, timeoutMs: 1_000 },
  documentKey: "1001",
  effectKey: "dev/erp/1001",
  idempotency: "natural",
  read: false,
};

async function refused(drawn: Flow, more: Partial<EffectCall> = {}, sandbox = false, made = catalog): Promise<string | null> {
  const { db, box } = store;
  const [connection] = await openConnections(db, box, [store.erp]);
  if (!connection) throw new Error("no connection");
  const plan = compilePlan({ environment: "dev", flow: drawn, lock: makeLock(drawn, made), bindings: {} });
  const clock = { runId: "r", now: "2026-01-01T00:00:00.000Z", seed: "s", sourceNode: "orders" };
  const effect: PreviewedEffect = { plan, clock, call: { ...written, ...more }, connection: { ...connection, sandbox } };
  return whyNotSent({ db, deployments: deployments(db, box) }, effect);
}

const redrawn = (): Flow => ({
  ...flow,
  nodes: flow.nodes.map((node) => (node.id === "erp" ? { ...node, config: { ...node.config, memo: "Not approved" } } : node)),
});

it("a protected environment is sent what its version sends, and nothing that a draft alone would", async () => {
  expect(await refused(flow)).toBeNull();
  expect(await refused({ ...flow, name: "Another", nodes: flow.nodes.filter(({ id }) => id !== "orders") })).toBeNull();
  expect(await refused(redrawn())).toContain("dev is protected");
  // Nor what another mapping makes of it that was installed since; of another operation it makes nothing.
  const installed = (file: string) => ({ ...catalog, mappings: { ...catalog.mappings, [file]: `${catalog.mappings[file]} ` } });
  expect(await refused(flow, {}, false, installed("netsuite/netsuite.salesOrder.jsonata"))).toContain("dev is protected");
  expect(await refused(flow, {}, false, installed("netsuite/netsuite.shipment.jsonata"))).toBeNull();
});

it("what reads, or goes to a sandbox, or to an environment that is not protected, needs no promotion", async () => {
  expect(await refused(redrawn(), { read: true })).toBeNull();
  expect(await refused(redrawn(), {}, true)).toBeNull();
  await changeEnvironment(store.db, "dev", { protection: "none" }, "test");
  expect(await refused(redrawn())).toBeNull();
});

it("what is known by a key that the target forgets goes to a sandbox alone: a run may come after that", async () => {
  await changeEnvironment(store.db, "dev", { protection: "none" }, "test");
  const refunds: Flow = {
    ...flow,
    nodes: [{ id: "erp", type: "stripe.refundPayment", slot: "payments", config: {} }],
    slots: [{ name: "payments", connector: "stripe" }],
    edges: [],
  };
  expect(await refused(refunds, { idempotency: "key" })).toContain("a second time");
  expect(await refused(refunds, { idempotency: "key" }, true)).toBeNull();
  expect(await refused(flow, { idempotency: "key" })).toBeNull();
});

it("what a partner knows by a number of ours gets one from a run alone, or goes to a sandbox", async () => {
  await changeEnvironment(store.db, "dev", { protection: "none" }, "test");
  const numbered: Flow = {
    ...flow,
    nodes: [{ id: "erp", type: "x12.sendShippingOrder", slot: "partner", config: {} }],
    slots: [{ name: "partner", connector: "x12" }],
    edges: [],
  };
  expect(await refused(numbered)).toContain("control number");
  expect(await refused(numbered, {}, true)).toBeNull();
});
