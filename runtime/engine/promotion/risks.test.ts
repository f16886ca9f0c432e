import { describe, expect, test } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { bookConnector, sampleCatalog, sampleFlow } from "#nodes/sample.fixture.ts";
import type { ConnectorOperation } from "#schemas/connector.ts";
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

  test("name an effect that will be done at another account, though nothing of it is drawn otherwise", () => {
    const { slot = "" } = sampleFlow.nodes.find(({ id }) => id === "erp") ?? {};
    const at = (account: string): LockedVersion => ({ ...version(sampleFlow), accounts: { [slot]: account } });
    expect(names(at("north"), at("north"))).toEqual([]);
    expect(promotionRisks(at("north"), at("south"), {}, none)).toMatchObject([
      { name: "effectKey:erp", detail: expect.stringMatching(/^It reaches the account south, no more north\./) },
    ]);
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
});
