import { afterAll, beforeAll, expect, it } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { listAudit } from "./audit.ts";
import { listDeployments, putDeployment } from "./deployments.ts";
import { listVersions, publishVersion, readDraft, readVersion, saveDraft } from "./flows.ts";
import { VersionRetired } from "./retired.ts";
import { openStore, type Store } from "./store.fixture.ts";
import { restoreVersion, setVersionState } from "./versions.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

it("a version can be retired where nothing runs it, and set live again; the audit has both", async () => {
  const { db } = store;
  const { catalog } = await builtCatalog();
  const draft = await readDraft(db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  await publishVersion(db, { ...draft.flow, name: "Changed" }, makeLock(draft.flow, catalog), "Another name", "ada");
  expect(await setVersionState(db, sandboxFlow, 1, "retired", "ada")).toEqual({
    ok: false,
    why: "deployed",
    environments: [{ id: "dev", title: "Development" }],
  });
  expect(await setVersionState(db, sandboxFlow, 1, "deprecated", "ada")).toMatchObject({ ok: true });
  expect(await setVersionState(db, sandboxFlow, 2, "retired", "ada")).toMatchObject({
    ok: true,
    version: { number: 2, state: "retired", stateBy: "ada" },
  });
  expect(await setVersionState(db, sandboxFlow, 3, "retired", "ada")).toEqual({ ok: false, why: "missing" });
  const states = async () => (await listVersions(db, sandboxFlow)).map(({ number, state }) => [number, state]);
  expect(await states()).toEqual([
    [2, "retired"],
    [1, "deprecated"],
  ]);
  await setVersionState(db, sandboxFlow, 2, "live", "bob");
  expect(await states()).toContainEqual([2, "live"]);
  const { items } = await listAudit(db, { action: "version.stateSet", limit: 10 });
  expect(items.map(({ actor, before, after }) => [actor, before, after])).toEqual([
    ["bob", { state: "retired" }, { state: "live" }],
    ["ada", { state: "live" }, { state: "retired" }],
    ["ada", { state: "live" }, { state: "deprecated" }],
  ]);
});

it("whoever deploys a version while another person retires it: one of the two comes first, and it never runs retired", async () => {
  const { db } = store;
  const version = await readVersion(db, sandboxFlow, 2);
  const first = await readVersion(db, sandboxFlow, 1);
  if (!version || !first) throw new Error("no version");
  for (let round = 0; round < 5; round++) {
    const [deployed, retired] = await Promise.allSettled([
      putDeployment(db, "dev", sandboxFlow, { version }, "ada"),
      setVersionState(db, sandboxFlow, 2, "retired", "bob"),
    ]);
    const [stands] = await listDeployments(db, sandboxFlow);
    const runs = stands?.versions.some(({ number }) => number === 2);
    expect(runs).toBe(deployed.status === "fulfilled");
    if (deployed.status === "rejected") expect(deployed.reason).toBeInstanceOf(VersionRetired);
    expect(retired).toMatchObject({ status: "fulfilled", value: { ok: !runs } });
    await putDeployment(db, "dev", sandboxFlow, { version: first }, "ada");
    await setVersionState(db, sandboxFlow, 2, "live", "bob");
  }
  await setVersionState(db, sandboxFlow, 2, "retired", "bob");
  await expect(putDeployment(db, "dev", sandboxFlow, { version }, "ada")).rejects.toBeInstanceOf(VersionRetired);
  await setVersionState(db, sandboxFlow, 2, "live", "bob");
});

it("a version comes back as the draft, over the revision that was seen and no newer one", async () => {
  const { db } = store;
  const draft = await readDraft(db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  const { revision } = draft;
  await saveDraft(db, sandboxFlow, revision, { ...draft.flow, name: "Half done", nodes: [], edges: [] }, "bob");
  expect(await restoreVersion(db, sandboxFlow, 1, revision, "ada")).toMatchObject({ ok: false, current: { updatedBy: "bob" } });
  expect(await restoreVersion(db, sandboxFlow, 1, revision + 1, "ada")).toEqual({ ok: true, revision: revision + 2 });
  expect((await readDraft(db, sandboxFlow))?.flow).toEqual(draft.flow);
  expect(await restoreVersion(db, sandboxFlow, 9, revision + 2, "ada")).toBeUndefined();
});
