import type { Logger } from "pino";
import type { Evaluators } from "#runtime/evaluate/pool.ts";
import type { HintQueues } from "#runtime/queue/hintQueues.ts";
import type { Reaches } from "#runtime/reach/reach.ts";
import type { Settings } from "#runtime/settings.ts";
import type { Db } from "#runtime/store/database.ts";
import type { SecretBox } from "#runtime/store/secrets.ts";
import type { Admission } from "./admission.ts";
import type { ClockWatch } from "./clockWatch.ts";
import type { Deployments } from "./deployments.ts";
import type { HttpPerformer } from "./perform.ts";

/** What the engine works with; made once at the start of a process. */
export interface EngineParts {
  settings: Settings;
  db: Db;
  /** The same database on connections of their own, which keep the plans of what every order needs. */
  hotDb: Db;
  box: SecretBox;
  queues: HintQueues;
  evaluators: Evaluators;
  deployments: Deployments;
  http: HttpPerformer;
  reaches: Reaches;
  admission: Admission;
  clock: ClockWatch;
  log: Logger;
}

/** Names the code that evaluates; kept with every task, so that a trace knows when it was made by another engine. */
export const engineFingerprint = `orderloom 0.1.0, jsonata 2.2.2, node ${process.versions.node}`;
