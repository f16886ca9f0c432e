import { type Static, Type } from "typebox";

/** What of the addresses inside networks connections of an environment may reach; those of the open internet they always may. */
export const ReachList = Type.Array(
  Type.String({
    minLength: 1,
    maxLength: 300,
    description:
      "A range by its name (private, uniqueLocal, carrierGrade, linkLocal, multicast, reserved), a network such as 10.20.0.0/16, or a host such as erp.internal or erp.internal:8069.",
  }),
  { maxItems: 100, description: "What connections of the environment may reach besides the open internet." },
);
export type ReachList = Static<typeof ReachList>;
