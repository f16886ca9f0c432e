import { type Static, Type } from "typebox";
import { OutcomeClass, Reason } from "./outcome.ts";

/**
 * `pending`: nobody has seen to it yet. `held`: its connection is paused, and it is seen to once that goes on. `byHand`: the
 * connection lacks what it takes to ask. `noAddress`: the server does not know how the outside reaches it.
 */
export const subscriptionStates = ["pending", "standing", "failing", "held", "byHand", "noAddress"] as const;
export type SubscriptionState = (typeof subscriptionStates)[number];

/** What stands at a system so that it sends its webhooks to a source of a deployed flow. Times are ISO 8601. */
export const WebhookSubscription = Type.Object(
  {
    /** Of the source. */
    id: Type.String(),
    environment: Type.String(),
    flow: Type.String(),
    node: Type.String(),
    /** The connection's name. */
    connection: Type.String(),
    /** False where the source is gone: what still stands is to go. */
    wanted: Type.Boolean(),
    state: Type.Enum([...subscriptionStates]),
    /** The address that the system was told. */
    address: Type.Union([Type.String(), Type.Null()]),
    /** What stands there, by the system's own ids. */
    subscribed: Type.Array(
      Type.Object(
        { id: Type.String(), topic: Type.String(), expiresAt: Type.Union([Type.String(), Type.Null()]) },
        { additionalProperties: false },
      ),
    ),
    /** Looks that failed in a row. */
    failures: Type.Integer(),
    /** What went wrong, or what is missing. */
    lastError: Type.Union([
      Type.Object(
        { class: Type.Union([OutcomeClass, Type.Null()]), reason: Reason, at: Type.String() },
        { additionalProperties: false },
      ),
      Type.Null(),
    ]),
    checkedAt: Type.Union([Type.String(), Type.Null()]),
    /** When it is looked at next; null until a person changes something. */
    dueAt: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type WebhookSubscription = Static<typeof WebhookSubscription>;

export const WebhookSubscriptions = Type.Object({ items: Type.Array(WebhookSubscription) });
export type WebhookSubscriptions = Static<typeof WebhookSubscriptions>;
