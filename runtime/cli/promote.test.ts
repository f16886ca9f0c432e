import { expect, it } from "vitest";
import type { Promotion, PromotionReview } from "#schemas/promotion.ts";
import { promotionLine, reviewLines } from "./promote.ts";

const review = (paused: boolean): PromotionReview => ({
  flow: "orders",
  environment: "prod",
  version: 3,
  hash: "h",
  base: 2,
  paused,
  slots: {},
  checks: [],
  risks: [],
  diff: {
    ...{ environment: "prod", before: 2, after: 3, messages: 0, same: 0, differing: 0, unknown: 0, unknownAt: {}, keys: {} },
    ...{ groups: [], omitted: 0, ms: 1 },
  },
  nodeNames: {},
});
const promotion = { id: "p1", state: "active", version: 3, activateAt: null } as Promotion;

it("says of a version that is deployed whether it runs, or is paused and holds messages", () => {
  expect(promotionLine(promotion, review(false))).toBe("Promoted, as p1: it runs now.");
  expect(promotionLine(promotion, review(true))).toBe(
    "Promoted, as p1: prod is to run version 3, and is paused. Messages are held until it is resumed.",
  );
  const said = "orders is paused in prod: messages are accepted and held until it is resumed.";
  expect(reviewLines(review(true))[1]).toBe(said);
  expect(reviewLines(review(false))).not.toContain(said);
});
