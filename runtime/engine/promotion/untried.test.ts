import { expect, test } from "vitest";
import { sampleFlow } from "#nodes/sample.fixture.ts";
import { untriedOf } from "./untried.ts";

test("a version is untried where no message was tried, or of none it is known what follows a request", () => {
  const said = (messages: number, unknownAt: Record<string, number>, unknown = messages) =>
    untriedOf(sampleFlow, { messages, unknown, unknownAt });
  expect(said(0, {})).toMatch(/^No messages were tried/);
  expect(said(20, { erp: 20 })).toBe("Of none of the messages it is known what follows erp, so what comes after was not tried.");
  expect(said(20, { erp: 19 }, 19)).toBeNull();
  // Nothing comes after it: all that the version does is known.
  expect(said(20, { read: 20 })).toBeNull();
  const named = {
    ...sampleFlow,
    nodes: sampleFlow.nodes.map((node) => (node.id === "erp" ? { ...node, name: "Book it" } : node)),
  };
  expect(untriedOf(named, { messages: 1, unknown: 1, unknownAt: { erp: 1 } })).toContain("what follows Book it,");
});
