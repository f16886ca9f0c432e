import { type Static, Type } from "typebox";
import { ReachList } from "./reach.ts";

/**
 * How versions come into an environment. `none`: they are deployed directly. `checks`: by promotion alone, whose checks must
 * pass. `approval`: by promotion that another person has approved.
 */
export const Protection = Type.Enum(["none", "checks", "approval"]);
export type Protection = Static<typeof Protection>;

/**
 * What an environment may take of what all share: evaluators, the database, its disk. So the load of one never starves another.
 * Null is no limit.
 */
export const EnvironmentLimits = Type.Object(
  {
    evaluatedAtOnce: Type.Union([Type.Integer({ minimum: 1, maximum: 1_000 }), Type.Null()], {
      description: "Segments that are evaluated at once, all workers together; the others wait.",
    }),
    acceptedPerSecond: Type.Union([Type.Integer({ minimum: 1, maximum: 10_000 }), Type.Null()], {
      description:
        "Webhooks and calls of services that are accepted in a second; the sender of one more is told when to come again.",
    }),
    payloadDays: Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()], {
      description: "Days after which the contents of messages that come from now on are purged; a connector may demand less.",
    }),
  },
  { additionalProperties: false },
);
export type EnvironmentLimits = Static<typeof EnvironmentLimits>;

export const Environment = Type.Object({
  id: Type.String(),
  title: Type.String(),
  protection: Protection,
  /** Whether versions come by promotion alone. */
  protected: Type.Boolean(),
  /** Versions go from lower to higher. */
  position: Type.Integer(),
  reach: ReachList,
  limits: EnvironmentLimits,
});
export type Environment = Static<typeof Environment>;

export const Environments = Type.Object({ items: Type.Array(Environment) });

/** Words that stand where an environment's id does in addresses. */
export const takenNames: readonly string[] = [
  ...["api", "assets", "audit", "connections", "exceptions", "flows", "healthz", "hooks", "metrics", "people", "readyz"],
  ...["runs", "services", "set-up", "sign-in", "tables"],
];

const Title = Type.String({ minLength: 1, maxLength: 60, description: "What people read." });
const Position = Type.Integer({ minimum: 0, maximum: 1_000, description: "Versions go from lower to higher." });

const LimitsChange = Type.Partial(EnvironmentLimits, { description: "What is left out stays." });

export const NewEnvironment = Type.Object(
  {
    id: Type.String({
      pattern: "^[a-z][a-z0-9-]{0,31}$",
      description: "Stands in addresses and effect keys, and never changes: small letters, digits, hyphens.",
    }),
    title: Title,
    protection: Protection,
    position: Position,
    reach: Type.Optional(ReachList),
    limits: Type.Optional(LimitsChange),
  },
  { additionalProperties: false },
);
export type NewEnvironment = Static<typeof NewEnvironment>;

export const EnvironmentChange = Type.Object(
  {
    title: Type.Optional(Title),
    protection: Type.Optional(Protection),
    position: Type.Optional(Position),
    reach: Type.Optional(ReachList),
    limits: Type.Optional(LimitsChange),
  },
  { additionalProperties: false },
);
export type EnvironmentChange = Static<typeof EnvironmentChange>;
