import { type Static, Type } from "typebox";

/** What an environment runs of a flow: one version, or several with weights during a canary. */
export const Deployment = Type.Object(
  {
    id: Type.String(),
    environment: Type.String(),
    flow: Type.String(),
    /** A paused deployment still accepts, and holds what it accepted. */
    state: Type.Enum(["active", "paused"]),
    versions: Type.Array(
      Type.Object(
        { number: Type.Integer(), hash: Type.String(), weight: Type.Integer({ minimum: 0, maximum: 100 }) },
        { additionalProperties: false },
      ),
    ),
    /** Slot name to connection name. */
    slots: Type.Record(Type.String(), Type.String()),
    updatedAt: Type.String(),
    updatedBy: Type.String(),
  },
  { additionalProperties: false },
);
export type Deployment = Static<typeof Deployment>;
