import { bundleOf } from "#nodes/bundle/bundleOf.ts";
import { makeLock } from "#nodes/lock.ts";
import type { ImportReport } from "#schemas/bundle.ts";
import type { PromotionReview } from "#schemas/promotion.ts";
import { round, runOrders, startSender } from "./measure/run.ts";
import { startStubs } from "./measure/stubProcess.ts";
import { startProduct } from "./product/start.ts";
import { benchEnvironment, benchFlow, benchWorkload } from "./workload/flow.ts";

export interface ReviewReport {
  /** Messages that both versions were tried on. */
  messages: number;
  /** For how many they differ, as they must for all. */
  differing: number;
  /** Of each repeat, in milliseconds: both versions on all messages, and the whole review with its checks. */
  replayDiffMs: number[];
  reviewMs: number[];
}

/** What a person waits for who reviews a promotion: two versions on the last orders of the reference workload, embedded. */
export async function benchReview(orders: number, connections: number, repeats: number): Promise<ReviewReport> {
  const stubs = await startStubs();
  const sender = startSender();
  const product = await startProduct("embedded", stubs);
  try {
    const url = product.hookUrl;
    await runOrders({ system: "orderloom embedded", url, tops: product.tops, stubs, sender, orders, connections });
    const ask = asker(new URL(url).origin);
    const version = await publishChanged(ask);
    const place = `/environments/${benchEnvironment}/flows/${benchFlow}/promotion-review`;
    const report: ReviewReport = { messages: 0, differing: 0, replayDiffMs: [], reviewMs: [] };
    for (let n = 0; n < repeats; n++) {
      const began = performance.now();
      const { diff } = await ask<PromotionReview>("POST", place, { version, messages: orders });
      report.reviewMs.push(round(performance.now() - began, 0));
      report.replayDiffMs.push(diff.ms);
      Object.assign(report, { messages: diff.messages, differing: diff.differing });
    }
    return report;
  } finally {
    await product.stop();
    sender.stop();
    await stubs.stop();
  }
}

type Ask = <Body>(method: string, path: string, body?: unknown) => Promise<Body>;

const asker =
  (origin: string): Ask =>
  async <Body>(method: string, path: string, body?: unknown): Promise<Body> => {
    const answer = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Body;
  };

/** A version whose mapping adds a field to every order: every request differs, the most there is to compare. */
async function publishChanged(ask: Ask): Promise<number> {
  const { flow, catalog } = await benchWorkload();
  const nodes = flow.nodes.map((node) =>
    node.id === "map"
      ? { ...node, config: { expression: `$merge([(${node.config?.expression}), { "reviewed": true }])` } }
      : node,
  );
  const changed = { ...flow, nodes };
  // With its connector, which no installation has.
  const bundle = bundleOf([{ flow: changed, lock: makeLock(changed, catalog) }]);
  const { flows } = await ask<ImportReport>("POST", "/imports", { bundle, publish: true });
  const number = flows[0]?.version?.number;
  if (!number) throw new Error("The changed version was published and is not there.");
  return number;
}
