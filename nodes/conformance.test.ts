import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseJson } from "#schemas/json.ts";
import { NodeManifest } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { loadCatalog } from "./catalog.ts";
import { connectorProblems } from "./connector/check.ts";
import { operationManifests } from "./connector/manifest.ts";
import { evaluateExpression } from "./expression/expression.ts";
import type { PureOutcome } from "./pureNode.ts";
import { pureNodeType, pureNodeTypes } from "./registry.ts";
import { bookConnector, sampleCatalog, sampleClock } from "./sample.fixture.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}nodes/${path}`, "utf8");
const folders = readdirSync(`${root}nodes`).filter((name) => existsSync(`${root}nodes/${name}/node.json`));

interface Fixture {
  title: string;
  config: Record<string, unknown>;
  input: unknown;
  expected: { port: string; item: unknown } | { class: string; reason: Record<string, unknown> };
}

const variables = {
  source: { node: "orders", system: "sample", account: "sample-account" },
  run: { id: "run-1", now: sampleClock.now },
};

const execute = async (folder: string, { input, config }: Fixture): Promise<PureOutcome | undefined> =>
  pureNodeType(folder)?.execute(input, config, {
    evaluate: (expression, item) => evaluateExpression(expression, item, { clock: sampleClock, salt: folder, variables }),
  });

describe.each(folders)("node type %s", (folder) => {
  const manifest = parseJson(read(`${folder}/node.json`)) as NodeManifest;
  const names = readdirSync(`${root}nodes/${folder}/fixtures`).sort();
  const fixtures = names.map((name) => ({ name, fixture: parseJson(read(`${folder}/fixtures/${name}`)) as Fixture }));

  it("has a valid manifest, a README and an entry in the registry", () => {
    expect(checkAgainst(NodeManifest, manifest)).toEqual({ ok: true, faults: [] });
    expect(manifest.type).toBe(folder);
    expect(read(`${folder}/README.md`)).toMatch(new RegExp(`^# ${manifest.title}\n`));
    expect(pureNodeType(folder)?.manifest).toEqual(manifest);
  });

  it("names every port and config property in its README", () => {
    const readme = read(`${folder}/README.md`);
    const { properties } = manifest.config as { properties: Record<string, unknown> };
    for (const name of [...manifest.outputs.map((port) => port.name), ...Object.keys(properties)]) expect(readme).toContain(name);
  });

  it("has a good sample and a failing one among its fixtures", () => {
    expect(fixtures.length).toBeGreaterThanOrEqual(2);
    expect(fixtures[0]?.fixture.expected).toHaveProperty("port");
    expect(fixtures.some(({ fixture }) => "class" in fixture.expected)).toBe(true);
  });

  it.each(fixtures)("does what $name says", async ({ fixture }) => {
    expect(checkAgainst(manifest.config, fixture.config)).toEqual({ ok: true, faults: [] });
    const outcome = await execute(folder, fixture);
    if ("port" in fixture.expected) {
      expect(outcome).toEqual({ ok: true, ...fixture.expected });
      expect(outputPorts(manifest, fixture).map((port) => port.name)).toContain(fixture.expected.port);
    } else expect(outcome).toMatchObject({ ok: false, ...fixture.expected });
  });
});

it("every entry of the registry has its folder", () => {
  expect(pureNodeTypes.map(({ manifest }) => manifest.type).sort()).toEqual([...folders].sort());
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
