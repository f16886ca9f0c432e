import { type Static, Type } from "typebox";
import { Paging } from "./paging.ts";
import { ErrorRule, Expression, RequestTemplate, Template } from "./request.ts";

/** The longest time before its end at which a subscription is renewed. */
const MAX_EARLY_MS = 30 * 86_400_000;

const { bodyFile: _, ...inPlace } = RequestTemplate.properties;

/** A request with its body in place. */
const SubscriptionRequest = Type.Object(inPlace, { additionalProperties: false });
export type SubscriptionRequest = Static<typeof SubscriptionRequest>;

/** What a system calls the place that it sends to; found by its address, and made where it is not there. */
const Destination = Type.Object(
  {
    list: SubscriptionRequest,
    page: Type.Optional(Paging),
    found: Expression,
    id: Expression,
    address: Expression,
    create: SubscriptionRequest,
    made: Type.Optional(Expression),
  },
  { additionalProperties: false },
);

/**
 * How a system is told where to send its webhooks. What stands there is always asked for first and known by its address, so
 * that nothing is ever made twice. In all expressions `$address` (of the source, as the outside knows it), `$name` (what people
 * at the system see), `$config` and `$connection` are bound; those over a subscription see one as `found` gave it.
 */
export const Subscription = Type.Object(
  {
    /** JSONata: where it sends, in the place of the source's own address: a queue that the source reads. */
    to: Type.Optional(Expression),
    /** What has to stand first at a system that sends to things of its own: its id is `$address` from then on. It is never deleted. */
    destination: Type.Optional(Destination),
    /** JSONata: what is subscribed to, a text or several; each is a subscription of its own, as `$topic`. Without it there is one. */
    topics: Type.Optional(Expression),
    /** The request for the subscriptions that stand, of whomever. */
    list: SubscriptionRequest,
    /** How the system gives them in pages. */
    page: Type.Optional(Paging),
    /** JSONata over `{ status, headers, body }` of `list`: the subscriptions. */
    found: Expression,
    /** JSONata over a subscription: its id. */
    id: Expression,
    /** JSONata over a subscription: where it sends. */
    address: Expression,
    /** JSONata over a subscription: its topic, as `topics` names it. */
    topic: Type.Optional(Expression),
    /** JSONata over a subscription: true where it is as `create` would make it today. One that is not is made anew. */
    current: Type.Optional(Expression),
    /** JSONata over a subscription: when it ends, as ISO 8601 text or milliseconds since 1970. Without it none ends by itself. */
    expiresAt: Type.Optional(Expression),
    /** So long before its end it is renewed. Default: a day. */
    earlyMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: MAX_EARLY_MS })),
    /** The request that makes one, for `$topic`. */
    create: SubscriptionRequest,
    /** JSONata over the answer to `create` or `renew`: the subscription, as far as it is told. Default: the body. */
    made: Type.Optional(Expression),
    /** The request over a subscription that makes it last longer. Without it one that ends is made anew. */
    renew: Type.Optional(SubscriptionRequest),
    /** The request over a subscription that ends it. That it is gone already (404, 410) is as good. */
    delete: SubscriptionRequest,
    /** What the system proves itself with, put into the body of `create` and `renew` as they leave. */
    proof: Type.Optional(
      Type.Object(
        {
          /** JSON Pointer of the place in the body. */
          at: Type.String({ pattern: "^(/[A-Za-z][A-Za-z0-9_]*)+$" }),
          /** Plain paths: `secrets`, `config`, `address`. */
          value: Template,
          /** Nothing is put in where the connection does not have it. */
          optional: Type.Optional(Type.Literal(true)),
        },
        { additionalProperties: false },
      ),
    ),
    /**
     * What the system signs its webhooks with, where it tells that once, in the answer to `create`. It is kept sealed with the
     * subscription, and `verify` takes it; one that stands without its secret being known here is made anew.
     */
    secret: Type.Optional(
      Type.Object(
        {
          /** JSON Pointer of the place in the answer's body. */
          at: Type.String({ pattern: "^(/[A-Za-z][A-Za-z0-9_]*)+$" }),
          /** The connection's secret in whose place `verify` takes it. */
          as: Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_]*$" }),
        },
        { additionalProperties: false },
      ),
    ),
    /** JSONata over an answer: true when it is a success. Default: status 2xx. */
    success: Type.Optional(Expression),
    /** Rules before those of the connector. */
    errors: Type.Optional(Type.Array(ErrorRule)),
  },
  { additionalProperties: false },
);
export type Subscription = Static<typeof Subscription>;
