import fc from "fast-check";
import { expect, test } from "vitest";
import { hashFlow, sha256Hex } from "./hash.ts";
import { validFlow } from "./sampleFlow.fixture.ts";

test("gives the known SHA-256 of text in UTF-8", () => {
  expect(sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256Hex("é€😀")).toBe("df9226927fd572c1ee66eec85de1bb139497614899f36e4e90474cb71f6ef9d0");
});

test("moving a card, a schema reference and the order in the file make no new version", () => {
  const hash = hashFlow(validFlow(), {});
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (x, reverse) => {
      const flow = validFlow();
      flow.layout = { nodes: { orders: { x, y: 1 } } };
      flow.$schema = "../schemas/flow.schema.json";
      if (reverse) for (const list of [flow.nodes, flow.edges, flow.slots]) list.reverse();
      expect(hashFlow(flow, {})).toBe(hash);
    }),
  );
});

test("a change of the definition or of the lock makes another version", () => {
  const changed = validFlow();
  changed.nodes[1] = { id: "canonical", type: "map", config: { expression: "$$" } };
  const hashes = [hashFlow(validFlow(), {}), hashFlow(changed, {}), hashFlow(validFlow(), { manifests: { map: 1 } })];
  expect(new Set(hashes).size).toBe(3);
});
