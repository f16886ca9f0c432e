import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { canonicalSchema } from "#schemas/canonical/registry.ts";
import { parseJson } from "#schemas/json.ts";
import { NodeManifest } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { GivenRow } from "#schemas/referenceTable.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { loadCatalog } from "./catalog.ts";
import { connectorProblems } from "./connector/check.ts";
import { operationManifests } from "./connector/manifest.ts";
import type { ControlAct, ControlOutcome } from "./controlNode.ts";
import { evaluateExpression } from "./expression/expression.ts";
import { sampleTables } from "./planTables.ts";
import type { PureContext, PureOutcome } from "./pureNode.ts";
import { builtInManifests, controlNodeType, controlNodeTypes, pureNodeType, pureNodeTypes, startNodeTypes } from "./registry.ts";
import { bookConnector, sampleCatalog, sampleClock } from "./sample.fixture.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}nodes/${path}`, "utf8");
const folders = readdirSync(`${root}nodes`).filter((name) => existsSync(`${root}nodes/${name}/node.json`));

interface Fixture {
  title: string;
  config: Record<string, unknown>;
  /** Through which input the item comes; the type's first when absent. */
  port?: string;
  input: unknown;
  /** Rows of reference tables, for a type that looks things up. */
  tables?: Record<string, GivenRow[]>;
  expected: { port: string; item: unknown } | { act: ControlAct } | { class: string; reason: Record<string, unknown> };
}

/** What it asks for depends on its config alone, so no item can make it fail. */
const neverFails = ["join", "sub-flow"];

const variables = {
  source: { node: "orders", system: "sample", account: "sample-account" },
  run: { id: "run-1", now: sampleClock.now },
};

/** A type's fixture through its own code; undefined for a type that nothing executes. */
async function execute(
  type: string,
  { input, config, port, tables }: Fixture,
): Promise<PureOutcome | ControlOutcome | undefined> {
  const given = sampleTables({ nodes: [{ id: type, type, config }] }, tables);
  const context: PureContext = {
    table: (name) => given[name],
    schema: canonicalSchema,
    evaluate: (expression, item) => evaluateExpression(expression, item, { clock: sampleClock, salt: type, variables }),
  };
  const control = controlNodeType(type);
  if (!control) return pureNodeType(type)?.execute(input, config, context);
  return control.execute(input, config, context, port ?? control.manifest.inputs[0]?.name ?? "in");
}

const manifestOf = (folder: string): NodeManifest => parseJson(read(`${folder}/node.json`)) as NodeManifest;

describe.each(folders)("node type %s", (folder) => {
  const manifest = manifestOf(folder);

  it("has a valid manifest, a README and an entry in the registry", () => {
    expect(checkAgainst(NodeManifest, manifest)).toEqual({ ok: true, faults: [] });
    expect(manifest.type).toBe(folder);
    expect(read(`${folder}/README.md`)).toMatch(new RegExp(`^# ${manifest.title}\n`));
    expect(builtInManifests.filter(({ type }) => type === folder)).toEqual([manifest]);
  });

  it("names every port and config property in its README", () => {
    const readme = read(`${folder}/README.md`);
    const { properties } = manifest.config as { properties: Record<string, unknown> };
    for (const { name } of [...manifest.inputs, ...manifest.outputs]) {
      if (manifest.outputsFrom === undefined) expect(readme).toMatch(new RegExp(`^\\| ${name} +\\|`, "m"));
      else expect(readme).toContain(name);
    }
    for (const name of Object.keys(properties)) expect(readme).toContain(`\`${name}\``);
  });
});

describe.each(folders.filter((folder) => manifestOf(folder).inputs.length > 0))("the fixtures of %s", (folder) => {
  const manifest = manifestOf(folder);
  const names = readdirSync(`${root}nodes/${folder}/fixtures`).sort();
  const fixtures = names.map((name) => ({ name, fixture: parseJson(read(`${folder}/fixtures/${name}`)) as Fixture }));

  it("have a good sample first and a failing one", () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(2);
    expect(fixtures[0]?.fixture.expected).toHaveProperty(manifest.kind === "control" ? "act" : "port");
    expect(fixtures.some(({ fixture }) => "class" in fixture.expected)).toBe(!neverFails.includes(folder));
  });

  it.each(fixtures)("come out as $name says", async ({ fixture }) => {
    expect(checkAgainst(manifest.config, fixture.config)).toEqual({ ok: true, faults: [] });
    const { expected, port } = fixture;
    if (port !== undefined) expect(manifest.inputs.map(({ name }) => name)).toContain(port);
    const outcome = await execute(folder, fixture);
    if ("class" in expected) expect(outcome).toMatchObject({ ok: false, ...expected });
    else expect(outcome).toEqual({ ok: true, ...expected });
    if ("port" in expected) expect(outputPorts(manifest, fixture).map(({ name }) => name)).toContain(expected.port);
  });
});

it("every entry of the registry has its folder", () => {
  expect(builtInManifests.map(({ type }) => type).sort()).toEqual([...folders].sort());
});

it("the kinds of the registry are those of the manifests", () => {
  expect(pureNodeTypes.filter(({ manifest }) => manifest.kind !== "pure")).toEqual([]);
  expect(controlNodeTypes.filter(({ manifest }) => manifest.kind !== "control" || manifest.inputs.length === 0)).toEqual([]);
  expect(startNodeTypes.filter(({ inputs }) => inputs.length > 0)).toEqual([]);
});

describe("the catalog on disk", () => {
  it("loads without a problem and makes valid node types of all operations", async () => {
    const { catalog, problems } = await loadCatalog(root);
    expect(problems).toEqual([]);
    const files = readdirSync(`${root}nodes/connectors`).filter((name) => name.endsWith(".connector.json"));
    expect(Object.keys(catalog.connectors).sort()).toEqual(files.map((name) => name.replace(".connector.json", "")).sort());
    for (const manifest of Object.values(catalog.manifests))
      expect(checkAgainst(NodeManifest, manifest)).toEqual({ ok: true, faults: [] });
    for (const connector of Object.values(catalog.connectors)) {
      for (const { type } of operationManifests(connector)) expect(catalog.manifests).toHaveProperty([type]);
    }
  });

  it("has nothing, and no problem, where there is nothing", async () => {
    expect(await loadCatalog(`${root}nodes/map`)).toEqual({
      catalog: { manifests: {}, connectors: {}, mappings: {} },
      problems: [],
    });
  });
});

describe("connectorProblems", () => {
  const mappings = { "post.jsonata": sampleCatalog.mappings["book/post.jsonata"] ?? "" };
  const post = bookConnector.operations.post;
  const withPost = (change: object) => ({
    ...bookConnector,
    operations: { ...bookConnector.operations, post: { ...post, ...change } },
  });
  const codes = (connector: unknown) =>
    connectorProblems(connector, { mappings }).map(({ code, pointer }) => `${code} ${pointer}`);

  it("finds nothing wrong with a good connector", () => expect(codes(bookConnector)).toEqual([]));

  it.each<[string, unknown, string]>([
    ["a bad expression", withPost({ result: "body." }), "expression.invalid /operations/post/result"],
    [
      "a bad template",
      withPost({ request: { method: "PUT", path: "/{{ a" } }),
      "expression.invalid /operations/post/request/path",
    ],
    [
      "a pattern that may backtrack",
      withPost({ success: "$contains(body, /(?=a)b/)" }),
      "expression.invalid /operations/post/success",
    ],
    [
      "a mapping that is not there",
      withPost({ request: { method: "PUT", path: "/", bodyFile: "x.jsonata" } }),
      "connector.noMapping /operations/post/request/bodyFile",
    ],
    [
      "auth that would be evaluated",
      { ...bookConnector, auth: { type: "bearer", token: "{{ $uppercase(secrets.token) }}" } },
      "expression.invalid /auth/token",
    ],
    [
      "a canonical schema that does not exist",
      withPost({ input: "canonical/horse/1" }),
      "schema.unknownCanonical /operations/post/input",
    ],
  ])("names %s with its place", (_what, connector, expected) => expect(codes(connector)).toEqual([expected]));
});
