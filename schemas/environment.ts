import { type Static, Type } from "typebox";
import { ReachList } from "./reach.ts";

/**
 * How versions come into an environment. `none`: they are deployed directly. `checks`: by promotion alone, whose checks must
 * pass. `approval`: by promotion that another person has approved.
 */
export const Protection = Type.Enum(["none", "checks", "approval"]);
export type Protection = Static<typeof Protection>;

export const Environment = Type.Object({
  id: Type.String(),
  title: Type.String(),
  protection: Protection,
  /** Whether versions come by promotion alone. */
  protected: Type.Boolean(),
  /** Versions go from lower to higher. */
  position: Type.Integer(),
  reach: ReachList,
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
  },
  { additionalProperties: false },
);
export type EnvironmentChange = Static<typeof EnvironmentChange>;
