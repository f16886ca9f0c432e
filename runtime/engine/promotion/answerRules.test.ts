import { describe, expect, test } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { bookConnector, sampleCatalog, sampleFlow } from "#nodes/sample.fixture.ts";
import type { Connector, RequestOperation } from "#schemas/connector.ts";
import { answerRules, readByItem } from "./answerRules.ts";

const post = bookConnector.operations.post as RequestOperation;

const rulesWith = (more: Partial<RequestOperation>, connector: Partial<Connector> = {}, config: object = {}, mappings = {}) => {
  const flow = {
    ...sampleFlow,
    nodes: sampleFlow.nodes.map((node) => (node.id === "erp" ? { ...node, config: { ...node.config, ...config } } : node)),
  };
  const book: Connector = {
    ...bookConnector,
    ...connector,
    operations: { ...bookConnector.operations, post: { ...post, ...more } },
  };
  const connectors = { ...sampleCatalog.connectors, book };
  const lock = makeLock(flow, { ...sampleCatalog, connectors, mappings: { ...sampleCatalog.mappings, ...mappings } });
  return answerRules({ flow, lock });
};
const hashOf = (...made: Parameters<typeof rulesWith>) => rulesWith(...made).get("erp")?.hash;
const fetched = (bodyFile: string): Partial<RequestOperation> => ({
  steps: [{ request: { method: "POST", path: "/next", bodyFile } }],
});

describe("what a version makes of answers", () => {
  test("is known of each effect, and of nothing else", () => {
    expect([...rulesWith({}).keys()]).toEqual(["erp", "read"]);
  });

  test.each<[string, ...Parameters<typeof rulesWith>]>([
    ["what is a success", { success: "body.ok = true" }],
    ["the result", { result: "{ 'id': $error('no') }" }],
    ["the operation's errors", { errors: [{ status: [409], class: "rejected" }] }],
    ["the connector's errors", {}, { errors: [] }],
    ["the format", { decode: { format: { type: "text" } } }],
    ["a further step", fetched("post.jsonata")],
  ])("differs by %s", (_name, ...made) => {
    expect(hashOf(...made)).not.toBe(hashOf({}));
  });

  test("differs by the mapping of a further step, and by the settings where it looks at them", () => {
    const file = "next.jsonata";
    expect(hashOf(fetched(file), {}, {}, { "book/next.jsonata": "1" })).not.toBe(
      hashOf(fetched(file), {}, {}, { "book/next.jsonata": "2" }),
    );
    const result = "$config.series";
    expect(hashOf({ result }, {}, { series: "B" })).not.toBe(hashOf({ result }));
    expect(hashOf({}, {}, { series: "B" })).toBe(hashOf({}));
  });

  test("is the same whatever the request, the key, the waits or the words are", () => {
    const request = { ...post.request, path: "/other", bodyFile: "other.jsonata" };
    const more = { title: "Other", documentKey: "id", event: "other", retry: { attempts: 9 }, samples: ["x"] };
    const idempotency = { mode: "none" as const };
    expect(hashOf({ ...more, request, idempotency }, {}, {}, { "book/other.jsonata": "1" })).toBe(hashOf({}));
  });

  test("depends on the item where an expression says so, where more is asked, and where each document has its answer", () => {
    expect(readByItem(rulesWith({}))).toEqual([]);
    expect(readByItem(rulesWith({ result: "body[sku = $item.sku]" }))).toEqual(["erp"]);
    expect(readByItem(rulesWith(fetched("post.jsonata")))).toEqual(["erp"]);
    expect(readByItem(rulesWith({ items: { key: "number", results: "body", good: "true" } }))).toEqual(["erp"]);
  });
});
