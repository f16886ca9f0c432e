import fc from "fast-check";
import type { Flow } from "#schemas/flow.ts";
import { layoutColors } from "#schemas/layoutColors.ts";
import { validFlow } from "#schemas/sampleFlow.fixture.ts";
import { copy, pasteInto } from "./clipboard.ts";
import { apply, type Operation } from "./operations.ts";

/** Operations of every kind, and flows made by them, for property tests. */

const ids = ["orders", "canonical", "invariants", "route", "erp", "review", "new1", "new2"];
const id = fc.constantFrom(...ids);
const edgeIds = ["e1", "e3", "f1", "f2"];
const place = fc.integer({ min: -500, max: 500 });
const at = fc.record({ x: place, y: place });
const few = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 3 });
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const edge = fc.record({
  id: fc.constantFrom(...edgeIds),
  from: fc.record({ node: id, port: fc.constant("out") }),
  to: fc.record({ node: id, port: fc.constant("in") }),
});
const color = fc.constantFrom(...layoutColors);
const note = fc.record({
  id: fc.constantFrom("note", "note2"),
  text: fc.string({ maxLength: 6 }),
  x: place,
  y: place,
  width: fc.constant(200),
  height: fc.constant(120),
});
const groupId = fc.constantFrom("group", "group2");
const group = fc.record({ id: groupId, title: fc.string({ maxLength: 4 }), nodes: few(id) });
const config = fc.oneof(fc.constant({ expression: "$" }), fc.constant({ split: "orders" }));
const node = fc.oneof(
  fc.record({ id, type: fc.constantFrom("map", "join"), config }),
  fc.record({ id, type: fc.constant("shop.orderCreated"), slot: fc.constant("shop") }),
);

const value = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.integer(),
  fc.boolean(),
  fc.dictionary(fc.constantFrom("a", "b"), fc.integer()),
);

/** One arbitrary for each kind: a kind without one does not compile. */
const kinds: { [Kind in Operation["kind"]]: fc.Arbitrary<Extract<Operation, { kind: Kind }>> } = {
  addNode: fc.record({ kind: fc.constant("addNode"), node, at }),
  insertNode: fc.record(
    {
      kind: fc.constant("insertNode"),
      node,
      at,
      slot: fc.constant({ name: "wms", connector: "wms" }),
      edge: fc.constantFrom("e1", "e2", "f1"),
      into: edge,
      onward: edge,
      push: fc.dictionary(id, at, { maxKeys: 2 }),
    },
    { requiredKeys: ["kind", "node", "at", "edge", "into", "onward"] },
  ),
  update: fc.record({
    kind: fc.constant("update"),
    nodes: fc.uniqueArray(node, { selector: (one) => one.id, maxLength: 3 }),
  }),
  giveSlot: fc.record({
    kind: fc.constant("giveSlot"),
    node: id,
    slot: fc.constantFrom({ name: "wms", connector: "wms" }, { name: "shop", connector: "shop" }),
  }),
  paste: fc.tuple(fc.subarray(ids.slice(0, 6)), at).map(([nodes, corner]) => {
    const part = copy(validFlow(), { nodes }) ?? wholePart;
    const { operation } = pasteInto(validFlow(), part, corner);
    if (operation.kind !== "paste") throw new Error(operation.kind);
    return operation;
  }),
  remove: fc.record({
    kind: fc.constant("remove"),
    nodes: few(id),
    edges: fc.subarray(["e1", "e2", "f1"]),
    notes: fc.subarray(["note"]),
    groups: fc.subarray(["group"]),
  }),
  move: fc.record({
    kind: fc.constant("move"),
    to: fc.dictionary(id, at, { maxKeys: 3 }),
    notes: fc.dictionary(fc.constantFrom("note", "note2"), at, { maxKeys: 1 }),
  }),
  connect: fc.record({ kind: fc.constant("connect"), edge }),
  reconnect: fc.record({ kind: fc.constant("reconnect"), edge }),
  rewire: fc.record({ kind: fc.constant("rewire"), edges: few(edge), at: fc.dictionary(id, at, { maxKeys: 2 }) }),
  disable: fc.record({ kind: fc.constant("disable"), nodes: few(id), disabled: fc.boolean() }),
  setNode: fc.record({
    kind: fc.constant("setNode"),
    node: id,
    change: fc.record(
      {
        name: maybe(fc.string({ minLength: 1, maxLength: 4 })),
        retry: maybe(fc.record({ attempts: fc.integer({ min: 1, max: 3 }) })),
        onError: maybe(fc.constantFrom("route", "deadLetter")),
      },
      { requiredKeys: [] },
    ),
  }),
  setConfig: fc.record({
    kind: fc.constant("setConfig"),
    node: id,
    change: fc.dictionary(
      fc.constantFrom("expression", "limit", "cases"),
      maybe(fc.oneof(value, fc.constant([{ port: "ship", when: "lines.shippable" }]))),
      { minKeys: 1 },
    ),
  }),
  setFlow: fc.record({
    kind: fc.constant("setFlow"),
    change: fc.record(
      { name: fc.constantFrom("Orders to ERP", "Another"), tags: maybe(fc.subarray(["orders", "eu"])) },
      { requiredKeys: [] },
    ),
  }),
  replace: fc.subarray(ids.slice(0, 6)).map((gone) => ({
    kind: "replace",
    flow: apply({ ...validFlow(), id: "another" }, { kind: "remove", nodes: gone, edges: [] }),
  })),
  setLabel: fc.record({
    kind: fc.constant("setLabel"),
    edge: fc.constantFrom("e1", "e2", "f1"),
    label: maybe(fc.string({ minLength: 1, maxLength: 4 })),
  }),
  addNote: fc.record({ kind: fc.constant("addNote"), note }),
  setNote: fc.record({
    kind: fc.constant("setNote"),
    note: fc.constantFrom("note", "note2"),
    change: fc.record({ text: fc.string({ maxLength: 4 }), x: place, color: maybe(color) }, { requiredKeys: [] }),
  }),
  addGroup: fc.record({ kind: fc.constant("addGroup"), group }),
  setGroup: fc.record({
    kind: fc.constant("setGroup"),
    group: groupId,
    change: fc.record({ title: fc.string({ maxLength: 4 }), nodes: few(id), color: maybe(color) }, { requiredKeys: [] }),
  }),
  fold: fc.record({ kind: fc.constant("fold"), groups: few(groupId), folded: fc.boolean() }),
};

const wholePart = copy(validFlow(), { nodes: ids }) ?? fail();

function fail(): never {
  throw new Error("The sample flow has nodes.");
}

export const operationKinds = Object.keys(kinds) as Operation["kind"][];
export const operation: fc.Arbitrary<Operation> = fc.oneof(...Object.values<fc.Arbitrary<Operation>>(kinds));

/** A flow that a person could have drawn, with notes, groups and labels now and then. */
export const anyFlow: fc.Arbitrary<Flow> = fc
  .array(operation, { maxLength: 20 })
  .map((operations) => operations.reduce(apply, validFlow()));
