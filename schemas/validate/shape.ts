import { Flow } from "../flow.ts";
import { isObject } from "../isObject.ts";
import { pointerOf, pointerSteps } from "../pointer.ts";
import type { Problem, Words } from "../problem.ts";
import { checkAgainst, type SchemaFault } from "./schemaFaults.ts";
import { quote } from "./wording.ts";
import { problemOf, words } from "./words.ts";

/** A problem with the whole document's shape: what the schema in `schemas/*.ts` says of it. */
export function shapeProblems(schema: object, document: unknown, nameOf: NameOf): Problem[] {
  const check = checkAgainst(schema, document);
  if (!check.ok) throw new Error(`One of our own schemas does not compile: ${check.message}`);
  return check.faults.map((fault) => shapeProblem(fault, nameOf));
}

/** What the document calls the thing at the start of a pointer: its name in sentences, and the steps that are left. */
export type NameOf = (steps: string[]) => { name: string | Words; rest: string[]; node?: string; edge?: string };

function shapeProblem(fault: SchemaFault, nameOf: NameOf): Problem {
  const { name, rest, ...place } = nameOf(pointerSteps(fault.subject));
  const setting = { text: quote(rest.join("/")), setting: pointerOf(...rest) };
  const inner = rest.length === 0 ? name : words`${name}: ${place.node === undefined ? setting.text : setting}`;
  return problemOf({
    code: `schema.${fault.keyword}`,
    severity: "error",
    pointer: fault.pointer,
    message: words`${inner} ${fault.predicate}.`,
    ...(fault.hint === undefined ? {} : { hint: fault.hint }),
    ...place,
  });
}

export const flowShape = (flow: unknown): Problem[] => shapeProblems(Flow, flow, nameInFlow(flow));

const entryNames: Record<string, { kind: string; key: string }> = {
  nodes: { kind: "Node", key: "id" },
  edges: { kind: "Edge", key: "id" },
  slots: { kind: "Slot", key: "name" },
};

/** Names nodes and edges by their id, where they have one, and by their place in the list otherwise. */
const nameInFlow =
  (flow: unknown): NameOf =>
  (steps) => {
    const [part = "", index = "", ...rest] = steps;
    const entry = Object.hasOwn(entryNames, part) ? entryNames[part] : undefined;
    if (!entry || index === "") return { name: "The flow", rest: steps };
    const entries = isObject(flow) ? flow[part] : undefined;
    const item: unknown = Array.isArray(entries) ? entries[Number(index)] : undefined;
    const id = isObject(item) ? item[entry.key] : undefined;
    if (typeof id !== "string" || id === "") return { name: `${entry.kind} ${Number(index) + 1} in the list`, rest };
    const place = part === "nodes" ? { node: id } : part === "edges" ? { edge: id } : {};
    return { name: words`${entry.kind} ${{ text: quote(id), ...place }}`, rest, ...place };
  };

/** Ids that occur more than once, reported at every occurrence after the first. */
export function duplicates<T extends { index: number }>(
  items: readonly T[],
  keyOf: (item: T) => string,
  found: (item: T, first: T) => void,
): void {
  const seen = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const first = seen.get(key);
    if (first) found(item, first);
    else seen.set(key, item);
  }
}
