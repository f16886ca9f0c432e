import type { DryRun } from "#nodes/dryRun/dryRun.ts";
import type { TraceNodes } from "#nodes/dryRun/traceNodes.ts";
import type { ControlCall } from "#nodes/plan.ts";
import { changesBetween } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { pointerOf, pointerSteps } from "#schemas/pointer.ts";
import type { DifferenceKind } from "#schemas/promotion.ts";

/** One place at which two versions differ for one message. */
export interface Difference {
  kind: DifferenceKind;
  node: string | null;
  /** `*` stands for any place in a list, so that a field that differs in every line is one. */
  field: string;
  before: unknown;
  after: unknown;
  whole?: { before: unknown; after: unknown };
}

/** One version's dry run with the flow that it ran. */
export interface VersionRun {
  flow: Pick<Flow, "nodes" | "edges">;
  run: Pick<DryRun, "state" | "failures" | "effects" | "handed" | "response" | "unknown" | "nodes" | "waiting">;
}

/**
 * How two versions differ on one message. What lies behind a request that nobody has an answer to, in either run, is left
 * out: that it is not there says nothing. Data is told at the node that makes it from the same input, not at each one it
 * passes through.
 */
export function compareRuns(before: VersionRun, after: VersionRun): Difference[] {
  const hidden = new Set([...beyond(before), ...beyond(after)]);
  return [
    ...outcomeDifferences(before, after),
    ...asksDifferences(before, after, hidden, effectsOf),
    ...asksDifferences(before, after, hidden, handedOf),
    ...(unknownSomewhere(before, after) ? [] : responseDifferences(before, after)),
    ...nodeDifferences(before, after, hidden),
  ];
}

const unknownSomewhere = (a: VersionRun, b: VersionRun): boolean => a.run.unknown.length + b.run.unknown.length > 0;

/** The nodes behind those whose answers are not known. */
export function beyond({
  flow,
  run: { unknown },
}: Pick<VersionRun, "flow"> & { run: { unknown: readonly string[] } }): Set<string> {
  const seen = new Set<string>();
  for (const open = [...unknown]; open.length > 0; ) {
    const at = open.pop();
    for (const { from, to } of flow.edges) {
      if (from.node !== at || seen.has(to.node)) continue;
      seen.add(to.node);
      open.push(to.node);
    }
  }
  return seen;
}

/** How a run ends, as far as it is known: `unknown` when nothing failed and something is not known. */
function endOf({ failures, state, unknown, waiting }: VersionRun["run"]): {
  state: string;
  node: string | null;
  message: string | null;
} {
  const [first] = failures;
  if (first) return { state: `${state} ${first.class}`, node: first.node, message: first.reason.message };
  if (unknown.length > 0) return { state: "unknown", node: null, message: null };
  return { state: waiting ? "WAITING" : state, node: null, message: null };
}

function outcomeDifferences(before: VersionRun, after: VersionRun): Difference[] {
  const [a, b] = [endOf(before.run), endOf(after.run)];
  if (a.state === b.state && a.node === b.node) return [];
  // Only a failure is known for certain while an answer is not.
  if ((a.state === "unknown" && b.node === null) || (b.state === "unknown" && a.node === null)) return [];
  return [{ kind: "outcome", node: b.node ?? a.node, field: "", before: a, after: b }];
}

/** Something that a run asks the world for: an effect, or what leaves the run by a control node. */
interface Ask {
  node: string;
  /** As people compare it. */
  asked: unknown;
  effectKey?: string;
}

const effectsOf = ({ run }: VersionRun): Ask[] =>
  run.effects.map(({ call: { node, effectKey, request } }) => {
    const { timeoutMs: _timeout, ...asked } = request;
    return { node, asked, effectKey };
  });

/** A flow that is no longer called, or another one, is seen here alone: nothing of it comes back into the run. */
const handedOf = ({ run }: VersionRun): Ask[] =>
  run.handed.map(({ node, act, item }: ControlCall) => ({ node, asked: { ...act, item } }));

function asksDifferences(
  before: VersionRun,
  after: VersionRun,
  hidden: ReadonlySet<string>,
  asksOf: (one: VersionRun) => Ask[],
): Difference[] {
  const [older, newer] = [asksOf(before), asksOf(after)];
  const nodes = new Set([...older, ...newer].map(({ node }) => node));
  return [...nodes]
    .filter((node) => !hidden.has(node))
    .flatMap((node) => {
      const [old, now] = [older, newer].map((asks) => asks.filter((ask) => ask.node === node)) as [Ask[], Ask[]];
      return Array.from({ length: Math.max(old.length, now.length) }, (_, index) => oneAsk(node, old[index], now[index])).flat();
    });
}

function oneAsk(node: string, old?: Ask, now?: Ask): Difference[] {
  if (!old || !now) return [{ kind: "effect", node, field: "", before: old?.asked ?? null, after: now?.asked ?? null }];
  const whole = { before: old.asked, after: now.asked };
  const key: Difference[] =
    old.effectKey === now.effectKey
      ? []
      : [{ kind: "effectKey", node, field: "", before: old.effectKey, after: now.effectKey, whole }];
  return [...key, ...fields("request", node, whole.before, whole.after)];
}

function responseDifferences(before: VersionRun, after: VersionRun): Difference[] {
  return fields("response", null, before.run.response, after.run.response);
}

/** The fields of one value that differ, each once. */
function fields(kind: DifferenceKind, node: string | null, before: unknown, after: unknown): Difference[] {
  const found = new Map<string, Difference>();
  for (const change of changesBetween(before, after)) {
    const field = generalField(change.pointer);
    if (found.has(field)) continue;
    found.set(field, { kind, node, field, before: change.before, after: change.after, whole: { before, after } });
  }
  return [...found.values()];
}

// A place in a list becomes a star: the field, wherever in its list.
export const generalField = (pointer: string): string =>
  pointerSteps(pointer)
    .map((step) => (/^\d+$/.test(step) ? "/*" : pointerOf(step)))
    .join("");

type Ports = Readonly<Record<string, readonly unknown[]>>;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Ports that carried something, in the order of their names. */
const carrying = (ports: Ports): string[] =>
  Object.entries(ports)
    .filter(([, items]) => items.length > 0)
    .map(([port]) => port)
    .sort();

/**
 * A failure has no way out, and is an outcome; what an item did not come to is told where it went another way. Only of a
 * node that did its work in both runs does nothing on one side mean that it gave nothing, such as a split of an empty list.
 */
const bothDone = (old: TraceNodes[string], now: TraceNodes[string]): boolean => old.status === "done" && now.status === "done";

function nodeDifferences(before: VersionRun, after: VersionRun, hidden: ReadonlySet<string>): Difference[] {
  return after.flow.nodes.flatMap(({ id }) => {
    const [old, now] = [before.run.nodes[id], after.run.nodes[id]];
    const unknown = before.run.unknown.includes(id) || after.run.unknown.includes(id);
    if (!old || !now || hidden.has(id) || unknown || isSame(old.outputs, now.outputs)) return [];
    const [left, leaves] = [carrying(old.outputs), carrying(now.outputs)];
    if ((left.length === 0 || leaves.length === 0) && !bothDone(old, now)) return [];
    if (!isSame(left, leaves)) return [{ kind: "route" as const, node: id, field: "", before: left, after: leaves }];
    if (!isSame(old.inputs, now.inputs)) return [];
    return leaves.flatMap((port) => itemFields(id, port, old.outputs[port] ?? [], now.outputs[port] ?? []));
  });
}

function itemFields(node: string, port: string, old: readonly unknown[], now: readonly unknown[]): Difference[] {
  const at = old.findIndex((item, index) => !isSame(item, now[index]));
  if (old.length !== now.length) return [{ kind: "data", node, field: `/${port}`, before: old.length, after: now.length }];
  return fields("data", node, old[at], now[at]).map((one) => ({ ...one, field: `/${port}${one.field}` }));
}
