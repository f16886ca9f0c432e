import { drawnNames, keptGroups } from "#runtime/engine/promotion/fieldNames.ts";
import { type Grant, permits } from "#schemas/people.ts";
import type { KeptReview, Promotion } from "#schemas/promotion.ts";
import type { Reviewed } from "./review.ts";

/** What is kept of a review: nothing of documents, which are purged by policies of their own. */
export function keptReview({
  review: { checks, risks, diff, nodeNames },
  compared,
}: Pick<Reviewed, "review" | "compared">): KeptReview {
  const { environment, messages, same, differing, unknown, groups } = diff;
  const kept = keptGroups(groups, drawnNames(compared), messages);
  return { checks, risks, diff: { environment, messages, same, differing, unknown, groups: kept }, nodeNames };
}

/** A promotion for somebody who may not see the environment whose messages were tried: what differed in them is left out. */
export function promotionFor(grants: readonly Grant[], promotion: Promotion): Promotion {
  const { review } = promotion;
  if (permits(grants, "see", review.diff.environment)) return promotion;
  return { ...promotion, review: { ...review, diff: { ...review.diff, groups: [], unseen: true } } };
}
