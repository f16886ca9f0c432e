import { describe, expect, test } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { bookConnector, sampleCatalog, sampleFlow } from "#nodes/sample.fixture.ts";
import type { ConnectorOperation, RequestOperation } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import type { ReplayDiff } from "#schemas/promotion.ts";
import { type LockedVersion, type OpenWork, promotionRisks } from "./risks.ts";

const none: ReplayDiff = {
  environment: "dev",
  before: 1,
  after: 2,
  messages: 0,
  same: 0,
  differing: 0,
  unknown: 0,
  unknownAt: {},
  keys: {},
  groups: [],
  omitted: 0,
  ms: 0,
};
const version = (flow: Flow, catalog = sampleCatalog): LockedVersion => ({ flow, lock: makeLock(flow, catalog) });
const names = (before: LockedVersion, after: LockedVersion, open: OpenWork = {}, diff = none) =>
  promotionRisks(before, after, open, diff).map(({ name }) => name);

describe("the risks of a promotion", () => {
  test("are none between a version and itself", () => {
    expect(names(version(sampleFlow), version(sampleFlow))).toEqual([]);
  });

  test("name an effect whose key is made otherwise, by the connector or by what was seen", () => {
    const post = { ...bookConnector.operations.post, documentKey: "number & '-2'" } as ConnectorOperation;
    const connectors = {
      ...sampleCatalog.connectors,
      book: { ...bookConnector, operations: { ...bookConnector.operations, post } },
    };
    expect(names(version(sampleFlow), version(sampleFlow, { ...sampleCatalog, connectors }))).toEqual(["effectKey:erp"]);
    const group = { kind: "effectKey" as const, node: "erp", field: "", messages: 4, examples: [] };
    const [risk] = promotionRisks(version(sampleFlow), version(sampleFlow), {}, { ...none, groups: [group] });
    expect(risk).toMatchObject({ name: "effectKey:erp", detail: expect.stringMatching(/^4 of the messages/) });
  });

  test("name an effect whose key is another one by assumption, or could not be tried", () => {
    const detailOf = (diff: Partial<ReplayDiff>) =>
      promotionRisks(version(sampleFlow), version(sampleFlow), {}, { ...none, ...diff }).map(({ name, detail }) => [
        name,
        detail,
      ]);
    const again = "What was done under the old key can be done again under the new one.";
    const untried = "What leads to it has changed, and its key could not be tried: 3 messages are unknown before it.";
    expect(detailOf({ keys: { erp: { another: 0, untried: 3 } } })).toEqual([
      ["effectKey:erp", `${untried} If it is another one, what was done can be done again.`],
    ]);
    expect(detailOf({ keys: { erp: { another: 2, untried: 3 } } })).toEqual([
      [
        "effectKey:erp",
        `2 of the messages tried get another key, if what is asked before it is answered as it was. ${untried} ${again}`,
      ],
    ]);
    const group = { kind: "effectKey" as const, node: "erp", field: "", messages: 4, examples: [] };
    expect(detailOf({ groups: [group], keys: { erp: { another: 2, untried: 0 } } })).toEqual([
      [
        "effectKey:erp",
        `4 of the messages tried get another key. 2 more get another key, if what is asked before it is answered as it was. ${again}`,
      ],
    ]);
  });

  test("name an effect to which another way leads, where nothing runs any more that it could be compared with", () => {
    const moved: Flow = {
      ...sampleFlow,
      nodes: sampleFlow.nodes.map((node) => (node.id === "shape" ? { ...node, config: { expression: "$" } } : node)),
    };
    const gone = { ...none, before: null };
    expect(names(version(sampleFlow), version(moved), {}, gone)).toEqual(["effectKey:erp"]);
    expect(names(version(sampleFlow), version(moved))).toEqual([]);
    expect(names(version(sampleFlow), version(sampleFlow), {}, gone)).toEqual([]);
  });

  test("name an effect that will be done at another account, though nothing of it is drawn otherwise", () => {
    const { slot = "" } = sampleFlow.nodes.find(({ id }) => id === "erp") ?? {};
    const at = (account: string): LockedVersion => ({ ...version(sampleFlow), accounts: { [slot]: account } });
    expect(names(at("north"), at("north"))).toEqual([]);
    expect(promotionRisks(at("north"), at("south"), {}, none)).toMatchObject([
      { name: "effectKey:erp", detail: expect.stringMatching(/^It reaches the account south, no more north\./) },
    ]);
  });

  const guarded = (idempotency: RequestOperation["idempotency"], mappings = {}): LockedVersion => {
    const post = { ...(bookConnector.operations.post as RequestOperation), idempotency };
    const book = { ...bookConnector, operations: { ...bookConnector.operations, post } };
    const connectors = { ...sampleCatalog.connectors, book };
    return version(sampleFlow, { ...sampleCatalog, connectors, mappings: { ...sampleCatalog.mappings, ...mappings } });
  };
  const { idempotency: asks } = bookConnector.operations.post as RequestOperation;
  const lookup = asks.lookup as NonNullable<typeof asks.lookup>;
  const other = { ...lookup, request: { method: "GET" as const, path: "/others", bodyFile: "q.jsonata" } };
  type Guarded = Parameters<typeof guarded>;

  test.each<[string, Guarded, Guarded, RegExp]>([
    ["never sent again", [asks], [{ mode: "none" }], /waits for a person; before, the system is asked for it/],
    [
      "sent again, and was not",
      [{ mode: "none" }],
      [{ mode: "natural" }],
      /writes over itself .* before, it is never sent again/,
    ],
    ["known by another header", [{ mode: "key", header: "a" }], [{ mode: "key", header: "b" }], /stands at b, no more at a/],
    [
      "trusted for longer",
      [{ mode: "key", header: "a", keptMs: 60_000 }],
      [{ mode: "key", header: "a" }],
      /know a key for longer/,
    ],
    ["waited for less", [asks], [{ ...asks, quietPeriodMs: 500 }], /500 ms are waited for, no more 1000/],
    ["written over sooner", [{ mode: "natural" }], [{ mode: "natural", quietPeriodMs: 1 }], /1 ms are waited for, no more 10000/],
    ["found otherwise", [asks], [{ ...asks, lookup: { ...lookup, found: "body" } }], /What is asked before it is sent again/],
    [
      "asked for by another mapping",
      [{ ...asks, lookup: other }, { "book/q.jsonata": "1" }],
      [{ ...asks, lookup: other }, { "book/q.jsonata": "2" }],
      /What is asked before it is sent again/,
    ],
  ])("name an effect that is %s", (_name, before, after, detail) => {
    expect(promotionRisks(guarded(...before), guarded(...after), {}, none)).toMatchObject([
      { name: "idempotency:erp", kind: "idempotency", node: "erp", detail: expect.stringMatching(detail) },
    ]);
  });

  test("name none where it is waited for longer, or a key is trusted for less long; and the new effect that stands for a gone one", () => {
    expect(names(guarded(asks), guarded({ ...asks, quietPeriodMs: 5_000 }))).toEqual([]);
    const key = { mode: "key" as const, header: "a" };
    expect(names(guarded(key), guarded({ ...key, keptMs: 60_000 }))).toEqual([]);
    const { flow, lock } = guarded({ mode: "none" });
    const redrawn = { ...flow, nodes: flow.nodes.map((node) => (node.id === "erp" ? { ...node, id: "book" } : node)) };
    expect(names(guarded(asks), { flow: redrawn, lock })).toEqual(["redrawnEffect:erp", "idempotency:erp"]);
  });

  test("name messages of one document that may overtake each other now", () => {
    const free = version({ ...sampleFlow, ordering: "none" });
    expect(names(version(sampleFlow), free)).toEqual(["ordering"]);
    expect(names(version({ ...sampleFlow, ordering: "document" }), free)).toEqual(["ordering"]);
    expect([names(free, free), names(free, version(sampleFlow))]).toEqual([[], []]);
  });

  test("name a node that is gone only where something of it is open", () => {
    const without: Flow = {
      ...sampleFlow,
      nodes: sampleFlow.nodes.filter(({ id }) => id !== "read"),
      edges: sampleFlow.edges.filter(({ id }) => id !== "e4"),
    };
    expect(names(version(sampleFlow), version(without))).toEqual([]);
    const open = { read: { tasks: 0, deadLetters: 2 }, erp: { tasks: 5, deadLetters: 0 } };
    expect(names(version(sampleFlow), version(without), open)).toEqual(["removedNode:read"]);
  });

  test("name an effect that was taken away and drawn anew, and its other key where it has one", () => {
    const redrawn = (more: object = {}, id = "book"): Flow => ({
      ...sampleFlow,
      nodes: sampleFlow.nodes.map((node) => (node.id === "erp" ? { ...node, id, ...more } : node)),
    });
    const [risk] = promotionRisks(version(sampleFlow), version(redrawn()), {}, none);
    expect(risk).toMatchObject({
      name: "redrawnEffect:erp",
      kind: "redrawnEffect",
      detail: expect.stringMatching(/drawn anew as book\. Its key is the same/),
    });
    const named = promotionRisks(version(sampleFlow), version(redrawn({ name: "Book it" })), {}, none);
    expect(named).toMatchObject([{ detail: expect.stringMatching(/drawn anew as Book it \(book\)\./) }]);
    // Another slot is another account: what was done can be done again.
    const elsewhere = promotionRisks(version(sampleFlow), version(redrawn({ slot: "other" })), {}, none);
    expect(elsewhere).toMatchObject([
      { name: "effectKey:erp", detail: expect.stringMatching(/drawn anew as book\. It reaches/) },
    ]);
    const post = { ...bookConnector.operations.post, documentKey: "number & '-2'" } as ConnectorOperation;
    const book = { ...bookConnector, operations: { ...bookConnector.operations, post } };
    const otherwise = version(redrawn(), { ...sampleCatalog, connectors: { ...sampleCatalog.connectors, book } });
    expect(names(version(sampleFlow), otherwise)).toEqual(["effectKey:erp"]);
    // With open work of the old node both are told.
    const open = { erp: { tasks: 1, deadLetters: 0 } };
    expect(names(version(sampleFlow), version(redrawn()), open)).toEqual(["removedNode:erp", "redrawnEffect:erp"]);
  });

  test("name the likest of several new effects, and none for reads or for an operation that is gone", () => {
    const erp = sampleFlow.nodes.find(({ id }) => id === "erp") as Flow["nodes"][number];
    const others = sampleFlow.nodes.filter(({ id }) => id !== "erp");
    const several: Flow = { ...sampleFlow, nodes: [...others, { ...erp, id: "far", slot: "other" }, { ...erp, id: "near" }] };
    expect(promotionRisks(version(sampleFlow), version(several), {}, none)).toMatchObject([
      { name: "redrawnEffect:erp", detail: expect.stringContaining("as near.") },
    ]);
    const read: Flow = {
      ...sampleFlow,
      nodes: sampleFlow.nodes.map((node) => (node.id === "read" ? { ...node, id: "look" } : node)),
    };
    expect(names(version(sampleFlow), version(read))).toEqual([]);
    expect(names(version(sampleFlow), version({ ...sampleFlow, nodes: others }))).toEqual([]);
  });

  test("name documents that are checked against another schema, or one that is wider by now", () => {
    const checking = (schema: string, type = "validate"): Flow => ({
      ...sampleFlow,
      nodes: [...sampleFlow.nodes, { id: "check", type, config: { schema } }],
    });
    const order = version(checking("canonical/order/1"));
    const detailOf = (after: LockedVersion) => promotionRisks(order, after, {}, none).map(({ detail }) => detail);
    expect(detailOf(version(checking("canonical/shipment/1")))).toEqual([
      "Documents are checked against canonical/shipment/1 instead of canonical/order/1. What was refused may come through.",
    ]);
    const wider = { ...order, lock: { ...order.lock, schemas: { ...order.lock.schemas, "canonical/order/1": "1.9.0" } } };
    expect(detailOf(wider)).toEqual(["canonical/order/1 is 1.9.0 now instead of 1.1.0. What was refused may come through."]);
    const rewritten = { "canonical/order/1": { version: "1.1.0", schema: {} } };
    expect(detailOf({ ...order, lock: { ...order.lock, schemas: rewritten } })).toEqual([
      "canonical/order/1 1.1.0 says something else than it did. What was refused may come through.",
    ]);
    // Under the same id something else stands there.
    expect(detailOf(version(checking("canonical/order/1", "map")))).toEqual([
      "Documents are no longer checked against canonical/order/1. What was refused may come through.",
    ]);
    const off = { ...order, flow: { ...order.flow, nodes: order.flow.nodes.map((node) => ({ ...node, disabled: true })) } };
    expect(promotionRisks(off, version(sampleFlow), {}, none).filter(({ kind }) => kind === "checksLess")).toEqual([]);
  });

  test("name documents that are checked less", () => {
    const checked: Flow = {
      ...sampleFlow,
      nodes: [...sampleFlow.nodes, { id: "check", type: "validate", config: { schema: "canonical/order/1" } }],
    };
    const off = { ...checked, nodes: checked.nodes.map((node) => (node.id === "check" ? { ...node, disabled: true } : node)) };
    expect(names(version(checked), version(checked))).toEqual([]);
    expect(names(version(checked), version(off))).toEqual(["checksLess:check"]);
    expect(names(version(checked), version(sampleFlow))).toEqual(["checksLess:check"]);
    expect(names(version(sampleFlow), version(checked))).toEqual([]);
  });

  test("name a check that is still there, but with a way around it to an effect", () => {
    const edge = (id: string, from: string, port: string, to: string) => ({
      id,
      from: { node: from, port },
      to: { node: to, port: "in" },
    });
    const check = { id: "check", type: "validate", config: { schema: "canonical/order/1" } };
    const others = sampleFlow.edges.filter(({ id }) => id !== "e1");
    const through = [edge("c1", "orders", "out", "check"), edge("c2", "check", "valid", "shape")];
    const drawn = (...more: Flow["edges"]): Flow => ({
      ...sampleFlow,
      nodes: [...sampleFlow.nodes, check],
      edges: [...others, ...through, ...more],
    });
    const around = drawn(edge("x", "orders", "out", "erp"));
    const [risk, ...rest] = promotionRisks(version(drawn()), version(around), {}, none);
    expect(risk).toMatchObject({
      name: "checksLess:check",
      detail: "Documents come to erp without being checked at check. What was refused may come through.",
    });
    expect(rest).toEqual([]);
    // What fails there, and goes on, has not been let pass.
    expect(names(version(drawn()), version(drawn(edge("x", "check", "error", "erp"))))).toEqual(["checksLess:check"]);
    // It was so before; or leads to what only reads.
    expect(names(version(around), version(around))).toEqual([]);
    expect(names(version(drawn()), version(drawn(edge("x", "orders", "out", "read"))))).toEqual([]);
  });

  test("name a node that became another type under its id while something of it is open", () => {
    const [at, open] = ["read", { read: { tasks: 3, deadLetters: 0 } }];
    const other: Flow = {
      ...sampleFlow,
      nodes: sampleFlow.nodes.map((node) => (node.id === at ? { ...node, type: "delay", config: { for: "PT1H" } } : node)),
    };
    const risks = promotionRisks(version(sampleFlow), version(other), open, none);
    expect(risks.find(({ name }) => name === "removedNode:read")?.detail).toMatch(
      /^The node is of another type \(delay, not .*, and 3 tasks .* does something else there\.$/,
    );
    expect(names(version(sampleFlow), version(other))).not.toContain("removedNode:read");
  });

  test("name a node that is disabled while something of it is open, and was not before", () => {
    const off: Flow = { ...sampleFlow, nodes: sampleFlow.nodes.map((node) => ({ ...node, disabled: node.id === "read" })) };
    const open = { read: { tasks: 0, deadLetters: 2 }, erp: { tasks: 5, deadLetters: 0 } };
    expect(promotionRisks(version(sampleFlow), version(off), open, none)).toMatchObject([
      { name: "removedNode:read", detail: expect.stringContaining("is disabled, and 0 tasks and 2 dead letters") },
    ]);
    expect(names(version(off), version(off), open)).toEqual([]);
  });
});
