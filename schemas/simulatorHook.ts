import { type Static, Type } from "typebox";
import { Expression, HeaderMap } from "./request.ts";

/**
 * Webhooks that the simulated system sends: when a record comes to stand in `ledger` by itself, as when a buyer places an order,
 * to each of its subscriptions. Expressions and templates see `{ record, key, sequence, subscription }`.
 */
export const SimulatorHook = Type.Object(
  {
    /** Of the connector, whose verification says how it is signed. */
    operation: Type.String(),
    /** The ledger with the documents. */
    ledger: Type.String(),
    /** The ledger with what was subscribed to. */
    subscriptions: Type.String(),
    /** JSONata: the address to send to; nothing where the subscription is for something else, or has ended. */
    to: Expression,
    /** JSONata: what is sent. */
    body: Expression,
    headers: Type.Optional(HeaderMap),
    /** JSONata: secrets that stand in the place of the connection's, where each subscription has its own. */
    secrets: Type.Optional(Expression),
  },
  { additionalProperties: false },
);
export type SimulatorHook = Static<typeof SimulatorHook>;

/** Before it answers, the simulated system makes sure of the subscriber's address: what it sends has to come back. */
export const SimulatorHandshake = Type.Object(
  {
    /** JSONata: the address. */
    address: Expression,
    /** The query parameter of the POST that has the code. */
    query: Type.String({ minLength: 1 }),
    /** The answer where it does not come back. */
    refuse: Type.Object({ status: Type.Integer(), body: Expression }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);
export type SimulatorHandshake = Static<typeof SimulatorHandshake>;
