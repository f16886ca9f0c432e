import { expect, it } from "vitest";
import type { DraftNode } from "./draft.ts";
import { lookups } from "./lookups.ts";

const node = (index: number, config: Record<string, unknown>, disabled = false): DraftNode => ({
  index,
  id: `n${index}`,
  type: "lookup",
  manifest: undefined,
  version: 1,
  slot: undefined,
  config,
  retry: undefined,
  onError: undefined,
  disabled,
});

/** Codes with the nodes that they are about. */
function found(nodes: DraftNode[], wired: string[] = []): string[] {
  const codes: string[] = [];
  const edges = wired.map((id, index) => ({
    index,
    id: `e${index}`,
    from: { node: id, port: "missing" },
    to: { node: "end", port: "in" },
  }));
  const unread = { nodes: false, edges: false, slots: false };
  const draft = { id: "f", priority: undefined, nodes, edges, slots: [], unread };
  lookups(draft as Parameters<typeof lookups>[0], { manifests: {} }, ({ code, node: at }) => codes.push(`${code} ${at}`));
  return codes;
}

const tables = (count: number) => Array.from({ length: count }, (_, index) => node(index, { table: `t${index}` }));

it("a flow looks things up in eight tables, in each as often as it likes", () => {
  expect(found([...tables(8), node(8, { table: "t1" }), node(9, { table: "t9" }, true)])).toEqual([]);
  expect(found([...tables(9), node(9, { table: "t8" })])).toEqual(["lookup.tooManyTables n8"]);
});

it("a way for what is missing leads somewhere", () => {
  const passing = node(0, { table: "t", missing: "pass" });
  expect(found([passing])).toEqual(["lookup.openWay n0"]);
  expect(found([passing], ["n0"])).toEqual([]);
  expect(found([node(0, { table: "t", missing: "default" })])).toEqual([]);
});
