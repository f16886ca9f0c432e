import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { allConnectorProblems } from "#nodes/connector/check.ts";
import { operationManifests } from "#nodes/connector/manifest.ts";
import { bookConnector, shopConnector } from "#nodes/sample.fixture.ts";
import { errorCatalogue } from "#runtime/api/errors.ts";
import { testConnectors } from "#runtime/cli/connectorSamples.ts";
import { fromRoot } from "#runtime/root.ts";
import type { Connector } from "#schemas/connector.ts";

const read = (...parts: string[]): string => readFileSync(fromRoot(...parts), "utf8");
const rows = (text: string): string[][] =>
  [...text.matchAll(/^\| (.+) \|$/gm)].map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()));

describe("the docs", () => {
  it("name every setting, and no other", () => {
    const named = rows(read("docs", "running.md")).flatMap(([cell = ""]) => /^`([A-Z_]+)`$/.exec(cell)?.[1] ?? []);
    const known = [...read("runtime", "settings.ts").matchAll(/env\.([A-Z_]+)|number\(env, "([A-Z_]+)"/g)].map(
      ([, a, b]) => a ?? b,
    );
    expect(named.sort()).toEqual([...new Set(known)].sort());
  });

  it("list every error of the API with its status and sentence", () => {
    const table = rows(read("docs", "errors.md")).filter(([code]) => code?.startsWith("`"));
    const wanted = Object.entries(errorCatalogue).map(([code, [status, message]]) => [`\`${code}\``, String(status), message]);
    expect(table).toEqual(wanted);
  });

  const fragments = [...read("docs", "connectors.md").matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  it("show parts of connectors that connectors can have", async () => {
    expect(fragments.length).toBeGreaterThan(10);
    for (const text of fragments) {
      const { subscription, ...part } = JSON.parse(text) as Partial<Connector> & { subscription?: object };
      const paths = [...text.matchAll(/\{\{ (config|secrets)\.(\w+) \}\}/g)];
      const properties = Object.fromEntries([
        ["server", { enum: ["production", "sandbox"] }],
        ["replace", { type: "string" }],
        ...paths.map(([, root, name = ""]) => [name, { type: "string", "x-secret": root === "secrets" }] as const),
      ]);
      const around = { connection: { type: "object", properties }, baseUrl: "https://a.example", systemAccount: "book" };
      // A subscription is part of a webhook, and of nothing without one.
      const hook = { ...shopConnector.operations.orderCreated, verify: { type: "none" }, samples: [], subscription };
      const hooked = subscription && { operations: { ...bookConnector.operations, hook } };
      const whole = { ...bookConnector, ...around, auth: { type: "none" }, ...hooked, ...part };
      expect(await allConnectorProblems(whole, { mappings: { "post.jsonata": "$" } }), text).toEqual([]);
    }
  });

  it("show a whole connector that is sound, and whose samples come out well", async () => {
    const files = [...read("docs", "first-connector.md").matchAll(/`(corner-shop\.\w+\.json)`:\n\n```json\n([\s\S]*?)^```$/gm)];
    const texts = new Map(files.map(([, name = "", text = ""]) => [name, text]));
    const samples = [...texts.keys()].filter((name) => name !== "corner-shop.connector.json");
    const shop = JSON.parse(texts.get("corner-shop.connector.json") ?? "null") as Connector;
    expect(await allConnectorProblems(shop, { mappings: {}, samples })).toEqual([]);
    expect(Object.values(shop.operations).flatMap((operation) => operation.samples)).toEqual(samples);
    const root = mkdtempSync(join(tmpdir(), "ol-first-"));
    mkdirSync(join(root, "nodes/connectors/samples"), { recursive: true });
    for (const name of samples) writeFileSync(join(root, "nodes/connectors/samples", name), texts.get(name) ?? "");
    const manifests = Object.fromEntries(operationManifests(shop).map((manifest) => [manifest.type, manifest]));
    const played = await testConnectors(root, { connectors: { [shop.id]: shop }, manifests, mappings: {} });
    rmSync(root, { recursive: true });
    expect(played).toEqual([{ connector: "corner-shop", operations: 3, samples: 3, faults: [] }]);
  });

  const pages = [
    "README.md",
    ...readdirSync(fromRoot("docs"))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join("docs", name)),
  ];
  it.each(pages)("%s links to what exists", (page) => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(targets.filter((target) => !existsSync(fromRoot(dirname(page), target)))).toEqual([]);
  });
});
