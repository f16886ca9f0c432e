import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { testDocuments } from "#runtime/cli/documents.ts";
import { fromRoot } from "#runtime/root.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { parseJson } from "#schemas/json.ts";

/**
 * What `nodes/connectors/canonical.json` says of fixtures is all there is to say: no order lies among them that it leaves out,
 * and each becomes canonical or is refused for the reason given there.
 */

const fixtures = fromRoot("../shared/fixtures");
const there = existsSync(fixtures);
if (!there) console.warn("Skipped: the fixtures are not on this machine.");

/** By which fields an order of a marketplace is known, wherever it stands in a file. */
const orders: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "amazon-sp-api": [
    ["AmazonOrderId", "PurchaseDate"],
    ["orderId", "orderItems"],
  ],
  shopify: [
    ["line_items", "total_price"],
    ["lineItems", "totalPriceSet"],
  ],
  walmart: [["purchaseOrderId", "orderLines"]],
  ebay: [["orderId", "lineItems"]],
  etsy: [["receipt_id", "transactions"]],
  woocommerce: [["line_items", "total", "currency"]],
  "mercado-libre": [["order_items", "total_amount"]],
  mirakl: [["order_lines"]],
  otto: [["positionItems", "salesOrderId"]],
};

/** Files with something that looks like an order and is none. */
const others: readonly [RegExp, string][] = [
  [/\/(models|openapi)\//, "a description of the API"],
  [/\.request\.json$/, "what is sent to the marketplace"],
  [/shopify\/rest-2026-07\/draft_order\./, "a draft, which nobody has bought"],
  [/otto\/shipment/, "a shipment"],
];

/** Mappings that no order of the system itself has tried, and what stands for one. Those of marketplaces say so in their page. */
const untried: Readonly<Record<string, string>> = {
  mirakl: "the fixture is an aggregator's shape of such orders, not OR11's",
  zalando: "no order is published; the samples follow the API's description",
  vendure: "no order is published; `npm run test:shop` asks a real shop",
  x12: "a file is no JSON: partners.test.ts reads the public 850",
  edifact: "no file is published; the samples follow D.96A",
  "b2b-portal": "the columns are our own",
};

function holds(value: unknown, known: readonly (readonly string[])[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const is = !Array.isArray(value) && known.some((fields) => fields.every((field) => field in value));
  return is || Object.values(value).some((child) => holds(child, known));
}

const jsonIn = (folder: string): string[] =>
  readdirSync(join(fixtures, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map(({ parentPath, name }) => join(parentPath, name).slice(fixtures.length + 1));

/** One document to a line is no JSON. */
const isJson = (text: string): boolean => {
  try {
    return JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
};

describe.skipIf(!there)("the orders that marketplaces publish", async () => {
  const { catalog } = await builtCatalog();
  const results = there ? await testDocuments(fromRoot("."), catalog, fixtures) : [];

  it.each(Object.keys(orders))("%s: all are there, but for files that hold none", (system) => {
    const known = new Set(results.map(({ file }) => file));
    const left = jsonIn(system)
      .filter((file) => !known.has(file) && !others.some(([pattern]) => pattern.test(file)))
      .filter((file) => {
        const text = readFileSync(join(fixtures, file), "utf8");
        return isJson(text) && holds(parseJson(text), orders[system] ?? []);
      });
    expect(left).toEqual([]);
  });

  it("become valid canonical orders whose money adds up, or are refused for the documented reason", () => {
    expect(results.filter(({ state }) => state === "failed")).toEqual([]);
    const systems = new Set(results.filter(({ file }) => file.includes("/")).map(({ file }) => file.split("/")[0]));
    expect([...systems].sort()).toEqual(
      ["amazon-sp-api", "ebay", "etsy", "mercado-libre", "otto", "shopify", "walmart", "woocommerce"].sort(),
    );
  });

  const mappings = JSON.parse(readFileSync(fromRoot("nodes/connectors/canonical.json"), "utf8")) as {
    mapping: string;
    schema: string;
  }[];

  it("have tried each mapping, but for those of which it is said", () => {
    const met = new Set(results.filter(({ file }) => file.includes("/")).map(({ mapping }) => mapping));
    const not = mappings.filter(({ mapping, schema }) => schema === "canonical/order/1" && !met.has(mapping));
    expect(not.map(({ mapping }) => mapping.split(".")[0]).sort()).toEqual(Object.keys(untried).sort());
  });

  it.each(["mirakl", "zalando", "vendure"])("have none of %s, whose page says so", (system) => {
    expect(readFileSync(fromRoot(`nodes/connectors/${system}.README.md`), "utf8")).toContain("No order as");
  });
});

describe("the judge of canonical orders", () => {
  it("says no to a cent too much, and to an order without lines", () => {
    const line = {
      lineId: "1",
      kind: "product",
      sku: "A",
      quantity: 1,
      unitPrice: "10.00",
      gross: "10.00",
      discounts: [],
      taxes: [],
    };
    const order = {
      schemaVersion: "1.0.0",
      channel: { system: "x", account: "y" },
      externalId: "1",
      orderedAt: "2026-09-14T00:00:00Z",
      currency: "USD",
      status: "open",
      fulfilledBy: "merchant",
      priceTaxMode: "exclusive",
      lines: [line],
      totals: { gross: "10.00", discount: "0", shipping: "0", tax: "0", grand: "10.00" },
    };
    expect(canonicalFaults("canonical/order/1", order)).toEqual([]);
    const off = { ...order, totals: { ...order.totals, grand: "10.01" } };
    expect(canonicalFaults("canonical/order/1", off)).not.toEqual([]);
    expect(canonicalFaults("canonical/order/1", { ...order, lines: [] })).not.toEqual([]);
  });
});
