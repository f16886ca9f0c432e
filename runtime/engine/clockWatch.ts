/** The database's clock and one of our own that nothing sets, read at the same moment, in milliseconds. */
export interface ClockReading {
  database: number;
  steady: number;
}

/** Tells when the database's clock has been set forwards, so that leases which only seem to have ended are left alone. */
export interface ClockWatch {
  /** Whether leases may be judged by the database's clock. */
  trusts(reading: ClockReading): boolean;
}

/** Clocks drift and a reading takes its time; this much is no step. */
const TOLERANCE_SHARE = 0.25;

/**
 * After a step every lease seems to have ended, those of live workers too; their tasks would be done a second time beside
 * them, and a target that was asked in between would say that it has nothing yet. One lease later each live worker has
 * renewed what it holds by the new clock.
 */
export function clockWatch(leaseMs: number): ClockWatch {
  let last: ClockReading | undefined;
  let trustFrom = Number.NEGATIVE_INFINITY;
  return {
    trusts(reading) {
      const stepped = last ? reading.database - last.database - (reading.steady - last.steady) : 0;
      last = reading;
      if (stepped > leaseMs * TOLERANCE_SHARE) trustFrom = reading.steady + leaseMs;
      return reading.steady >= trustFrom;
    },
  };
}
