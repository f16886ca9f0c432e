import type { VersionSummary } from "#schemas/api.ts";
import { type CanarySettings, canaryBounds } from "#schemas/canary.ts";
import type { Promotion, PromotionReview } from "#schemas/promotion.ts";
import { counted, type Report, UserError } from "./output.ts";
import { ask, mustAsk, readCount, type ServerOptions } from "./server.ts";

export interface PromoteOptions extends ServerOptions {
  to: string;
  on?: string;
  messages: string;
  messagesFrom?: string;
  /** `SLOT=CONNECTION` each. */
  slot: string[];
  note?: string;
  acknowledge: string[];
  at?: string;
  canary?: string;
  minimum: string;
  tolerance: string;
  window: string;
  dryRun?: boolean;
}

/** The most messages that a review tries. */
const MOST = 1_000;

/** Reviews a version for an environment, and requests its promotion unless it is a dry run or something is in its way. */
export async function promote(flow: string, options: PromoteOptions): Promise<Report> {
  const place = `/environments/${encodeURIComponent(options.to)}/flows/${encodeURIComponent(flow)}`;
  const wish = {
    version: await versionOf(flow, options),
    messages: readCount("--messages", options.messages, 0, MOST),
    ...(options.messagesFrom === undefined ? {} : { messagesFrom: options.messagesFrom }),
    slots: Object.fromEntries(options.slot.map(readSlot)),
  };
  const review = await mustAsk<PromotionReview>(options, "POST", `${place}/promotion-review`, wish);
  const found = reviewLines(review);
  const failed = review.checks.some(({ outcome }) => outcome === "failed");
  const open = review.risks.map(({ name }) => name).filter((name) => !options.acknowledge.includes(name));
  if (options.dryRun || failed || open.length > 0) {
    const said = failed
      ? ["Not requested: a check failed."]
      : open.length > 0
        ? [`${options.dryRun ? "To be acknowledged" : "Not requested, acknowledge first"}: ${open.join(", ")}`]
        : ["Nothing is in its way."];
    return {
      ok: !failed && open.length === 0,
      text: [...found, ...said].join("\n"),
      json: { ok: !failed && open.length === 0, review },
    };
  }
  const answer = await ask<Promotion>(options, "POST", `${place}/promotions`, {
    ...wish,
    hash: review.hash,
    acknowledged: options.acknowledge,
    ...(options.note === undefined ? {} : { note: options.note }),
    ...(options.at === undefined ? {} : { activateAt: options.at }),
    ...(options.canary === undefined ? {} : { canary: canaryOf(options.canary, options) }),
  });
  if (!answer.ok) return { ok: false, text: [...found, answer.said].join("\n"), json: { ok: false, review, error: answer.said } };
  const promotion = answer.body;
  return { ok: true, text: [...found, promotionLine(promotion, review)].join("\n"), json: { ok: true, review, promotion } };
}

function readSlot(pair: string): [slot: string, connection: string] {
  const at = pair.indexOf("=");
  if (at < 1 || at === pair.length - 1) throw new UserError(`--slot "${pair}" binds nothing; write --slot erp=CONNECTION.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function canaryOf(share: string, { minimum, tolerance, window }: PromoteOptions): CanarySettings {
  const read = (option: string, text: string, name: keyof CanarySettings): number => {
    const { minimum: least, maximum: most } = canaryBounds[name];
    return readCount(option, text, least, most);
  };
  return {
    share: read("--canary", share, "share"),
    minimumMessages: read("--minimum", minimum, "minimumMessages"),
    tolerance: read("--tolerance", tolerance, "tolerance"),
    windowMinutes: read("--window", window, "windowMinutes"),
  };
}

async function versionOf(flow: string, options: PromoteOptions): Promise<number> {
  if (options.on !== undefined) return readCount("--on", options.on, 1, 2_147_483_647);
  const { items } = await mustAsk<{ items: VersionSummary[] }>(options, "GET", `/flows/${encodeURIComponent(flow)}/versions`);
  const newest = items.find(({ state }) => state !== "retired");
  if (!newest) throw new UserError(`The flow ${flow} has no version that could be promoted; publish it first.`);
  return newest.number;
}

/** What a review found, a line each. */
export function reviewLines({
  flow,
  environment,
  version,
  base,
  paused,
  slots,
  checks,
  risks,
  diff,
  nodeNames,
}: PromotionReview): string[] {
  const called = (node: string | null) => {
    const name = node !== null && Object.hasOwn(nodeNames, node) ? nodeNames[node] : undefined;
    return name === undefined || name === node ? node : `${name} (${node})`;
  };
  const from = base === null ? "nothing" : `version ${base}`;
  return [
    `${flow} version ${version} to ${environment}, which runs ${from}.`,
    ...(paused ? [`${flow} is paused in ${environment}: messages are accepted and held until it is resumed.`] : []),
    ...checks.map(({ name, subject, outcome, detail }) => `${outcome}: ${[name, subject].filter(Boolean).join(" ")}. ${detail}`),
    ...Object.entries(slots).map(([slot, connection]) => `slot ${slot}: ${connection}`),
    ...risks.map(({ name, detail }) => `risk ${name}: ${detail}`),
    `${counted(diff.messages, "message")} of ${diff.environment} tried: ${diff.same} the same, ${diff.differing} different, ${diff.unknown} not wholly known.`,
    ...diff.groups.map(
      ({ kind, node, field, messages }) =>
        `  ${kind} ${[called(node), field].filter(Boolean).join(" ")}: ${counted(messages, "message")}`,
    ),
  ];
}

/** What became of a promotion that was requested. */
export function promotionLine({ id, state, activateAt, version }: Promotion, { paused, environment }: PromotionReview): string {
  if (state === "active" && paused)
    return `Promoted, as ${id}: ${environment} is to run version ${version}, and is paused. Messages are held until it is resumed.`;
  if (state === "active") return `Promoted, as ${id}: it runs now.`;
  if (state === "canary") return `Promoted, as ${id}: it takes its share of new messages now.`;
  if (state === "requested") return `Requested, as ${id}: another person has to approve it.`;
  return `Approved, as ${id}: it is activated at ${activateAt}.`;
}
