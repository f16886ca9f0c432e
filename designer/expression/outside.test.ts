import { history, redo, undo } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromOutside } from "./outside.ts";

/** An editor without a page. */
function editor(doc: string) {
  let state = EditorState.create({ doc, extensions: [history({ newGroupDelay: 0 })] });
  const dispatch = (transaction: { state: EditorState }) => {
    state = transaction.state;
  };
  const target = () => ({ state, dispatch });
  return {
    text: () => state.doc.toString(),
    type: (text: string) => dispatch(state.update({ changes: { from: state.doc.length, insert: text } })),
    take: (text: string) => dispatch(state.update(fromOutside(state, text))),
    undo: () => undo(target()),
    redo: () => redo(target()),
  };
}

describe("a text from outside", () => {
  it("is what the editor has then, whatever it had", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const one = editor(before);
        one.take(after);
        expect(one.text()).toBe(after);
      }),
    );
  });

  it("is not undone by the editor: what the flow has undone does not come back by Ctrl+Z", () => {
    const one = editor("id");
    one.type(" & 'x'");
    one.take("id");
    one.undo();
    expect(one.text()).toBe("id");
  });

  it("leaves the steps of the editor beside it as they were", () => {
    const one = editor("a\nb\n");
    one.type("c");
    one.take("A\nb\nc");
    one.undo();
    expect(one.text()).toBe("A\nb\n");
    one.redo();
    expect(one.text()).toBe("A\nb\nc");
  });
});
