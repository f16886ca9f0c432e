import type { Draft } from "#runtime/store/flows.ts";
import { ApiFailure } from "./errors.ts";

/** Somebody has saved the draft since; says who and when, so that one can choose between the two. */
export const draftConflict = ({ revision, updatedAt, updatedBy }: Draft): ApiFailure =>
  new ApiFailure("draftConflict", { updatedBy }, { details: { revision, updatedAt, updatedBy } });
