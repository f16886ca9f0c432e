import { comparedSchemas, schemaVersion } from "#nodes/lockedSchema.ts";
import type { Lock } from "#nodes/plan.ts";
import { changesBetween } from "#schemas/diff.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { PromotionRisk, ReplayDiff } from "#schemas/promotion.ts";
import { guardedLess } from "./doneTwice.ts";
import { changedWays, keyParts, redrawnEffects, sameKey } from "./effectKeys.ts";
import { behind } from "./wayAround.ts";

export interface LockedVersion {
  flow: Flow;
  lock: Lock;
  /** Slot name to the account that it reaches, where that is known: part of every effect's key. */
  accounts?: Readonly<Record<string, string>>;
}

/** By node: what of it is still open in the environment. */
export type OpenWork = Readonly<Record<string, { tasks: number; deadLetters: number }>>;

/**
 * What could go wrong in a way that nobody sees at once, each by a name that it is acknowledged by: an effect that will be
 * known by another key, or is guarded otherwise against doubles, could be done twice; what waits at a node that is gone is never gone on with; what is no longer
 * checked comes through.
 */
export function promotionRisks(before: LockedVersion, after: LockedVersion, open: OpenWork, diff: ReplayDiff): PromotionRisk[] {
  const now = new Map(after.flow.nodes.map((node) => [node.id, node]));
  const redrawn = redrawnEffects(before, after);
  const ofNodes = before.flow.nodes.flatMap((node) => {
    const next = now.get(node.id);
    const anew = redrawn.get(node.id);
    return [
      ...(next ? effectKeyRisk(before, node, after, next, diff) : []),
      ...removedRisk(node, next, open[node.id]),
      ...(anew ? redrawnRisk(before, node, after, anew, diff) : []),
      ...idempotencyRisk(before, node, after, next ?? anew),
      ...checksLessRisk(before, node, after, next, redrawn),
    ];
  });
  return [...ofNodes, ...orderingRisk(before, after)];
}

function idempotencyRisk(before: LockedVersion, old: FlowNode, after: LockedVersion, now: FlowNode | undefined): PromotionRisk[] {
  const detail = now ? guardedLess(before.lock, old, after.lock, now) : null;
  return detail === null ? [] : [{ name: `idempotency:${old.id}`, kind: "idempotency", node: old.id, detail }];
}

/** Nothing of one document goes another way: it is seen when two of its messages come close together. */
function orderingRisk(before: LockedVersion, after: LockedVersion): PromotionRisk[] {
  if (before.flow.ordering === "none" || after.flow.ordering !== "none") return [];
  const detail =
    "Messages of one document no longer go one after another: they may overtake each other, and an older update may go over a newer one.";
  return [{ name: "ordering", kind: "ordering", node: null, detail }];
}

/** As people call it; the id that nodes are known by besides. */
const called = ({ id, name }: Pick<FlowNode, "id" | "name">): string => (name && name !== id ? `${name} (${id})` : id);

/** Drawn under another id an effect is compared as if it had kept its own. */
function redrawnRisk(
  before: LockedVersion,
  old: FlowNode,
  after: LockedVersion,
  now: FlowNode,
  diff: ReplayDiff,
): PromotionRisk[] {
  const keyed = effectKeyRisk(before, old, after, now, diff);
  const anew = `The effect was taken away and drawn anew as ${called(now)}.`;
  if (keyed.length > 0) return keyed.map((risk) => ({ ...risk, detail: `${anew} ${risk.detail}` }));
  return [
    {
      name: `redrawnEffect:${old.id}`,
      kind: "redrawnEffect",
      node: old.id,
      detail: `${anew} Its key is the same, so what was done is not done again; but a request that differs from the one done before revises it or waits for a person, and replays from ${old.id} find no such node.`,
    },
  ];
}

function effectKeyRisk(
  before: LockedVersion,
  old: FlowNode,
  after: LockedVersion,
  now: FlowNode,
  diff: ReplayDiff,
): PromotionRisk[] {
  if (keyParts(before.lock, old) === null) return [];
  const changed = !sameKey(before.lock, old, after.lock, now) ? "What its key is made from has changed." : "";
  const [from, to] = [before.accounts?.[old.slot ?? ""], after.accounts?.[now.slot ?? ""]];
  const moved =
    from !== undefined && to !== undefined && from !== to
      ? `It reaches the account ${to}, no more ${from}.`
      : old.slot !== now.slot
        ? "It reaches another slot."
        : "";
  const [tried, untried] = [keysTried(old.id, diff), keysUntried(before, old.id, after, diff)];
  const surely = [changed, moved, tried].filter((each) => each !== "");
  if (surely.length === 0 && untried === "") return [];
  const follows =
    surely.length > 0
      ? "What was done under the old key can be done again under the new one."
      : "If it is another one, what was done can be done again.";
  const detail = [...surely, untried, follows].filter((each) => each !== "").join(" ");
  return [{ name: `effectKey:${old.id}`, kind: "effectKey", node: old.id, detail }];
}

/** What of the messages tried is known of an effect's key, or can be assumed. */
function keysTried(effect: string, { groups, keys }: ReplayDiff): string {
  const seen = groups.find(({ kind, node }) => kind === "effectKey" && node === effect)?.messages ?? 0;
  const { another = 0 } = keys[effect] ?? {};
  return [
    seen > 0 ? `${seen} of the messages tried get another key.` : "",
    another > 0
      ? `${another} ${seen > 0 ? "more" : "of the messages tried"} get another key, if what is asked before it is answered as it was.`
      : "",
  ]
    .filter((each) => each !== "")
    .join(" ");
}

/** Nothing is said of a key that nothing on a way to its effect can have changed. */
function keysUntried(before: LockedVersion, effect: string, after: LockedVersion, { before: base, keys }: ReplayDiff): string {
  const { untried = 0 } = keys[effect] ?? {};
  if (untried > 0)
    return `What leads to it has changed, and its key could not be tried: ${untried} messages are unknown before it.`;
  // What ran there last runs no more, so nothing was compared.
  const alone = base === null && changedWays(before, after).some(({ old }) => old === effect);
  return alone ? "What leads to it has changed since it ran there, and its key was not tried: nothing runs there now." : "";
}

/** A node that is switched off, or became another type, does nothing with what waits at it: as good as gone. */
function removedRisk(
  { id, type, disabled }: FlowNode,
  next: FlowNode | undefined,
  open: OpenWork[string] | undefined,
): PromotionRisk[] {
  if (!open || open.tasks + open.deadLetters === 0) return [];
  const other = next !== undefined && next.type !== type;
  if (next && !other && (!next.disabled || disabled)) return [];
  const [gone, replayed] = !next
    ? ["gone", "cannot begin there"]
    : other
      ? [`of another type (${next.type}, not ${type})`, "does something else there"]
      : ["disabled", "does nothing there"];
  return [
    {
      name: `removedNode:${id}`,
      kind: "removedNode",
      node: id,
      detail: `The node is ${gone}, and ${open.tasks} tasks and ${open.deadLetters} dead letters of it are open. They keep their version; a replay on the new one ${replayed}.`,
    },
  ];
}

function checksLessRisk(
  before: LockedVersion,
  old: FlowNode,
  after: LockedVersion,
  now: FlowNode | undefined,
  redrawn: ReadonlyMap<string, FlowNode>,
): PromotionRisk[] {
  if (old.type !== "validate" || old.disabled) return [];
  const [schema, next] = [schemaOf(old), now && !now.disabled && now.type === "validate" ? schemaOf(now) : undefined];
  const why =
    next === undefined
      ? `Documents are no longer checked against ${schema}.`
      : next !== schema
        ? `Documents are checked against ${next} instead of ${schema}.`
        : (otherSchema(schema, before.lock, after.lock) ?? wayAround(before, old.id, after, redrawn));
  return why === null
    ? []
    : [{ name: `checksLess:${old.id}`, kind: "checksLess", node: old.id, detail: `${why} What was refused may come through.` }];
}

/** Says how the schema that both are made with is not the same; null where it is. */
function otherSchema(name: string, before: Lock, after: Lock): string | null {
  const [old, now] = [before.schemas[name], after.schemas[name]];
  const [from, to] = [schemaVersion(old), schemaVersion(now)];
  if (from !== to) return `${name} is ${to} now instead of ${from}.`;
  return changesBetween(...comparedSchemas(old, now)).length > 0 ? `${name} ${to} says something else than it did.` : null;
}

/** Says what documents now come to unchecked, by an edge that leads around the node; null for nothing. */
function wayAround(
  before: LockedVersion,
  check: string,
  after: LockedVersion,
  redrawn: ReadonlyMap<string, FlowNode>,
): string | null {
  const [then, now] = [behind(before, check), behind(after, check)];
  const nodeOf = (id: string) => [...after.flow.nodes, ...before.flow.nodes].find((node) => node.id === id) ?? { id };
  const unchecked = before.flow.nodes
    .filter((node) => !node.disabled && then.has(node.id) && keyParts(before.lock, node) !== null)
    .map(({ id }) => redrawn.get(id)?.id ?? id)
    .filter((id) => !now.has(id) && after.flow.nodes.some((node) => node.id === id && !node.disabled));
  return unchecked.length === 0
    ? null
    : `Documents come to ${unchecked.map((id) => called(nodeOf(id))).join(", ")} without being checked at ${called(nodeOf(check))}.`;
}

const schemaOf = ({ config }: FlowNode): string => String(config?.schema ?? "");
