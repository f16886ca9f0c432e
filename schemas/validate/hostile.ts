import { DEFAULT_MAX_DEPTH, forbiddenKeys } from "../json.ts";
import { escapePointer } from "../pointer.ts";
import type { Problem } from "../problem.ts";
import { quote } from "./wording.ts";

/**
 * What makes a document unfit to be looked at any further: keys that reach prototypes, or nesting on which recursion
 * would exhaust the stack. At most one problem; without recursion itself.
 */
export function hostileProblem(document: unknown): Problem | undefined {
  const open: { value: unknown; depth: number; pointer: string }[] = [{ value: document, depth: 0, pointer: "" }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth, pointer } = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth >= DEFAULT_MAX_DEPTH) {
      const message = `The document is nested deeper than ${DEFAULT_MAX_DEPTH} levels.`;
      return { code: "json.tooDeep", severity: "error", pointer, message, hint: "Make it flatter." };
    }
    for (const [key, child] of Object.entries(value)) {
      const place = `${pointer}/${escapePointer(key)}`;
      if (!Array.isArray(value) && forbiddenKeys.has(key)) {
        const message = `The document has the key ${quote(key)}, which is not allowed anywhere.`;
        return { code: "json.forbiddenKey", severity: "error", pointer: place, message, hint: "Rename the key." };
      }
      open.push({ value: child, depth: depth + 1, pointer: place });
    }
  }
  return undefined;
}
