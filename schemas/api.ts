import { type Static, Type } from "typebox";
import { ListedConnection } from "./connection.ts";
import { DeadLetter } from "./deadLetter.ts";
import { Deployment } from "./deployment.ts";
import { Flow } from "./flow.ts";
import { ConnectorLifecycle } from "./lifecycle.ts";
import { NodeManifest } from "./manifest.ts";
import { Problem } from "./problem.ts";
import { FailedPromotion } from "./promotion.ts";
import { Run, RunState, Task } from "./run.ts";
import { Source } from "./source.ts";

/** What the management API (`/api/v1`) answers. One place for the server, the designer and the API page. */

/** Every error answer. `code` is stable; `message` says what happened and `hint` what to do. */
export const ApiError = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Type.Optional(Type.String()),
  problems: Type.Optional(Type.Array(Problem)),
  details: Type.Optional(Type.Unknown()),
});
export type ApiError = Static<typeof ApiError>;

/** One page of a list; `next` is the cursor of the following page, null on the last. */
const page = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Type.Object({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]) });

export const FlowSummary = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  owner: Type.Union([Type.String(), Type.Null()]),
  tags: Type.Array(Type.String()),
  revision: Type.Integer(),
  latestVersion: Type.Union([Type.Integer(), Type.Null()]),
  updatedAt: Type.String(),
  updatedBy: Type.String(),
  deployments: Type.Array(Deployment),
  /** By environment, where none was begun since. */
  failedPromotions: Type.Array(FailedPromotion),
  archivedAt: Type.Union([Type.String(), Type.Null()]),
  /** Runs of the last 24 hours, in the environment that was asked for or in all; so the next ones. */
  runs24h: Type.Integer(),
  lastRunAt: Type.Union([Type.String(), Type.Null()]),
  openDeadLetters: Type.Integer(),
  /** Dead letters made in the last hour and in the last 24 hours, whatever became of them since. */
  failures1h: Type.Integer(),
  failures24h: Type.Integer(),
});
export type FlowSummary = Static<typeof FlowSummary>;

export const FlowDetail = Type.Object({
  /** The draft. */
  flow: Flow,
  revision: Type.Integer(),
  updatedAt: Type.String(),
  updatedBy: Type.String(),
  problems: Type.Array(Problem),
  latestVersion: Type.Union([Type.Object({ number: Type.Integer(), hash: Type.String() }), Type.Null()]),
  /** True when the draft differs from the latest version in more than its layout. */
  changed: Type.Boolean(),
  deployments: Type.Array(Deployment),
  /** When it was put away; null for one that is in use. */
  archivedAt: Type.Union([Type.String(), Type.Null()]),
});
export type FlowDetail = Static<typeof FlowDetail>;

export const FlowArchive = Type.Object({ archivedAt: Type.Union([Type.String(), Type.Null()]) });

export const DraftSaved = Type.Object({ revision: Type.Integer(), problems: Type.Array(Problem), changed: Type.Boolean() });
export type DraftSaved = Static<typeof DraftSaved>;

/** `deprecated`: still runs and can be deployed, but should not be. `retired`: runs nowhere and cannot be deployed. */
export const VersionState = Type.Enum(["live", "deprecated", "retired"]);
export type VersionState = Static<typeof VersionState>;

export const VersionSummary = Type.Object({
  number: Type.Integer(),
  hash: Type.String(),
  note: Type.String(),
  state: VersionState,
  /** When and by whom the state was set; null for one that is as it was made. */
  stateAt: Type.Union([Type.String(), Type.Null()]),
  stateBy: Type.Union([Type.String(), Type.Null()]),
  createdAt: Type.String(),
  createdBy: Type.String(),
});
export type VersionSummary = Static<typeof VersionSummary>;

export const VersionDetail = Type.Object({
  ...VersionSummary.properties,
  flow: Flow,
  lock: Type.Unknown(),
  /** What has become old of what it was made with. */
  old: Type.Array(Problem),
});
export type VersionDetail = Static<typeof VersionDetail>;

/** Live numbers of one flow in one environment since `since`: for each node how many items it took and what became of them. */
export const FlowStatus = Type.Object({
  environment: Type.String(),
  flow: Type.String(),
  /** Who saved the draft last, and when: whoever draws it sees that it changed elsewhere. */
  draft: Type.Object({ revision: Type.Integer(), updatedAt: Type.String(), updatedBy: Type.String() }),
  since: Type.String(),
  runs: Type.Object({
    running: Type.Integer(),
    succeeded: Type.Integer(),
    partial: Type.Integer(),
    dead: Type.Integer(),
    cancelled: Type.Integer(),
    held: Type.Integer(),
  }),
  nodes: Type.Record(
    Type.String(),
    Type.Object({
      done: Type.Integer(),
      running: Type.Integer(),
      waiting: Type.Integer(),
      /** Waiting for a further attempt after a failure. */
      retrying: Type.Integer(),
      /** Open dead letters of this node. */
      dead: Type.Integer(),
    }),
  ),
  /** Items that crossed each edge, by edge id. */
  edges: Type.Record(Type.String(), Type.Integer()),
  openDeadLetters: Type.Integer(),
});
export type FlowStatus = Static<typeof FlowStatus>;

/** A page of a run's tasks, the oldest first; `count` is that of all pages. */
export const RunTasks = Type.Object({
  items: Type.Array(Task),
  next: Type.Union([Type.String(), Type.Null()]),
  count: Type.Integer(),
});
export type RunTasks = Static<typeof RunTasks>;

export const RunDetail = Type.Object({
  run: Run,
  message: Type.Object({
    id: Type.String(),
    receivedAt: Type.String(),
    source: Type.String(),
    dedupeKey: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    body: Type.Unknown(),
  }),
  /** The first of them, the oldest first; how many there are says `counts`. */
  tasks: Type.Array(Task),
  deadLetters: Type.Array(DeadLetter),
  counts: Type.Object({ tasks: Type.Integer(), deadLetters: Type.Integer() }),
  /** Runs that replay this one, the newest first. */
  replays: Type.Array(Type.Object({ id: Type.String(), state: RunState, startedAt: Type.String() })),
  /** The flow as this run's version drew it. */
  flow: Flow,
});
export type RunDetail = Static<typeof RunDetail>;

/** What a cancellation reached: tasks that ended at once, and tasks that end with what they are doing. */
export const RunCancelled = Type.Object({ waiting: Type.Integer(), running: Type.Integer() });
export type RunCancelled = Static<typeof RunCancelled>;

/** A replay that began: its run, and why it does not go on at once. */
export const RunReplayed = Type.Object({
  runId: Type.String(),
  /** A paused deployment holds it. */
  held: Type.Boolean(),
  /** An earlier run of the same document goes on. */
  waitsForDocument: Type.Boolean(),
});
export type RunReplayed = Static<typeof RunReplayed>;

/** What came of replaying several runs. */
export const RunsReplayed = Type.Object({
  /** Runs that fit when it began. */
  matching: Type.Integer(),
  done: Type.Integer(),
  problems: Type.Array(Type.Object({ id: Type.String(), message: Type.String() })),
});
export type RunsReplayed = Static<typeof RunsReplayed>;

export const SampleSummary = Type.Object({
  name: Type.String(),
  title: Type.String(),
  source: Type.String(),
  /** What the sample is expected to end as: `SUCCEEDED`, or the class of its dead letter. */
  expected: Type.String(),
  /** Who kept it with the flow, when, and how often it was changed; null for one that comes with a ready flow. */
  kept: Type.Union([Type.Object({ revision: Type.Integer(), updatedAt: Type.String(), updatedBy: Type.String() }), Type.Null()]),
});
export type SampleSummary = Static<typeof SampleSummary>;

export const SampleKept = Type.Object({ revision: Type.Integer() });
export type SampleKept = Static<typeof SampleKept>;

export const SampleSent = Type.Object({ receipt: Type.String(), runId: Type.String() });
export type SampleSent = Static<typeof SampleSent>;

export const ConnectorSummary = Type.Object({
  id: Type.String(),
  version: Type.String(),
  title: Type.String(),
  summary: Type.String(),
  system: Type.String(),
  badge: Type.Object({ text: Type.String(), color: Type.String() }),
  lifecycle: ConnectorLifecycle,
  operations: Type.Array(Type.String()),
  /** JSON Schema of a connection's settings and secrets; a secret carries `x-secret: true`. */
  connection: Type.Unknown(),
});
export type ConnectorSummary = Static<typeof ConnectorSummary>;

/** A connector as it is installed, with its mappings: what a browser needs to run a draft on a sample. */
export const ConnectorDetail = Type.Object({
  /** The connector file; its form is `schemas/connector.schema.json`. */
  connector: Type.Unknown(),
  /** Text of its `.jsonata` files by file name. */
  mappings: Type.Record(Type.String(), Type.String()),
});

export const SystemInfo = Type.Object({
  version: Type.String(),
  postgres: Type.Enum(["embedded", "external"]),
  queue: Type.Enum(["postgres", "redis"]),
  demo: Type.Boolean(),
});
export type SystemInfo = Static<typeof SystemInfo>;

export const FlowTemplates = Type.Object({ items: Type.Array(Flow) });
export const Flows = Type.Object({ items: Type.Array(FlowSummary) });
export const Versions = Type.Object({ items: Type.Array(VersionSummary) });
export const NodeTypes = Type.Object({ items: Type.Array(NodeManifest) });
/** A message without what tells who a person is, to be a sample. */
export const MaskedMessage = Type.Object({
  /** The source node through which it came. */
  source: Type.String(),
  input: Type.Unknown(),
  /** What was masked, by JSON pointer; `mention` where a value that is masked elsewhere stood in a text. */
  masked: Type.Array(Type.Object({ pointer: Type.String(), kind: Type.String() })),
});
export type MaskedMessage = Static<typeof MaskedMessage>;

/** What is written of a node type for people, in Markdown; null where nothing is. */
export const NodePage = Type.Object({ markdown: Type.Union([Type.String(), Type.Null()]) });
export type NodePage = Static<typeof NodePage>;
export const Connectors = Type.Object({ items: Type.Array(ConnectorSummary) });
export const Connections = Type.Object({ items: Type.Array(ListedConnection) });
export const Sources = Type.Object({ items: Type.Array(Source) });
export const Samples = Type.Object({
  items: Type.Array(SampleSummary),
  /** How many bytes a sample may have, as JSON without blanks. */
  maxBytes: Type.Integer(),
});
export const Runs = page(Run);
export type Runs = Static<typeof Runs>;
export const DeadLetters = page(DeadLetter);
export type DeadLetters = Static<typeof DeadLetters>;
