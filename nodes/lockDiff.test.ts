import { expect, test } from "vitest";
import { diffLocks } from "./lockDiff.ts";
import type { Lock } from "./plan.ts";
import { samplePlan } from "./sample.fixture.ts";

const lock = (): Lock => structuredClone(samplePlan().lock);

test("a lock does not differ from its copy", () => {
  expect(diffLocks(lock(), lock())).toEqual([]);
});

test("names the connector that changed, with its versions and places, and not its operations besides", () => {
  const now = lock();
  const [id = ""] = Object.keys(now.connectors);
  const connector = now.connectors[id];
  if (!connector) throw new Error("The sample uses no connector.");
  const before = connector.version;
  connector.version = "9.0.0";
  for (const manifest of Object.values(now.manifests)) if (manifest.connector) manifest.title = "Other";
  expect(diffLocks(lock(), now)).toEqual([
    {
      kind: "connector",
      name: id,
      change: "changed",
      before,
      after: "9.0.0",
      changes: [{ pointer: "/version", before, after: "9.0.0" }],
    },
  ]);
});

test("tells where a schema says something else, and of one whose number alone was kept only that it is another", () => {
  const [before, now, old] = [lock(), lock(), lock()];
  before.schemas["canonical/order/1"] = { version: "1.0.0", schema: { required: ["a"] } };
  now.schemas["canonical/order/1"] = { version: "1.1.0", schema: { required: ["b"] } };
  old.schemas["canonical/order/1"] = "1.0.0";
  const versions = [{ pointer: "/version", before: "1.0.0", after: "1.1.0" }];
  const other = { kind: "schema", name: "canonical/order/1", change: "changed", before: "1.0.0", after: "1.1.0" };
  const places = [...versions, { pointer: "/schema/required/0", before: "a", after: "b" }];
  expect(diffLocks(before, now)).toEqual([{ ...other, changes: places }]);
  expect(diffLocks(old, now)).toEqual([{ ...other, changes: versions }]);
  expect(diffLocks(old, before)).toEqual([]);
});

test("tells what only one of the two uses", () => {
  const now = lock();
  now.schemas["canonical/refund/1"] = "1.0.0";
  const [type = ""] = Object.entries(now.manifests).find(([, { connector }]) => !connector) ?? [];
  delete now.manifests[type];
  expect(diffLocks(lock(), now).map(({ kind, name, change, after }) => [kind, name, change, after])).toEqual([
    ["nodeType", type, "removed", null],
    ["schema", "canonical/refund/1", "added", "1.0.0"],
  ]);
});
