import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { listAudit } from "./audit.ts";
import { createFlow, publishVersion, readDraft, versionSamples } from "./flows.ts";
import { keepSample, keepSamples, keptSamples, removeSample } from "./samples.ts";
import { openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const limits = { samplesPerFlow: 3 };
const pushed = (texts: Record<string, string>, seen: Record<string, number> = {}) => ({ texts, seen });

async function flowNamed(id: string, from?: string) {
  const draft = await readDraft(store.db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  const flow = { ...draft.flow, id };
  expect(await createFlow(store.db, flow, "ada", from === undefined ? null : { shared: from, copied: from })).toBe(true);
  return flow;
}

it("keeps a sample over the revision its editor had, and never over another editor's newer one", async () => {
  const { id: flow } = await flowNamed("kept-one");
  const keep = (body: string, revision: number, actor: string) =>
    keepSample(store.db, { flow, name: "gift", body, revision }, limits, actor);
  expect(await keep("1", 0, "ada")).toEqual({ ok: true, revision: 1 });
  expect(await keep("2", 1, "bob")).toEqual({ ok: true, revision: 2 });
  expect(await keep("3", 1, "ada")).toMatchObject({ ok: false, why: "conflict", current: { revision: 2, updatedBy: "bob" } });
  expect(await keep("3", 0, "ada")).toMatchObject({ ok: false, why: "conflict" });
  expect((await keptSamples(store.db, flow)).gift?.body).toBe("2");
  expect(await keepSample(store.db, { flow: "no-such", name: "a", body: "", revision: 0 }, limits, "ada")).toMatchObject({
    why: "missing",
  });
});

it("keeps no more than its limit, also when many are added at once, and all of a folder or none", async () => {
  const { id: flow } = await flowNamed("kept-full");
  const tried = await Promise.all(
    ["a", "b", "c", "d", "e"].map((name) => keepSample(store.db, { flow, name, body: name, revision: 0 }, limits, "ada")),
  );
  expect(tried.filter(({ ok }) => ok)).toHaveLength(3);
  expect(tried.filter(({ ok }) => !ok)).toEqual(Array(2).fill({ ok: false, why: "full" }));
  expect(await keepSamples(store.db, flow, pushed({ f: "f" }), limits, "ada")).toEqual({ ok: false, why: "full" });
  const [name = ""] = Object.keys(await keptSamples(store.db, flow));
  expect(await removeSample(store.db, flow, name, "bob")).toBe(true);
  expect(await removeSample(store.db, flow, name, "bob")).toBe(false);
  expect(await keepSamples(store.db, flow, pushed({ f: "f" }), limits, "ada")).toEqual({ ok: true });
  const { items } = await listAudit(store.db, { subject: flow, limit: 20 });
  expect(items.map(({ action }) => action).filter((action) => action !== "flow.created")).toEqual([
    ...["sample.kept", "sample.removed"],
    ...Array(3).fill("sample.kept"),
  ]);
});

it("pushed are noted as such until somebody keeps them, and what was kept after the look at them stands", async () => {
  const { id: flow } = await flowNamed("kept-pushed");
  const kept = async () => (await keptSamples(store.db, flow)).gift;
  const keep = (body: string, revision: number) => keepSample(store.db, { flow, name: "gift", body, revision }, limits, "bob");
  expect(await keepSamples(store.db, flow, pushed({ gift: "1" }), limits, "ada")).toEqual({ ok: true });
  expect(await kept()).toMatchObject({ body: "1", revision: 1, pushed: true });
  expect((await keep("2", 1)).ok).toBe(true);
  expect(await kept()).toMatchObject({ body: "2", pushed: false });
  expect(await keepSamples(store.db, flow, pushed({ gift: "3" }, { gift: 1 }), limits, "ada")).toEqual({
    ok: false,
    why: "conflict",
    name: "gift",
  });
  expect(await kept()).toMatchObject({ body: "2", revision: 2 });
  // Files that say what is here make it theirs.
  expect(await keepSamples(store.db, flow, pushed({ gift: "2" }, { gift: 2 }), limits, "ada")).toEqual({ ok: true });
  expect(await kept()).toMatchObject({ body: "2", revision: 2, pushed: true });
});

it("gives a copy the samples of its flow as they are then", async () => {
  const { id: flow } = await flowNamed("kept-first");
  await keepSamples(store.db, flow, pushed({ gift: "old" }), limits, "ada");
  const { id: copy } = await flowNamed("kept-copy", flow);
  await keepSamples(store.db, flow, pushed({ gift: "new" }, { gift: 1 }), limits, "ada");
  expect((await keptSamples(store.db, copy)).gift?.body).toBe("old");
});

it("keeps with a version the samples it was last published with", async () => {
  const flow = await flowNamed("kept-version");
  const { catalog } = await builtCatalog();
  const publish = (samples: Record<string, string> | null) =>
    publishVersion(store.db, flow, makeLock(flow, catalog), "", "ada", samples);
  expect((await publish(null)).version.number).toBe(1);
  expect(await versionSamples(store.db, flow.id, 1)).toBeNull();
  expect((await publish({ gift: "old" })).made).toBe(false);
  expect(await versionSamples(store.db, flow.id, 1)).toEqual({ gift: "old" });
  await publish({});
  expect(await versionSamples(store.db, flow.id, 1)).toEqual({});
});
