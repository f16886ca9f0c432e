/** What a number field takes, both ends included. */
export interface Limits {
  least: number | undefined;
  most: number | undefined;
  whole: boolean;
}

export const allows = ({ least, most, whole }: Limits, value: number): boolean =>
  value >= (least ?? Number.NEGATIVE_INFINITY) &&
  value <= (most ?? Number.POSITIVE_INFINITY) &&
  (!whole || Number.isInteger(value));

/** The limits that a number's JSON Schema states. */
export function limitsOf({ type, minimum, maximum }: Record<string, unknown>): Limits {
  return {
    least: typeof minimum === "number" ? minimum : undefined,
    most: typeof maximum === "number" ? maximum : undefined,
    whole: type === "integer",
  };
}

const dayMs = 86_400_000;

/** Limits of a retry policy; repeated from its schema, which would bring the whole schema library into the browser. */
export const retryLimits = {
  attempts: { least: 1, most: 100, whole: true },
  baseMs: { least: 0, most: dayMs, whole: true },
  capMs: { least: 0, most: dayMs, whole: true },
  maxAgeMs: { least: 0, most: undefined, whole: true },
} satisfies Record<string, Limits>;
