import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "#nodes/catalog.ts";
import { checkExpression } from "#nodes/expression/expression.ts";
import { canonicalSchemas } from "#schemas/canonical/registry.ts";
import type { Flow } from "#schemas/flow.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { readJson } from "./mapping.fixture.ts";
import { effectOf } from "./plan.fixture.ts";

const { catalog, problems } = await loadCatalog(fileURLToPath(new URL("../..", import.meta.url)));
const flow = readJson("../../flows/shopify-order-to-cash.flow.json") as Flow;
const folder = "../../flows/samples/shopify-order-to-cash/";

describe("what ships with the product", () => {
  it("has connectors without a problem", () => {
    expect(problems.filter(({ file }) => file.startsWith("nodes/connectors/"))).toEqual([]);
    expect(Object.keys(catalog.connectors)).toEqual(expect.arrayContaining(["shopify", "netsuite", "shiphero"]));
  });

  it("has an order-to-cash flow without a problem or a warning", () => {
    const schemas = canonicalSchemas().map(({ name }) => name);
    expect(
      validateFlow(flow, { manifests: catalog.manifests, connectors: catalog.connectors, checkExpression, schemas }),
    ).toEqual([]);
  });

  it("stands on the canvas grid, cards apart", () => {
    const places = flow.nodes.map(({ id }) => flow.layout?.nodes[id]);
    for (const place of places) expect([(place?.x ?? 1) % 8, (place?.y ?? 1) % 8]).toEqual([0, 0]);
    const columns = places.map((place) => place?.x ?? 0).sort((a, b) => a - b);
    for (const [index, x] of columns.slice(1).entries()) expect(x - (columns[index] ?? 0)).toBeGreaterThan(240);
  });

  it.each(readdirSync(new URL(folder, import.meta.url)))("has a right sample %s", (file) => {
    expect(validateSample(readJson(`${folder}${file}`), { flow, manifests: catalog.manifests })).toEqual([]);
  });

  it.each([
    ["erp", "netsuite.upsertSalesOrder.json"],
    ["wms", "shiphero.createOrder.json"],
  ] as const)("reads the sample answer to %s", async (node, file) => {
    const sample = readJson(`./samples/${file}`) as {
      item: unknown;
      answer: { status: number; headers: Record<string, string>; body: string };
    };
    const effect = effectOf(node, {}, "account");
    expect((await effect.render(sample.item)).documentKey).toContain("5901234567001");
    expect(await effect.read(sample.answer)).toMatchObject({ ok: true, result: { id: expect.any(String) } });
  });
});
