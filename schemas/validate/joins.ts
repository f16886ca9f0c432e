import type { FlowEdge } from "../flow.ts";
import { graphOf, reachable } from "../graph.ts";
import { pointerOf } from "../pointer.ts";
import type { Words } from "../problem.ts";
import type { Draft, DraftEdge, DraftNode, FlowCheck } from "./draft.ts";
import { nodesById } from "./edges.ts";
import { aNode, anOutput, aSetting, suggested } from "./wording.ts";
import { words } from "./words.ts";

type Report = Parameters<FlowCheck>[2];

/** A join and the split whose items it gathers. */
interface Pair {
  join: DraftNode;
  split: DraftNode;
}

/**
 * A join gathers what its split made: all that reaches it must come out of that split, and of no split inside it that has
 * a join of its own further on. Else an item would arrive where nobody waits for it.
 */
export const joins: FlowCheck = (draft, _context, report) => {
  const nodes = nodesById(draft);
  // With entries that cannot be read nobody knows what leads where.
  if (draft.unread.nodes || draft.unread.edges || nodes.size < draft.nodes.length) return;
  const pairs = draft.nodes
    .filter(({ type, disabled }) => type === "join" && !disabled)
    .flatMap((join) => pairOf(join, draft, nodes, report));
  const single = pairs.filter((pair) => !isSecond(pair, pairs, report));
  const ways = waysOf(draft);
  for (const pair of single) checkWay(pair, single, ways, draft, report);
};

const fault = (join: DraftNode, code: string, message: Words, hint: string | Words, ...steps: string[]) => ({
  code,
  severity: "error" as const,
  pointer: pointerOf("nodes", join.index, ...steps),
  message,
  hint,
  node: join.id,
});

function pairOf(join: DraftNode, draft: Draft, nodes: ReadonlyMap<string, DraftNode>, report: Report): Pair[] {
  const named = join.config?.split;
  if (typeof named !== "string" || named === "") return [];
  const split = nodes.get(named);
  if (split?.type !== "split") {
    const splits = draft.nodes.filter(({ type }) => type === "split").map(({ id }) => id);
    const what = split ? "which is no split" : "which does not exist";
    const message = words`The join ${aNode(join.id)} gathers the items of node ${aNode(named)}, ${what}.`;
    report(fault(join, "join.unknownSplit", message, suggested(named, splits, "splits", aNode), "config", "split"));
    return [];
  }
  if (split.disabled) {
    const message = words`The join ${aNode(join.id)} gathers the items of the split ${aNode(named)}, which is disabled and makes none.`;
    report(fault(join, "join.splitDisabled", message, "Disable the join as well, or enable the split.", "config", "split"));
    return [];
  }
  return [{ join, split }];
}

function isSecond({ join, split }: Pair, pairs: readonly Pair[], report: Report): boolean {
  const first = pairs.find((pair) => pair.split === split);
  if (!first || first.join === join) return false;
  const message = words`The joins ${aNode(first.join.id)} and ${aNode(join.id)} both gather the items of the split ${aNode(split.id)}; a split has one join.`;
  const hint = "Lead all its items into one join, or split again.";
  report(fault(join, "join.second", message, hint, "config", "split"));
  return true;
}

function checkWay({ join, split }: Pair, pairs: readonly Pair[], ways: Ways, draft: Draft, report: Report): void {
  // Into a join without edges nothing leads: that is said already.
  if (!draft.edges.some(({ to }) => to.node === join.id)) return;
  const fromItems = (edge: FlowEdge, node: DraftNode) => edge.from.node === node.id && edge.from.port === "item";
  if (!ways.reach(split.id, join.id, (edge) => edge.from.node !== split.id || fromItems(edge, split))) {
    const message = words`What comes out of the split ${aNode(split.id)} never reaches its join ${aNode(join.id)}.`;
    report(
      fault(
        join,
        "join.notReached",
        message,
        words`Draw a way from the output ${anOutput("item", split.id)} of ${aNode(split.id)} to it.`,
      ),
    );
    return;
  }
  const around = ways.starts.find((start) => ways.reach(start.id, join.id, (edge) => !fromItems(edge, split)));
  if (around) {
    const message = words`What comes from node ${aNode(around.id)} reaches the join ${aNode(join.id)} without coming out of its split ${aNode(split.id)}.`;
    const hint =
      around.type === "batch"
        ? "A batch goes on in a run of its own: put it behind the join."
        : around.type === "exception-route"
          ? words`Use the error ways of single nodes (${aSetting("onError")}) between split and join.`
          : "Let only what comes out of that split lead into the join.";
    report(fault(join, "join.around", message, hint));
    return;
  }
  for (const inner of pairs) {
    if (inner.split === split) continue;
    const open = (edge: FlowEdge) => edge.from.node !== inner.join.id && !fromItems(edge, split);
    const items = (edge: FlowEdge) => open(edge) && (edge.from.node !== inner.split.id || fromItems(edge, inner.split));
    if (!ways.reach(inner.split.id, join.id, items)) continue;
    const message = words`Items of the split ${aNode(inner.split.id)} reach the join ${aNode(join.id)} before their own join ${aNode(inner.join.id)}.`;
    report(
      fault(
        join,
        "join.crossed",
        message,
        words`Lead them through ${aNode(inner.join.id)} first: what was split last is joined first.`,
      ),
    );
    return;
  }
}

/** Stands for the input `message` of a wait node: what comes in there leaves only through `unmatched`. */
const messageSide = (wait: string): string => `${wait}/message`;

/** On which ways items go, as far as joins are concerned. */
interface Ways {
  /** Where items begin that are part of no split: starts of the flow, and batches, which go on in a run of their own. */
  starts: DraftNode[];
  /** Whether anything gets from node `from` to node `to` on the edges that `may` lets through. */
  reach: (from: string, to: string, may: (edge: FlowEdge) => boolean) => boolean;
}

function waysOf({ nodes, edges }: Draft): Ways {
  const waits = new Set(nodes.filter(({ type, disabled }) => type === "wait" && !disabled).map(({ id }) => id));
  const places = [...nodes.map(({ id }) => id), ...[...waits].map(messageSide)].map((id) => ({ id }));
  const ways = edges.flatMap((edge) => carried(edge, waits));
  return {
    starts: nodes.filter(({ manifest, type, disabled }) => manifest?.inputs.length === 0 || (type === "batch" && !disabled)),
    reach: (from, to, may) => reachable(graphOf({ nodes: places, edges: ways.filter(may) }), [from]).has(to),
  };
}

function carried({ id, from, to }: DraftEdge, waits: ReadonlySet<string>): FlowEdge[] {
  const target = waits.has(to.node) && to.port === "message" ? { ...to, node: messageSide(to.node) } : to;
  const own = { id, from, to: target };
  if (!waits.has(from.node)) return [own];
  const other = { id, from: { ...from, node: messageSide(from.node) }, to: target };
  if (from.port === "unmatched") return [other];
  return from.port === "error" ? [own, other] : [own];
}
