import { afterAll, beforeAll, expect, it } from "vitest";
import type { Catalog } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { readVersion } from "#runtime/store/flows.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import type { Connector } from "#schemas/connector.ts";
import { lifecycleCheck } from "./promotions/checks.ts";
import { versionAges } from "./versionAges.ts";

const everything = (): boolean => true;

let store: Store;
let catalog: Catalog;
/** As it would be with a newer NetSuite connector that gives up the one of today. */
let newer: Catalog;

beforeAll(async () => {
  store = await openStore();
  catalog = (await builtCatalog()).catalog;
  const netsuite = catalog.connectors.netsuite as Connector;
  const next: Connector = { ...netsuite, version: "9.0.0", lifecycle: { state: "live", deprecates: netsuite.version } };
  newer = { ...catalog, connectors: { ...catalog.connectors, netsuite: next } };
});
afterAll(() => store.close());

it("a draft is told what has become old of the versions that run, and how to come away from it", async () => {
  expect(await versionAges(store.db, catalog).ofRunning(sandboxFlow, everything)).toEqual([]);
  const ages = versionAges(store.db, newer);
  const found = await ages.ofRunning(sandboxFlow, everything);
  expect(found).toEqual([
    {
      code: "version.old",
      severity: "warning",
      pointer: "",
      message: expect.stringMatching(/^Version 1 runs in Development\. .*NetSuite .*; version 9\.0\.0 deprecates all up to /),
      hint: expect.stringContaining("Publish the draft again: it takes NetSuite 9.0.0."),
    },
  ]);
  expect(await ages.ofRunning(sandboxFlow, everything)).toEqual(found);
  expect(await ages.ofRunning("no-such-flow", everything)).toEqual([]);
});

it("what runs where somebody sees nothing is not told to them", async () => {
  const ages = versionAges(store.db, newer);
  expect(await ages.ofRunning(sandboxFlow, (environment) => environment !== "dev")).toEqual([]);
});

it("a promotion is warned of it, and not kept back", async () => {
  const version = await readVersion(store.db, sandboxFlow, 1);
  if (!version) throw new Error("no version");
  expect(lifecycleCheck(version, catalog)).toMatchObject({ name: "lifecycle", outcome: "passed" });
  expect(lifecycleCheck(version, newer)).toMatchObject({
    outcome: "warned",
    detail: expect.stringContaining("version 9.0.0 deprecates all up to"),
  });
});
