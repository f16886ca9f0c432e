import { describe, expect, it } from "vitest";
import { canonicalSchema } from "#schemas/canonical/registry.ts";
import { NodeManifest } from "#schemas/manifest.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { operationManifest, operationManifests } from "./connector/manifest.ts";
import { makeLock } from "./lock.ts";
import { bookConnector, sampleCatalog, sampleFlow, shopConnector } from "./sample.fixture.ts";

const withNode = (node: (typeof sampleFlow.nodes)[number]) => ({ ...sampleFlow, nodes: [...sampleFlow.nodes, node] });

describe("makeLock", () => {
  it("keeps what the flow uses and nothing else", () => {
    const flow = withNode({ id: "check", type: "validate", config: { schema: "canonical/order/1" } });
    const lock = makeLock(flow, {
      ...sampleCatalog,
      connectors: { ...sampleCatalog.connectors, other: { ...bookConnector, id: "other" } },
    });
    expect(Object.keys(lock.manifests).sort()).toEqual([
      "book.find",
      "book.post",
      "map",
      "stall.orderCreated",
      "switch",
      "validate",
    ]);
    expect(Object.keys(lock.connectors).sort()).toEqual(["book", "stall"]);
    expect(lock.mappings).toEqual({ "book/post.jsonata": sampleCatalog.mappings["book/post.jsonata"] });
    const { version, schema } = canonicalSchema("canonical/order/1") ?? {};
    expect(lock.schemas).toEqual({ "canonical/order/1": { version, schema } });
    expect(makeLock(sampleFlow, sampleCatalog).schemas).toEqual({});
  });

  it("says what does not exist here", () => {
    expect(() => makeLock(withNode({ id: "x", type: "constructor" }), sampleCatalog)).toThrow(
      'Node "x" has the type "constructor", which does not exist here.',
    );
    expect(() => makeLock(sampleFlow, { ...sampleCatalog, mappings: {} })).toThrow(
      'The connector "book" names the mapping post.jsonata, which does not exist here.',
    );
    expect(() => makeLock(sampleFlow, { ...sampleCatalog, connectors: { stall: shopConnector } })).toThrow(
      'the connector "book"',
    );
    expect(() =>
      makeLock(withNode({ id: "v", type: "validate", config: { schema: "canonical/order/9" } }), sampleCatalog),
    ).toThrow('the schema "canonical/order/9"');
  });
});

describe("operationManifest", () => {
  it("makes a valid node type of every operation", () => {
    for (const manifest of [...operationManifests(bookConnector), ...operationManifests(shopConnector)]) {
      expect(checkAgainst(NodeManifest, manifest)).toEqual({ ok: true, faults: [] });
    }
    expect(operationManifest(shopConnector, "orderCreated")).toMatchObject({
      type: "stall.orderCreated",
      kind: "source",
      inputs: [],
      outputs: [{ name: "out" }],
    });
    const post = operationManifest(bookConnector, "post");
    expect(post).toMatchObject({ type: "book.post", kind: "effect", effect: { idempotency: "lookup", read: false } });
    expect(post.outputs.map((port) => port.name)).toEqual(["out", "result"]);
    expect(operationManifest(bookConnector, "find").effect).toEqual({ idempotency: "none", read: true });
    expect(() => operationManifest(bookConnector, "toString")).toThrow('Connector "book" has no operation "toString".');
  });

  it("lets the answer be attached under a plain name only", () => {
    const { config } = operationManifest(bookConnector, "post");
    const faults = (value: object) => {
      const check = checkAgainst(config, value);
      return check.ok ? check.faults.length : -1;
    };
    expect([{}, { attach: "" }, { attach: "erp" }, { attach: "erp", series: "A" }].map(faults)).toEqual([0, 0, 0, 0]);
    for (const attach of ["constructor", "__proto__", "a.b", "1"]) expect(faults({ attach })).toBeGreaterThan(0);
    expect(faults({ other: 1 })).toBe(1);
  });
});
