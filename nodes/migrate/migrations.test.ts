import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import { parseJson } from "#schemas/json.ts";
import { madeWith } from "#schemas/nodeVersion.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { loadCatalog } from "../catalog.ts";
import { compilePlan } from "../compilePlan.ts";
import { evaluateExpression } from "../expression/expression.ts";
import { makeLock } from "../lock.ts";
import { builtInManifests, controlNodeType, pureNodeType } from "../registry.ts";
import { bookConnector, sampleBindings, sampleCatalog, sampleClock, sampleFlow } from "../sample.fixture.ts";
import { builtInMigrations } from "./builtIn.ts";
import { migrationProblems } from "./checkMigrations.ts";
import { currentFlow, currentNode } from "./currentFlow.ts";
import { migrated, type Updated, updatesOf, withUpdates } from "./updates.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { catalog } = await loadCatalog(root);

interface MigrationFixture {
  title: string;
  /** The major version that the migration leads to. */
  version: number;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  input: unknown;
  /** What the node did with the item before, and does still. */
  expected: object;
}

const folderOf = (type: string) => `${root}nodes/${type}/migrations`;
const namesOf = (type: string) => (existsSync(folderOf(type)) ? readdirSync(folderOf(type)).sort() : []);
const fixtures = builtInManifests.flatMap(({ type }) =>
  namesOf(type).map((name) => ({
    type,
    name,
    fixture: parseJson(readFileSync(`${folderOf(type)}/${name}`, "utf8")) as MigrationFixture,
  })),
);
const migrate = (type: string, config: Record<string, unknown>, version?: number): FlowNode =>
  currentNode({ id: "node", type, config, ...(version === undefined ? {} : { version }) });

describe("the migrations of node types", () => {
  it("are those that the manifests name, each with fixtures", () => {
    for (const { type, version, migrations = [] } of builtInManifests) {
      const majors = Object.keys(builtInMigrations[type] ?? {}).map(Number);
      expect(majors, type).toEqual(migrations);
      for (const major of majors) {
        expect(major).toBeLessThanOrEqual(Number(version.split(".")[0]));
        expect(fixtures.some((one) => one.type === type && one.fixture.version === major)).toBe(true);
      }
    }
    expect(fixtures.length).toBeGreaterThan(0);
  });

  it.each(fixtures)(
    "$type/migrations/$name comes out as it says, fits the new schema, and does the same",
    async ({ type, fixture }) => {
      const node = migrate(type, fixture.before, fixture.version - 1);
      expect(node.config).toEqual(fixture.after);
      const { manifest, execute } = controlNodeType(type) ?? pureNodeType(type) ?? {};
      if (!manifest || !execute) throw new Error(`${type} has no code.`);
      expect(node.version).toBe(Math.max(...(manifest.migrations ?? [])));
      expect(checkAgainst(manifest.config, node.config)).toEqual({ ok: true, faults: [] });
      const context = {
        table: () => undefined,
        schema: () => undefined,
        evaluate: (text: string, item: unknown) =>
          evaluateExpression(text, item, { clock: sampleClock, salt: type, variables: {} }),
      };
      expect(await execute(fixture.input, node.config ?? {}, context, "in")).toEqual({ ok: true, ...fixture.expected });
    },
  );

  it.each(Object.keys(builtInMigrations))("of %s leave alone what has the new shape", (type) => {
    const values = fixtures.filter((one) => one.type === type).flatMap(({ fixture }) => [fixture.before, fixture.after]);
    fc.assert(
      fc.property(mixed(values), (config) => {
        const once = migrate(type, config);
        // As from its first version again: a node that did not say its version may have been drawn with a later one.
        expect(migrate(type, once.config ?? {}).config).toEqual(once.config);
      }),
    );
  });
});

/** Configs with some properties of the examples, each with one of the values it has there or any other of its kind. */
function mixed(examples: readonly Record<string, unknown>[]): fc.Arbitrary<Record<string, unknown>> {
  const names = [...new Set(examples.flatMap((example) => Object.keys(example)))];
  const properties = names.map((name): [string, fc.Arbitrary<unknown>] => [
    name,
    fc.constantFrom(...examples.flatMap((example) => (Object.hasOwn(example, name) ? [example[name]] : []))),
  ]);
  return fc.record(Object.fromEntries(properties), { requiredKeys: [] });
}

const oldAmazon = (): FlowNode => ({
  id: "orders",
  type: "amazon.ordersChangedV0",
  slot: "amazon",
  config: { fulfilledBy: "MFN", statuses: "Unshipped,Canceled" },
});
const updates = (found: readonly Updated[]) => found.flatMap((one) => (one.ok ? [one.update] : []));

describe("the migrations of connectors", () => {
  const all = Object.values(catalog.connectors).flatMap((connector) =>
    Object.entries(connector.operations).flatMap(([operation, { lifecycle }]) => [
      ...Object.values(connector.migrations ?? {}).flatMap((by) => by[operation] ?? []),
      ...Object.values(lifecycle?.deprecates ?? {}),
    ]),
  );

  it("are there, and leave alone what has the new shape", async () => {
    expect(all.length).toBeGreaterThan(1);
    for (const migration of all) {
      await fc.assert(
        fc.asyncProperty(mixed(migration.examples.flatMap(({ before, after }) => [before, after])), async (config) => {
          const once = await migrated(migration, config);
          expect(await migrated(migration, once)).toEqual(once);
        }),
        { numRuns: 30 },
      );
    }
  });

  it("bring a node to today's settings, and to the operation in its place only where that is asked for", async () => {
    const [found] = updates(await updatesOf({ nodes: [oldAmazon()] }, catalog, { deprecated: false }));
    expect(found).toMatchObject({ why: "version", after: { type: "amazon.ordersChangedV0", version: 2 } });
    expect(found?.after.config).toEqual({ fulfilledBy: "MFN", statuses: ["Unshipped", "Canceled"] });
    expect(found?.changes.map(({ pointer }) => pointer).sort()).toEqual(["/config/statuses", "/version"]);
    const [replaced] = updates(await updatesOf({ nodes: [oldAmazon()] }, catalog, { deprecated: true }));
    expect(replaced).toMatchObject({ why: "deprecated", after: { id: "orders", type: "amazon.ordersChanged", version: 2 } });
    expect(replaced?.after.config).toEqual({ fulfilledBy: "MERCHANT", statuses: ["UNSHIPPED", "CANCELLED"] });
  });

  it("say what else is different, where a result has another shape than before", async () => {
    const send = { id: "send", type: "amazon.setQuantities", slot: "amazon", config: { attach: "report" } };
    const [found] = updates(await updatesOf({ nodes: [send] }, catalog, { deprecated: false }));
    expect(found).toMatchObject({
      why: "version",
      after: { ...send, version: 3 },
      notes: [expect.stringContaining("{ answer, refused }")],
    });
    expect(updates(await updatesOf({ nodes: [oldAmazon()] }, catalog, { deprecated: true }))[0]?.notes).toEqual([]);
  });

  it("change nothing a second time", async () => {
    const nodes = fc.array(
      fc.constantFrom<FlowNode>(
        oldAmazon(),
        { ...oldAmazon(), type: "amazon.ordersChanged", config: { statuses: "SHIPPED" } },
        { id: "later", type: "delay", config: { seconds: 1, until: "$now()" } },
        { id: "shape", type: "map", config: { expression: "$" } },
        { id: "gone", type: "not-here", config: {} },
      ),
    );
    await fc.assert(
      fc.asyncProperty(nodes, fc.boolean(), async (drawn, deprecated) => {
        const once = withUpdates({ nodes: drawn }, updates(await updatesOf({ nodes: drawn }, catalog, { deprecated })));
        expect(await updatesOf(once, catalog, { deprecated })).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it("say what fails, and leave that node as it is", async () => {
    const connectors = { book: withMigration("$error('no')") };
    const manifests = { "book.find": { ...sampleCatalog.manifests["book.find"], migrations: [2] } } as typeof catalog.manifests;
    const found = await updatesOf(
      { nodes: [{ id: "find", type: "book.find" }] },
      { manifests, connectors },
      { deprecated: false },
    );
    expect(found).toEqual([{ ok: false, node: "find", message: expect.stringContaining("The migration fails on this config") }]);
  });

  it.each([
    ["gives something else", "$merge([$, { 'attach': 'x' }])", "migration.otherResult"],
    ["is not the same twice", "$merge([$, { 'attach': attach & 'b' }])", "migration.notIdempotent"],
    ["does not fit", "{ 'attach': 'ab', 'more': 1 }", "migration.unfitting"],
    ["fails", "$error('no')", "migration.fails"],
    ["makes no object", "1", "migration.fails"],
  ])("are found wrong by their examples: one that %s", async (_what, config, code) => {
    const [example] = { "migration.unfitting": [{ attach: "ab", more: 1 }] }[code] ?? [{ attach: "ab" }];
    const problems = await migrationProblems(withMigration(config, { before: { attach: "a" }, after: example ?? {} }));
    expect(problems.map((problem) => `${problem.code} ${problem.pointer}`)).toEqual([`${code} /migrations/2/find/examples/0`]);
  });
});

const withMigration = (config: string, example: { before: object; after: object } = { before: {}, after: {} }): Connector =>
  ({ ...bookConnector, version: "2.0.0", migrations: { 2: { find: { config, examples: [example] } } } }) as Connector;

describe("a version made before a migration", () => {
  const older = {
    ...sampleFlow,
    nodes: [...sampleFlow.nodes, { id: "later", type: "delay", config: { seconds: 5, until: "$now()" } }],
  };

  it("runs with today's settings, whatever it was published with, and stays as it is in the store", () => {
    const before = structuredClone(older);
    const plan = compilePlan({
      environment: "dev",
      flow: older,
      lock: makeLock(older, sampleCatalogWithDelay),
      bindings: sampleBindings,
    });
    expect(plan.flow.nodes.find(({ id }) => id === "later")).toEqual({
      id: "later",
      type: "delay",
      version: 2,
      config: { until: "$now()" },
    });
    expect(older).toEqual(before);
    expect(currentFlow(currentFlow(older))).toEqual(currentFlow(older));
    expect(currentFlow(sampleFlow)).toBe(sampleFlow);
  });

  it("keeps the settings of an operation that its lock still has the connector for", () => {
    const orders: FlowNode = {
      id: "orders",
      type: "amazon.ordersChanged",
      slot: "amazon",
      config: { statuses: "UNSHIPPED,SHIPPED" },
    };
    const flow = { ...sampleFlow, slots: [{ name: "amazon", connector: "amazon" }], nodes: [orders], edges: [] };
    const { amazon, ...others } = catalog.connectors;
    if (!amazon) throw new Error("There is no Amazon.");
    const { migrations: _, ...before } = amazon;
    const first = { ...before, version: "1.0.0" };
    const lock = makeLock(flow, { ...catalog, connectors: { ...others, amazon: first } });
    const plan = compilePlan({ environment: "dev", flow, lock, bindings: {} });
    expect(plan.flow.nodes).toEqual([orders]);
    expect(plan.lock.connectors.amazon).toEqual(first);
  });

  it("has one problem as a draft, and none once it is updated", async () => {
    const context = { manifests: sampleCatalogWithDelay.manifests };
    const codes = (flow: typeof older) =>
      validateFlow(flow, context).flatMap(({ node, code }) => (node === "later" && /^node\.|^config\./.test(code) ? [code] : []));
    expect(codes(older)).toEqual(["node.olderVersion", "node.openInput"]);
    const after = withUpdates(older, updates(await updatesOf(older, sampleCatalogWithDelay, { deprecated: false })));
    expect(codes(after)).toEqual(["node.openInput"]);
    expect(after.nodes.map(madeWith)).toEqual([...sampleFlow.nodes.map(() => 1), 2]);
  });

  it("is not taken for a newer one than there is", () => {
    const newer = { ...older, nodes: [...sampleFlow.nodes, { id: "later", type: "delay", version: 3, config: { hours: 1 } }] };
    const [found] = validateFlow(newer, { manifests: sampleCatalogWithDelay.manifests }).filter(({ node }) => node === "later");
    expect(found).toMatchObject({
      code: "node.newerVersion",
      severity: "error",
      message: 'Node "later" was made with version 3 of "delay"; the newest here is 2.0.0.',
    });
  });
});

const sampleCatalogWithDelay = {
  ...sampleCatalog,
  manifests: { ...sampleCatalog.manifests, delay: builtInManifests.find(({ type }) => type === "delay") as never },
};
