/** A request that was made for other documents after one of which a document was refused. */
export interface LaterRequest {
  state: "INTENDED" | "CONFIRMED" | "REFUSED" | "IN_DOUBT";
  /** What its documents are about; of those the target took, or may have taken. */
  taken: readonly string[];
}

/**
 * Whether a document that was refused is out of date: a later request told the target of the same subject. Sent now, the older
 * would go over the newer. A later one that was refused as a whole told nothing; one that is under way, or in doubt, will.
 */
export const isSuperseded = (subject: string, later: readonly LaterRequest[]): boolean =>
  later.some(({ state, taken }) => state !== "REFUSED" && taken.includes(subject));
