import type { DeadLetterDetail } from "#schemas/deadLetter.ts";
import type { Texts } from "../i18n/en.ts";

/** What a retry of a dead letter will do, as an entry of `letter.retryMeans`. */
export function retryWords({ kind, effect, letter, request }: DeadLetterDetail): keyof Texts["letter"]["retryMeans"] {
  if (kind === "segment") return "evaluate";
  if (kind === "control") return "control";
  if (!effect) return letter.class === "inDoubt" || request === null ? "first" : "read";
  if (letter.reason.code === "effectOlder") return "older";
  switch (effect.state) {
    case "CONFIRMED":
      return letter.class === "duplicate" ? "differs" : "stands";
    case "REFUSED":
      return "again";
    case "INTENDED":
    case "IN_DOUBT":
      return effect.mode;
  }
}
