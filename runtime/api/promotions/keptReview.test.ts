import { expect, test } from "vitest";
import { emptyReview } from "#runtime/store/promotions.fixture.ts";
import type { Promotion } from "#schemas/promotion.ts";
import { promotionFor } from "./keptReview.ts";

test("what differed in an environment's messages is told to nobody who may not see it; that some did is", () => {
  const groups = [{ kind: "data" as const, node: "clean", field: "/out/total", messages: 3 }];
  const diff = { ...emptyReview.diff, environment: "staging", messages: 9, differing: 3, groups };
  const promotion = { environment: "prod", review: { ...emptyReview, diff } } as Promotion;
  expect(promotionFor([{ environment: null, role: "viewer" }], promotion)).toEqual(promotion);
  const told = promotionFor([{ environment: "prod", role: "operator" }], promotion);
  expect(told.review.diff).toEqual({ ...diff, groups: [], unseen: true });
});
