import { type Static, Type } from "typebox";

/** A share of new messages for a version that is to replace another one, and when it is stopped by itself. */

/** The least and the most of each setting. */
export const canaryBounds = {
  share: { minimum: 1, maximum: 99 },
  minimumMessages: { minimum: 1, maximum: 100_000 },
  tolerance: { minimum: 0, maximum: 100 },
  /** A week: a canary that is on for longer is judged by its last days. */
  windowMinutes: { minimum: 1, maximum: 10_080 },
} as const;

export const CanarySettings = Type.Object(
  {
    share: Type.Integer({ ...canaryBounds.share, description: "Percent of the documents, chosen by their keys." }),
    minimumMessages: Type.Integer({
      ...canaryBounds.minimumMessages,
      description: "As long as fewer have ended, the others count as if they had gone well.",
    }),
    tolerance: Type.Integer({
      ...canaryBounds.tolerance,
      description: "Percentage points by which its error rate may exceed the deployed version's.",
    }),
    windowMinutes: Type.Integer({
      ...canaryBounds.windowMinutes,
      description: "Messages that came before that, or before the canary began, do not count.",
    }),
  },
  { additionalProperties: false },
);
export type CanarySettings = Static<typeof CanarySettings>;

/** A tenth of the orders: what fails at all is noticed within minutes, what fails now and then within the hour. */
export const usualCanary: CanarySettings = { share: 10, minimumMessages: 50, tolerance: 5, windowMinutes: 60 };

/** What became of the messages that one version took. */
export const CanaryFigures = Type.Object({
  version: Type.Integer(),
  /** Not ended yet, nothing of it dead, and not stuck. */
  running: Type.Integer(),
  succeeded: Type.Integer(),
  /** Ended dead or in part, with something dead already, or stuck; what a person cancelled is in none of the three. */
  failed: Type.Integer(),
  /** Of those that failed: neither ended nor dead, but tried again and again, or refused by a connection that is shut for it. */
  stuck: Type.Integer(),
  /** Connections that took no credentials from a request of this version, and are shut since. */
  refusedBy: Type.Array(Type.String()),
});
export type CanaryFigures = Static<typeof CanaryFigures>;

export const CanaryDecision = Type.Object({
  stop: Type.Boolean(),
  /** The first connection that is shut because of a request of the candidate, and of none of the deployed version; null for none. */
  refusedBy: Type.Union([Type.String(), Type.Null()]),
  /** Percent, over at least the minimum of messages. */
  candidateRate: Type.Number(),
  deployedRate: Type.Number(),
  /** Messages of the candidate that have to end until all of them count. */
  awaited: Type.Integer(),
});
export type CanaryDecision = Static<typeof CanaryDecision>;

export const CanaryProgress = Type.Object({
  settings: CanarySettings,
  startedAt: Type.String(),
  candidate: CanaryFigures,
  deployed: CanaryFigures,
  decision: CanaryDecision,
});
export type CanaryProgress = Static<typeof CanaryProgress>;

type Ended = Pick<CanaryFigures, "succeeded" | "failed" | "refusedBy">;

/**
 * Whether a canary is to be stopped: its error rate exceeds the deployed version's by more than is tolerated. Both rates are over at
 * least the minimum of messages, those that have not ended counted as well: so one failure among three is no third, and a
 * version that fails at all is stopped before the minimum has passed through it. It is stopped as well when a connection that both
 * share is shut because of its request: then no message of either gets anywhere, and none fails.
 */
export function decideCanary(settings: CanarySettings, candidate: Ended, deployed: Ended): CanaryDecision {
  const { minimumMessages, tolerance } = settings;
  const over = ({ succeeded, failed }: Ended) => Math.max(succeeded + failed, minimumMessages);
  const [own, other] = [over(candidate), over(deployed)];
  const refusedBy = candidate.refusedBy.find((name) => !deployed.refusedBy.includes(name)) ?? null;
  // In whole numbers: a rate of exactly what is tolerated goes on.
  const exceeds = 100 * candidate.failed * other > (100 * deployed.failed + tolerance * other) * own;
  return {
    stop: exceeds || refusedBy !== null,
    refusedBy,
    candidateRate: (100 * candidate.failed) / own,
    deployedRate: (100 * deployed.failed) / other,
    awaited: Math.max(0, minimumMessages - candidate.succeeded - candidate.failed),
  };
}
