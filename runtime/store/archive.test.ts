import { afterAll, beforeAll, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { insertAccepted } from "./accept.ts";
import { FlowArchived, setArchived } from "./archive.ts";
import { listAudit } from "./audit.ts";
import { listDeployments, putDeployment, releaseHeld } from "./deployments.ts";
import { endDeployment } from "./endDeployment.ts";
import { readVersion } from "./flows.ts";
import { listFlows } from "./status.ts";
import { openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const sources = () =>
  store.db
    .selectFrom("source_binding")
    .select("node_id")
    .where("retired_at", "is", null)
    .where("flow_id", "=", sandboxFlow)
    .execute();

it("a flow is archived once it runs nowhere, and is deployed again once it is restored; the audit has it all", async () => {
  const { db } = store;
  expect(await setArchived(db, sandboxFlow, true, "ada")).toEqual({
    ok: false,
    why: "deployed",
    environments: [{ id: "dev", title: "Development" }],
  });
  expect(await sources()).not.toEqual([]);
  expect(await endDeployment(db, "dev", sandboxFlow, "ada")).toEqual({ ok: true });
  expect(await endDeployment(db, "dev", sandboxFlow, "ada")).toEqual({ ok: false, why: "missing" });
  expect(await listDeployments(db, sandboxFlow)).toEqual([]);
  expect(await sources()).toEqual([]);

  expect(await setArchived(db, sandboxFlow, true, "ada")).toMatchObject({ ok: true, archivedAt: expect.any(String) });
  expect(await setArchived(db, "gone", true, "ada")).toEqual({ ok: false, why: "missing" });
  const ids = async (archived: boolean) => (await listFlows(db, new Date(), { archived })).map(({ id }) => id);
  expect(await ids(false)).not.toContain(sandboxFlow);
  expect(await ids(true)).toEqual([sandboxFlow]);
  const version = await readVersion(db, sandboxFlow, 1);
  if (!version) throw new Error("no version");
  await expect(putDeployment(db, "dev", sandboxFlow, { version }, "ada")).rejects.toThrow(FlowArchived);

  expect(await setArchived(db, sandboxFlow, false, "bob")).toEqual({ ok: true, archivedAt: null });
  await putDeployment(db, "dev", sandboxFlow, { version }, "bob");
  expect(await listDeployments(db, sandboxFlow)).toMatchObject([{ environment: "dev", state: "active" }]);
  expect(await sources()).not.toEqual([]);
  const { items } = await listAudit(db, { subject: sandboxFlow, limit: 4 });
  expect(items.map(({ action }) => action)).toEqual(["deployment.changed", "flow.restored", "flow.archived", "deployment.ended"]);
});

it("what a paused deployment holds keeps it from being taken out until it has run", async () => {
  const { db } = store;
  await putDeployment(db, "dev", sandboxFlow, { state: "paused" }, "ada");
  await insertAccepted(db, [store.acceptable("held-1", { held: true })]);
  expect(await endDeployment(db, "dev", sandboxFlow, "ada")).toEqual({ ok: false, why: "holds", count: 1 });
  await putDeployment(db, "dev", sandboxFlow, { state: "active" }, "ada");
  expect(await releaseHeld(db, 10)).toBe(1);
  expect(await endDeployment(db, "dev", sandboxFlow, "ada")).toEqual({ ok: true });
});
