import { type Static, Type } from "typebox";
import { unnamedActors } from "./approval.ts";
import { CanarySettings } from "./canary.ts";

/** What the review of a promotion finds, and what becomes of a promotion. */

const Text = Type.Union([Type.String(), Type.Null()]);

export const PromotionCheck = Type.Object({
  /** `valid`, `samples`, `slots`, `owner`, `schemas`, `tables`, `lifecycle`, or `connection` with the connection's name as `subject`. */
  name: Type.Enum(["valid", "samples", "slots", "connection", "owner", "schemas", "tables", "lifecycle"]),
  subject: Text,
  /** `warned`: nothing is refused for it. `skipped`: there is nothing that could be checked. */
  outcome: Type.Enum(["passed", "warned", "failed", "skipped"]),
  detail: Type.String(),
});
export type PromotionCheck = Static<typeof PromotionCheck>;

export const PromotionRisk = Type.Object({
  /** What it is acknowledged by, such as `effectKey:erp`. */
  name: Type.String(),
  kind: Type.Enum([
    "effectKey",
    "redrawnEffect",
    "idempotency",
    "removedNode",
    "checksLess",
    "ordering",
    "samplesChanged",
    "untried",
  ]),
  /** Null for one of the whole version. */
  node: Text,
  detail: Type.String(),
});
export type PromotionRisk = Static<typeof PromotionRisk>;

/** One message for which two versions differ at a place, side by side. */
export const DifferenceExample = Type.Object({
  runId: Type.String(),
  documentKey: Text,
  before: Type.Unknown(),
  after: Type.Unknown(),
  /** Of a field: the whole request or item that it stands in. */
  whole: Type.Optional(Type.Object({ before: Type.Unknown(), after: Type.Unknown() })),
});
export type DifferenceExample = Static<typeof DifferenceExample>;

/**
 * `data`: a node makes something else of the same input. `request`: what would be sent, or handed to another flow, a batch, a wait
 * or a later time, differs. `effect`: something is sent or handed on that was not, or no more. `effectKey`: the same effect is known by another key. `route`: the item leaves by another port.
 * `outcome`, `response`: the run ends, or answers, otherwise.
 */
export const differenceKinds = ["outcome", "effectKey", "effect", "request", "route", "response", "data"] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export const DifferenceGroup = Type.Object({
  kind: Type.Enum([...differenceKinds]),
  node: Text,
  /** JSON pointer to the field, `*` for any place in a list; empty for the whole. */
  field: Type.String(),
  /** Messages that differ here. */
  messages: Type.Integer(),
  examples: Type.Array(DifferenceExample),
});
export type DifferenceGroup = Static<typeof DifferenceGroup>;

/** Two versions on the same messages, without effects. */
export const ReplayDiff = Type.Object({
  /** Where the messages came in. */
  environment: Type.String(),
  /** The version that runs now; null where none does: then nothing is compared. */
  before: Type.Union([Type.Integer(), Type.Null()]),
  after: Type.Integer(),
  messages: Type.Integer(),
  /** Messages for which nothing differs as far as it is known. */
  same: Type.Integer(),
  differing: Type.Integer(),
  /** Messages of which not all is known: a request of one of the two versions has no recorded answer. */
  unknown: Type.Integer(),
  /** By node: messages whose request there has no recorded answer, in one of the two versions. */
  unknownAt: Type.Record(Type.String(), Type.Integer()),
  /**
   * By effect of the version that runs, where something on a way to it has changed: messages of which its key is not seen, because
   * something before it is unknown. `another`: it is another key if that is answered as it was; `untried`: nobody knows.
   */
  keys: Type.Record(Type.String(), Type.Object({ another: Type.Integer(), untried: Type.Integer() })),
  groups: Type.Array(DifferenceGroup),
  /** Groups that were left out, because there are too many. */
  omitted: Type.Integer(),
  ms: Type.Integer(),
});
export type ReplayDiff = Static<typeof ReplayDiff>;

export const PromotionReview = Type.Object({
  flow: Type.String(),
  environment: Type.String(),
  version: Type.Integer(),
  hash: Type.String(),
  /** What runs there now. */
  base: Type.Union([Type.Integer(), Type.Null()]),
  /** Whether the deployment there is paused: messages are accepted and held, whichever version it is to run. */
  paused: Type.Boolean(),
  /** Slot name to connection name, as it would be bound. */
  slots: Type.Record(Type.String(), Type.String()),
  checks: Type.Array(PromotionCheck),
  risks: Type.Array(PromotionRisk),
  diff: ReplayDiff,
  /** By id: how people call the nodes that risks and differences are of. */
  nodeNames: Type.Record(Type.String(), Type.String()),
});
export type PromotionReview = Static<typeof PromotionReview>;

/**
 * What is kept of a review with its promotion: without the documents, which are purged by policies of their own. A key that only documents have,
 * and no version names, is a star in `field`.
 */
export const KeptReview = Type.Object({
  checks: Type.Array(PromotionCheck),
  risks: Type.Array(PromotionRisk),
  diff: Type.Object({
    environment: Type.String(),
    messages: Type.Integer(),
    same: Type.Integer(),
    differing: Type.Integer(),
    unknown: Type.Integer(),
    groups: Type.Array(
      Type.Object({ kind: Type.Enum([...differenceKinds]), node: Text, field: Type.String(), messages: Type.Integer() }),
    ),
    /** The groups are left out: who asks may not see where the messages came in. */
    unseen: Type.Optional(Type.Boolean()),
  }),
  /** Absent in those of the first releases. */
  nodeNames: Type.Optional(Type.Record(Type.String(), Type.String())),
});
export type KeptReview = Static<typeof KeptReview>;

/** One that was approved and ended by itself: it could not be activated when its time came, or was stopped as a canary that failed too often. */
export const FailedPromotion = Type.Object({ environment: Type.String(), version: Type.Integer(), reason: Type.String() });
export type FailedPromotion = Static<typeof FailedPromotion>;

/**
 * `canary`: it takes its share of new messages. `stopped`: so it did, until it was stopped. `ended`: the flow was taken out of the
 * environment while it ran, and nothing ran there since.
 */
export const promotionStates = [
  "requested",
  "approved",
  "canary",
  "active",
  "replaced",
  "ended",
  "rolledBack",
  "stopped",
  "withdrawn",
  "failed",
] as const;

/** Those of which a flow has one at a time in an environment: nothing else may change what runs there meanwhile. */
export const openPromotionStates: readonly (typeof promotionStates)[number][] = ["requested", "approved", "canary"];

export const Promotion = Type.Object({
  id: Type.String(),
  flow: Type.String(),
  environment: Type.String(),
  version: Type.Integer(),
  /** The version that ran there when it was requested, and that a rollback goes back to. */
  base: Type.Union([Type.Integer(), Type.Null()]),
  hash: Type.String(),
  state: Type.Enum([...promotionStates]),
  note: Type.String(),
  /** Slot name to connection name, as it binds them. */
  slots: Type.Record(Type.String(), Type.String()),
  acknowledged: Type.Array(Type.String()),
  review: KeptReview,
  requestedAt: Type.String(),
  requestedBy: Type.String(),
  approvedAt: Text,
  approvedBy: Text,
  /** True where sign-in was not set up: then requester and approver were the one person at this machine. */
  alone: Type.Boolean(),
  /**
   * Names among its authors that do not say who it was: `token` for ORDERLOOM_ADMIN_TOKEN, `local` for before sign-in was set
   * up. Whoever approves it is told, and could be the same person.
   */
  unnamed: Type.Array(Type.Enum([...unnamedActors])),
  /** When it is to be activated; null for as soon as it is approved. */
  activateAt: Text,
  /** What it begins with; null where it takes all messages at once. */
  canary: Type.Union([CanarySettings, Type.Null()]),
  canaryAt: Text,
  activatedAt: Text,
  endedAt: Text,
  endedBy: Text,
  /** Why it failed, or was stopped or withdrawn. */
  reason: Text,
});
export type Promotion = Static<typeof Promotion>;
export const Promotions = Type.Object({ items: Type.Array(Promotion) });
