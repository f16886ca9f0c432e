import { type EditorState, Transaction, type TransactionSpec } from "@codemirror/state";

/**
 * The change that brings an editor to a text which comes from outside: an undo of the flow, a colleague's version. It is
 * no step of the editor's own history, or its undo would bring back what the flow has just undone. Only what differs is
 * changed, so that the steps before keep their places.
 */
export function fromOutside({ doc }: EditorState, text: string): TransactionSpec {
  const before = doc.toString();
  const most = Math.min(before.length, text.length);
  let start = 0;
  while (start < most && before[start] === text[start]) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === text.at(-1 - end)) end += 1;
  return {
    changes: { from: start, to: before.length - end, insert: text.slice(start, text.length - end) },
    annotations: Transaction.addToHistory.of(false),
  };
}
