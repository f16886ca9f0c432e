// @vitest-environment happy-dom
import { EditorView } from "@codemirror/view";
import { describe, expect, it } from "vitest";
import { jsonFaults } from "./jsonFaults.ts";

describe("the faults of a JSON text", () => {
  it.each([
    ["", 0],
    [" \n", 0],
    ['{"a": 1}', 0],
    ['{"a": ', 1],
  ])("of %j are %i: none before anything is typed", (doc, count) => {
    const view = new EditorView({ doc });
    expect(jsonFaults(view)).toHaveLength(count);
    view.destroy();
  });

  it.each([
    ['{ "id": 7, "line_items": [ }', "}"],
    ['{"a": 1,\n "b": yes}', "y"],
    ['{"a": 1 ', "1"],
  ])("of %j stand where they are", (doc, at) => {
    const view = new EditorView({ doc });
    const [{ from, to } = { from: 0, to: 0 }] = jsonFaults(view);
    expect(doc.slice(from, to)).toBe(at);
    expect(from).toBe(doc.lastIndexOf(at));
    view.destroy();
  });
});
