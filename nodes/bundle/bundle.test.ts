import { readdir, readFile } from "node:fs/promises";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { hashFlow } from "#schemas/hash.ts";
import { parseJson } from "#schemas/json.ts";
import { loadCatalog } from "../catalog.ts";
import { type Catalog, makeLock } from "../lock.ts";
import { bundleFiles, bundleOf, FilesDiffer, type LockedFlow } from "./bundleOf.ts";
import { changesOf } from "./changes.ts";
import { driftOf } from "./drift.ts";
import { fileText } from "./fileText.ts";
import { filesCatalog, openBundle } from "./openBundle.ts";

const root = new URL("../..", import.meta.url).pathname;

let catalog: Catalog;
let locked: LockedFlow;
beforeAll(async () => {
  ({ catalog } = await loadCatalog(root));
  const flow = parseJson(await readFile(`${root}flows/shopify-order-to-cash.flow.json`, "utf8")) as Flow;
  locked = { flow, lock: makeLock(flow, catalog) };
});

const samplesOf = async (flow: string): Promise<Record<string, string>> => {
  const folder = `${root}flows/samples/${flow}`;
  const names = await readdir(folder);
  const texts = await Promise.all(names.map((name) => readFile(`${folder}/${name}`, "utf8")));
  return Object.fromEntries(names.map((name, index) => [name.replace(".sample.json", ""), texts[index] ?? ""]));
};

/** Values whose members stand in another order. */
const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  );
};

describe("the text of a file", () => {
  it("is the same for equal values in whatever order, and says the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(fileText(shuffled(value))).toBe(fileText(value));
        expect(JSON.parse(fileText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("a bundle", () => {
  it("holds a flow with its samples, connectors, mappings and schemas; opened, it makes the same version, to the hash", async () => {
    const bundle = bundleOf([locked], { [locked.flow.id]: await samplesOf(locked.flow.id) });
    const files = Object.keys(bundle.files);
    for (const file of ["flows/shopify-order-to-cash.flow.json", "nodes/connectors/netsuite.salesOrder.jsonata"])
      expect(files).toContain(file);
    expect(files.filter((file) => file.startsWith("flows/samples/"))).toHaveLength(7);
    expect(files).toContain("schemas/canonical/order.schema.json");

    const opened = openBundle(bundle);
    expect(opened.faults).toEqual([]);
    // An installation that has none of the connectors.
    const bare: Catalog = { ...catalog, connectors: {}, mappings: {} };
    const used = new Set(locked.flow.slots.map(({ connector }) => connector));
    const found = filesCatalog(bare, opened, used);
    expect(found.faults).toEqual([]);
    expect(found.foreign.map(({ id }) => id).sort()).toEqual([...used].sort());
    const flow = opened.flows[0]?.flow as Flow;
    expect(hashFlow(flow, makeLock(flow, found.catalog))).toBe(bundle.versions[flow.id]);
    expect(filesCatalog(catalog, opened, used).foreign).toEqual([]);
  });

  it("has the same bytes whichever way the flow was drawn", () => {
    const { flow, lock } = locked;
    const drawn = { ...(shuffled(flow) as Flow), nodes: [...flow.nodes].reverse(), edges: [...flow.edges].reverse() };
    expect(JSON.stringify(bundleOf([{ flow: drawn, lock }]))).toBe(JSON.stringify(bundleOf([locked])));
  });

  it("is told when a file is another one than its hash says, is missing, or is none of ours", () => {
    const bundle = bundleOf([locked]);
    const [path = ""] = Object.keys(bundle.files);
    const changed = { ...bundle, files: { ...bundle.files, [path]: `${bundle.files[path]} ` } };
    expect(openBundle(changed).faults).toEqual([`${path} has another hash than is said.`]);
    const { [path]: _gone, ...rest } = bundle.files;
    expect(openBundle({ ...bundle, files: rest }).faults).toEqual([`${path} is named, but not there.`]);
    expect(openBundle(bundleFiles({ "../etc/passwd": "x" })).faults).toEqual([
      "../etc/passwd is no file that a bundle can hold.",
    ]);
    expect(openBundle(bundleFiles({ "flows/a.flow.json": '{"__proto__": 1}' })).faults[0]).toMatch(
      /^flows\/a\.flow\.json is no JSON/,
    );
  });

  it("cannot hold one connector in two contents", () => {
    const { flow, lock } = locked;
    const netsuite = lock.connectors.netsuite;
    if (!netsuite) throw new Error("no netsuite");
    const other = { ...lock, connectors: { ...lock.connectors, netsuite: { ...netsuite, version: "0.0.1" } } };
    expect(() => bundleOf([locked, { flow: { ...flow, id: "other" }, lock: other }])).toThrow(FilesDiffer);
  });
});

describe("changes and drift", () => {
  it("are told by node, connector and field", () => {
    const { flow, lock } = locked;
    const nodes = flow.nodes.map((node) => (node.id === "erp" ? { ...node, config: { newOrderStatus: "A" } } : node));
    const netsuite = lock.connectors.netsuite;
    if (!netsuite) throw new Error("no netsuite");
    const after = {
      flow: { ...flow, nodes, edges: flow.edges.slice(1) },
      lock: { ...lock, connectors: { ...lock.connectors, netsuite: { ...netsuite, version: "9.9.9" } } },
    };
    expect(changesOf(locked, after)).toEqual([
      { kind: "node", name: "erp", change: "changed", fields: ["/config/newOrderStatus"] },
      { kind: "edge", name: flow.edges[0]?.id, change: "removed", fields: [] },
      { kind: "connector", name: "netsuite", change: "changed", fields: ["/version"] },
    ]);
    expect(changesOf(locked, locked)).toEqual([]);
  });

  it("count neither how a file is written nor where cards stand, and no connector that no flow here uses", () => {
    const { files } = bundleOf([locked]);
    const path = "flows/shopify-order-to-cash.flow.json";
    const { layout: _layout, ...flow } = locked.flow;
    const mine = { ...files, [path]: JSON.stringify(shuffled(flow)), "nodes/connectors/odoo.connector.json": "{}" };
    expect(driftOf(mine, files)).toEqual([]);
    expect(driftOf({ ...mine, [path]: JSON.stringify({ ...flow, name: "Other" }) }, files)).toEqual([
      { file: path, standing: "changed" },
    ]);
    expect(driftOf({ "flows/new.flow.json": "{}" }, { "flows/old.flow.json": "{}" })).toEqual([
      { file: "flows/new.flow.json", standing: "onlyFiles" },
      { file: "flows/old.flow.json", standing: "onlyInstalled" },
    ]);
  });
});
