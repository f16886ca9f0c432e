import { describe, expect, it } from "vitest";
import mirakl from "#nodes/connectors/mirakl.connector.json" with { type: "json" };
import zalando from "#nodes/connectors/zalando.connector.json" with { type: "json" };
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { targetOfOperation } from "./operationTarget.ts";
import { targetBehind } from "./targetChoice.ts";

const manifest = (type: string, more: Partial<NodeManifest>): [string, NodeManifest] => [
  type,
  {
    type,
    version: "1.0.0",
    title: type,
    summary: "",
    category: "sink",
    kind: "effect",
    icon: "x",
    keywords: [],
    inputs: [],
    outputs: [],
    config: {},
    ...more,
  },
];

const order = [{ name: "in", title: "In", schema: "canonical/order/1" }];
const manifests = new Map([
  manifest("map", { kind: "pure" }),
  manifest("switch", { kind: "pure" }),
  manifest("validate", { kind: "pure" }),
  manifest("erp.post", { inputs: order, connector: "erp", operation: "post" }),
  manifest("zalando.setLineStatus", { connector: "zalando", operation: "setLineStatus" }),
]);

function flowOf(nodes: Flow["nodes"], links: readonly [string, string][]): Flow {
  const edges = links.map(([from, to]) => ({
    id: `${from}-${to}`,
    from: { node: from, port: "out" },
    to: { node: to, port: "in" },
  }));
  return { kind: "flow", formatVersion: 1, id: "f", name: "F", slots: [], nodes, edges };
}

describe("the target behind a map", () => {
  const map = { id: "m", type: "map" };

  it("is what the nearest node takes, also behind one that hands on", () => {
    const nodes = [map, { id: "s", type: "switch" }, { id: "e", type: "erp.post" }];
    const found = targetBehind(
      flowOf(nodes, [
        ["m", "s"],
        ["s", "e"],
      ]),
      "m",
      { manifests },
    );
    expect(found).toMatchObject({ choice: { kind: "canonical", name: "canonical/order/1" }, node: { id: "e" } });
    const checked = [map, { id: "v", type: "validate", config: { schema: "canonical/order/1" } }];
    expect(targetBehind(flowOf(checked, [["m", "v"]]), "m", { manifests })?.node.id).toBe("v");
  });

  it("is what the operation reads where it takes no canonical document, and nothing behind a map of its own", () => {
    const sink = { id: "z", type: "zalando.setLineStatus" };
    const direct = targetBehind(flowOf([map, sink], [["m", "z"]]), "m", { manifests });
    expect(direct?.choice).toEqual({ kind: "operation", connector: "zalando", operation: "setLineStatus" });
    const other = { id: "n", type: "map" };
    expect(
      targetBehind(
        flowOf(
          [map, other, sink],
          [
            ["m", "n"],
            ["n", "z"],
          ],
        ),
        "m",
        { manifests },
      ),
    ).toBeUndefined();
  });

  it("ends where a flow goes round", () => {
    const nodes = [map, { id: "s", type: "switch" }];
    expect(
      targetBehind(
        flowOf(nodes, [
          ["m", "s"],
          ["s", "m"],
        ]),
        "m",
        { manifests },
      ),
    ).toBeUndefined();
  });
});

describe("what an operation reads", () => {
  const fieldsOf = (connector: unknown, operation: string): string[] =>
    targetOfOperation({ connector: connector as Connector, mappings: {} }, operation).children.map(({ key }) => key);

  it("is every field of the item in its request, whether in the path or in the body, and nothing of its connection", () => {
    expect(fieldsOf(zalando, "setLineStatus").sort()).toEqual(["itemId", "lineId", "orderId"]);
    expect(fieldsOf(mirakl, "acceptOrder")).toEqual(expect.arrayContaining(["externalId", "lines"]));
  });
});
