import type { Run } from "#schemas/run.ts";
import { useNow } from "../elements/TimeText.tsx";
import { duration } from "../elements/time.ts";

/** How long a run took, or has been running. */
export function RunDuration({ run }: { run: Pick<Run, "startedAt" | "endedAt"> }) {
  const now = useNow();
  const end = run.endedAt ? Date.parse(run.endedAt) : now;
  return duration(Math.max(0, end - Date.parse(run.startedAt)));
}
