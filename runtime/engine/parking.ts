import type { Reason } from "#schemas/outcome.ts";

/** Why an effect waits for a person: not known whether it was applied, another request stands, or a newer version does. */
export type Parking = "inDoubt" | "duplicate" | "older";

/** What a person reads of an effect that was parked, and what to do. */
export function parkedReason(kind: Parking, target: string, document: string): Reason {
  switch (kind) {
    case "older":
      return {
        code: "effectOlder",
        message: `${target} was given a newer version of ${document} before; this older one was not sent.`,
        hint: "Resolve this letter, or replay the newest version of the document.",
      };
    case "duplicate":
      return {
        code: "effectDiffers",
        message: `${target} already holds ${document} from another request; this one differs and was not sent.`,
        hint: "Compare both requests, then change the document in the target by hand or resolve this letter.",
      };
    case "inDoubt":
      return {
        code: "effectInDoubt",
        message: `It is not known whether ${target} applied ${document}; it was not sent again.`,
        hint: "Look in the target. Retry sends again; resolve when it is there.",
      };
  }
}
