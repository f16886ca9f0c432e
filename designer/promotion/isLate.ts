import type { Promotion } from "#schemas/promotion.ts";

/** Whether the time passed at which it was to be activated, while it waited for approval: with that it is activated at once. */
export const isLate = ({ state, activateAt }: Pick<Promotion, "state" | "activateAt">, now: number): boolean =>
  state === "requested" && activateAt !== null && Date.parse(activateAt) <= now;
