import type { EnvironmentLimits } from "#schemas/environment.ts";

/** The limits of an environment, in the order in which they are shown, with the most that each can be. */
export const limitNames = [
  ["evaluatedAtOnce", 1_000],
  ["acceptedPerSecond", 10_000],
  ["payloadDays", 36_500],
] as const satisfies readonly (readonly [keyof EnvironmentLimits, number])[];

export const unlimited: EnvironmentLimits = { evaluatedAtOnce: null, acceptedPerSecond: null, payloadDays: null };
