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
});
