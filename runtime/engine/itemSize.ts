import type { Plan } from "#nodes/plan.ts";
import type { NewTask } from "#runtime/store/outcomes.ts";
import { isObject } from "#schemas/isObject.ts";
import type { Reason } from "#schemas/outcome.ts";
import type { ControlFailure } from "./successors.ts";

/**
 * Finds an item or request that is larger than one may be: it is refused by name, with what made it, instead of filling
 * the database and the evaluators. `crossed` are the ids of the edges that items took, where that is known.
 */
export function tooLargeItem(
  { flow }: Plan,
  successors: readonly NewTask[],
  limitBytes: number,
  crossed?: readonly string[],
): ControlFailure | undefined {
  for (const next of successors) {
    const request = next.call === null ? 0 : bytesOver(next.call, limitBytes);
    const item = bytesOver(next.input, limitBytes);
    if (request === 0 && item === 0) continue;
    // A segment is named after the node whose port it follows; anything else is fed by edges.
    const feeding = flow.edges
      .filter((edge) => edge.to.node === next.node && (crossed?.includes(edge.id) ?? true))
      .map((edge) => edge.from.node);
    const makers = item === 0 || next.kind === "segment" || feeding.length === 0 ? [next.node] : [...new Set(feeding)];
    const reason = reasonOf(makers, item === 0 ? "request" : "item", item === 0 ? request : item, limitBytes);
    return { node: makers[0] ?? next.node, item: null, class: "tooLarge", reason };
  }
  return undefined;
}

/**
 * What goes the error way in the place of an item that is too large: the one that what made it was given. A join is given none: of what it
 * gathered as many of the first as fill half the limit, and how many there were, so that the error way can name the document.
 */
export function itemBefore(given: unknown, made: unknown, limitBytes: number): unknown {
  if (given !== null && given !== undefined) return given;
  const items = Array.isArray(made) ? made : isObject(made) && Array.isArray(made.items) ? made.items : [];
  let left = limitBytes / 2;
  const end = items.findIndex((item) => {
    left -= Buffer.byteLength(JSON.stringify(item ?? null));
    return left < 0;
  });
  return { items: end < 0 ? items : items.slice(0, end), arrived: items.length };
}

/** The bytes of a text when they are more than the limit, else 0; counted only where characters alone do not tell. */
function bytesOver(text: string, limit: number): number {
  if (text.length * 3 <= limit) return 0;
  const bytes = Buffer.byteLength(text);
  return bytes > limit ? bytes : 0;
}

function reasonOf(nodes: string[], what: "item" | "request", bytes: number, limitBytes: number): Reason {
  const named = nodes.map((id) => `"${id}"`).join(" or ");
  return {
    code: `${what}TooLarge`,
    message: `Node ${named} made ${what === "item" ? "an item" : "a request"} of ${bytes} bytes; ${limitBytes} are allowed.`,
    hint: "Let the flow carry less (leave parts out, or split the list), or raise ORDERLOOM_MAX_ITEM_BYTES.",
    params: { nodes, bytes, limitBytes, setting: "ORDERLOOM_MAX_ITEM_BYTES" },
  };
}
