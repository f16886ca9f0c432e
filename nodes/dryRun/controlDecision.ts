import type { OutcomeClass, Reason } from "#schemas/outcome.ts";

/** What a join finds when it fires. */
export interface Gathered {
  expected: number;
  /** Items of the scope that are dead letters now. */
  dead: number;
  /** Tasks of the scope that go on still: then the time ran out. */
  open: number;
  /** JSON texts of what arrived, in the split's order. */
  items: string[];
}

/** How the run of a sub-flow stands. */
export interface ChildRun {
  id: string;
  state: "RUNNING" | "SUCCEEDED" | "PARTIAL" | "DEAD" | "CANCELLED";
  response: string | null;
  failedNode: string | null;
  failedClass: OutcomeClass | null;
}

/** Where an item goes on from a control node, or why it cannot. */
export type Decision =
  | { go: "on"; port: string; item: unknown }
  | { go: "end" }
  | { go: "arrive" }
  | { go: "wait" }
  | { go: "fail"; class: OutcomeClass; reason: Reason };

/** A join goes on with all that arrived; when items are missing only through its port `incomplete`. */
export function decideJoin(gathered: Gathered, incompleteWired: boolean): Decision {
  const items = gathered.items.map((text) => JSON.parse(text) as unknown);
  const timedOut = gathered.open > 0;
  if (!timedOut && gathered.dead === 0) return { go: "on", port: "out", item: items };
  const { expected } = gathered;
  if (incompleteWired) {
    return { go: "on", port: "incomplete", item: { items, expected, arrived: items.length, timedOut } };
  }
  const reason: Reason = timedOut
    ? {
        code: "join.timedOut",
        message: `The join's time ran out while ${gathered.open} tasks of its ${expected} items went on still.`,
        hint: "Retry gathers again what has arrived by then.",
      }
    : {
        code: "join.incomplete",
        message: `${gathered.dead} of the join's ${expected} items became dead letters.`,
        hint: "Retry those letters first, then this one: it gathers again.",
      };
  return { go: "fail", class: timedOut ? "timeout" : "rejected", reason };
}

/** It was made together with the task that waits for it, and outlived its time of keeping before that. */
const subFlowGone: Reason = {
  code: "subFlow.gone",
  message: "The run of the flow that was called is no longer kept, and with it its answer.",
  hint: "Replay this run from the node: it calls the flow again.",
};

/** The answer of the flow below; its failure is this node's. */
export function decideSubFlow(child: ChildRun | undefined, item: unknown): Decision {
  if (!child) return { go: "fail", class: "invalid", reason: subFlowGone };
  if (child.state === "RUNNING") return child.response ? answered(child.response) : { go: "wait" };
  if (child.state === "SUCCEEDED") return child.response ? answered(child.response) : { go: "on", port: "out", item };
  const reason: Reason = {
    code: "subFlow.failed",
    message: `The flow that was called ended ${child.state}${child.failedNode ? ` at its node "${child.failedNode}"` : ""}.`,
    hint: "Open that run and retry its dead letter; then retry this one: it takes the answer that came of it.",
    params: { run: child.id },
  };
  return { go: "fail", class: child.state === "CANCELLED" ? "cancelled" : (child.failedClass ?? "rejected"), reason };
}

const answered = (response: string): Decision => ({
  go: "on",
  port: "out",
  item: (JSON.parse(response) as { body: unknown }).body,
});

/** Why an item cannot arrive at a join. */
export const outsideSplit = (node: string, split: string): Reason => ({
  code: "join.outside",
  message: `The item reached the join "${node}" without coming out of the split "${split}".`,
  hint: "Let only what comes out of that split lead into the join.",
});
