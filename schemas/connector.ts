import { type Static, Type } from "typebox";
import { IdempotencyMode } from "./manifest.ts";
import { OutcomeClass, RetryPolicy } from "./outcome.ts";

/** A JSONata expression. */
const Expression = Type.String({ minLength: 1, maxLength: 65_536 });
/** Text in which `{{ ... }}` holds JSONata. In auth and webhook parts only plain paths are allowed inside it. */
const Template = Type.String({ maxLength: 8_192 });
const HeaderMap = Type.Record(Type.String(), Template);

export const ConnectorAuth = Type.Union([
  Type.Object({ type: Type.Literal("none") }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal("apiKey"), header: Type.String(), value: Template }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal("bearer"), token: Template }, { additionalProperties: false }),
  Type.Object({ type: Type.Literal("basic"), username: Template, password: Template }, { additionalProperties: false }),
  Type.Object(
    {
      type: Type.Literal("oauth1"),
      signature: Type.Literal("HMAC-SHA256"),
      realm: Type.Optional(Template),
      consumerKey: Template,
      consumerSecret: Template,
      token: Template,
      tokenSecret: Template,
    },
    { additionalProperties: false },
  ),
]);
export type ConnectorAuth = Static<typeof ConnectorAuth>;

/** The first rule that matches an answer decides its outcome class. */
export const ErrorRule = Type.Object(
  {
    status: Type.Optional(Type.Array(Type.Integer({ minimum: 100, maximum: 599 }))),
    /** JSONata over `{ status, headers, body }`; matches when true. */
    when: Type.Optional(Expression),
    class: OutcomeClass,
    /** JSONata for the sentence people read. */
    message: Type.Optional(Expression),
    /** Whether the target may have applied the request all the same. Default: `no` below 500, `maybe` from 500. */
    applied: Type.Optional(Type.Enum(["no", "maybe"])),
    /** JSONata giving seconds to wait, when the answer says so in its body. */
    retryAfter: Type.Optional(Expression),
  },
  { additionalProperties: false },
);
export type ErrorRule = Static<typeof ErrorRule>;

export const RequestTemplate = Type.Object(
  {
    method: Type.Enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path: Template,
    query: Type.Optional(Type.Record(Type.String(), Template)),
    headers: Type.Optional(HeaderMap),
    /** JSONata making the JSON body from the item; `$config`, `$connection` and `$effectKey` are bound. */
    body: Type.Optional(Expression),
    /** The same, in a `.jsonata` file beside the connector. */
    bodyFile: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9._-]+\\.jsonata$" })),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 300_000 })),
  },
  { additionalProperties: false },
);
export type RequestTemplate = Static<typeof RequestTemplate>;

export const WebhookVerification = Type.Union([
  Type.Object({ type: Type.Literal("none") }, { additionalProperties: false }),
  Type.Object(
    {
      type: Type.Literal("hmac"),
      algorithm: Type.Enum(["sha1", "sha256", "sha512"]),
      encoding: Type.Enum(["base64", "hex"]),
      header: Type.String(),
      secret: Template,
      /** Text before the signature in the header, such as `sha256=`. */
      prefix: Type.Optional(Type.String()),
    },
    { additionalProperties: false },
  ),
]);
export type WebhookVerification = Static<typeof WebhookVerification>;

/** A source fed by a webhook. Paths in templates start at `headers` (lower case) or `body`. */
export const WebhookOperation = Type.Object(
  {
    kind: Type.Literal("source"),
    transport: Type.Literal("webhook"),
    title: Type.String(),
    summary: Type.String(),
    keywords: Type.Optional(Type.Array(Type.String())),
    verify: WebhookVerification,
    /** Candidates for the dedupe key; the first that is not empty is taken, the hash of the body when none is. */
    dedupeKey: Type.Array(Template),
    /** The business identity of the document, for ordering and search. */
    documentKey: Template,
    /** The source's own version of the document (an updated-at), when it has one. */
    documentVersion: Type.Optional(Template),
    /** The status of a good answer; 202 when absent. */
    acknowledge: Type.Optional(
      Type.Object({ status: Type.Integer({ minimum: 200, maximum: 299 }) }, { additionalProperties: false }),
    ),
    milestone: Type.Optional(Type.String()),
    samples: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type WebhookOperation = Static<typeof WebhookOperation>;

export const Idempotency = Type.Object(
  {
    mode: IdempotencyMode,
    /** `key`: the header that carries the effect key. */
    header: Type.Optional(Type.String()),
    /** `lookup`: how long after sending the target may still apply the request; no lookup is trusted before. */
    quietPeriodMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000 })),
    /** `lookup`: the question asked before sending again. */
    lookup: Type.Optional(
      Type.Object(
        {
          request: RequestTemplate,
          /** JSONata over `{ status, headers, body }`: the found record, or nothing. */
          found: Expression,
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Idempotency = Static<typeof Idempotency>;

/** An operation done by one HTTP request: a `sink` writes, a `lookup` reads. */
export const HttpOperation = Type.Object(
  {
    kind: Type.Enum(["sink", "lookup"]),
    transport: Type.Literal("http"),
    title: Type.String(),
    summary: Type.String(),
    keywords: Type.Optional(Type.Array(Type.String())),
    /** The canonical schema it takes, such as `canonical/order/1`. */
    input: Type.Optional(Type.String()),
    /** JSON Schema of the node's config. */
    config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    request: RequestTemplate,
    /** JSONata over the item: the business identity of what is written. */
    documentKey: Type.Optional(Expression),
    /** The event in the effect key: what happens to the document, such as `create`. */
    event: Type.Optional(Type.String()),
    idempotency: Idempotency,
    /** JSONata over `{ status, headers, body }`: true when the answer is a success. Default: status 2xx. */
    success: Type.Optional(Expression),
    /** JSONata over `{ status, headers, body }`: what the `result` port carries. Default: the body. */
    result: Type.Optional(Expression),
    errors: Type.Optional(Type.Array(ErrorRule)),
    retry: Type.Optional(Type.Partial(RetryPolicy)),
    milestone: Type.Optional(Type.String()),
    samples: Type.Array(Type.String()),
  },
  { additionalProperties: false },
);
export type HttpOperation = Static<typeof HttpOperation>;

export const ConnectorOperation = Type.Union([WebhookOperation, HttpOperation]);
export type ConnectorOperation = Static<typeof ConnectorOperation>;

/**
 * One answer of the simulator that stands for the system in the sandbox. Path parts in braces are captured.
 * Expressions see `{ path, query, headers, body, record }`, `record` being what the ledger holds under the key.
 */
export const SimulatorRoute = Type.Object(
  {
    method: Type.Enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path: Type.String(),
    /** JSONata: only requests for which it is true (one GraphQL address serves many operations). */
    when: Type.Optional(Expression),
    /** JSONata: a non-empty string means the system refuses with this status and message. */
    refuse: Type.Optional(
      Type.Array(Type.Object({ when: Expression, status: Type.Integer(), body: Expression }, { additionalProperties: false })),
    ),
    ledger: Type.Optional(
      Type.Object(
        {
          name: Type.String(),
          key: Expression,
          /** `upsert` replaces, `create` always adds another row (so a double post shows), `read` only looks. */
          write: Type.Enum(["upsert", "create", "read"]),
          record: Type.Optional(Expression),
          /** JSONata: the money of the record, for the oracle's sum. */
          amount: Type.Optional(Expression),
        },
        { additionalProperties: false },
      ),
    ),
    respond: Type.Object(
      { status: Type.Integer(), headers: Type.Optional(HeaderMap), body: Type.Optional(Expression) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type SimulatorRoute = Static<typeof SimulatorRoute>;

/** A system declared as data (`nodes/connectors/*.connector.json`). Each operation becomes a node type. */
export const Connector = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    kind: Type.Literal("connector"),
    id: Type.String({ pattern: "^[a-z][a-z0-9-]{0,63}$" }),
    version: Type.String({ pattern: "^\\d+\\.\\d+\\.\\d+$" }),
    title: Type.String(),
    summary: Type.String(),
    system: Type.Enum(["marketplace", "erp", "wms", "tax", "payment", "general"]),
    /** Two letters and a colour name for the badge on the card. */
    badge: Type.Object({ text: Type.String({ maxLength: 3 }), color: Type.String() }, { additionalProperties: false }),
    lifecycle: Type.Object(
      {
        state: Type.Enum(["draft", "live", "deprecated"]),
        apiVersion: Type.Optional(Type.String()),
        sunset: Type.Optional(Type.String()),
      },
      { additionalProperties: false },
    ),
    /** JSON Schema of a connection's config and secrets; secret properties carry `x-secret: true`. */
    connection: Type.Record(Type.String(), Type.Unknown()),
    baseUrl: Type.Optional(Template),
    /** Plain-path template: the stable account on the other side, part of every effect key. */
    systemAccount: Template,
    auth: ConnectorAuth,
    limits: Type.Object(
      {
        concurrency: Type.Integer({ minimum: 1, maximum: 1000 }),
        rate: Type.Optional(
          Type.Object(
            { perSecond: Type.Number({ exclusiveMinimum: 0 }), burst: Type.Integer({ minimum: 1 }) },
            { additionalProperties: false },
          ),
        ),
      },
      { additionalProperties: false },
    ),
    headers: Type.Optional(HeaderMap),
    errors: Type.Array(ErrorRule),
    operations: Type.Record(Type.String({ pattern: "^[a-z][A-Za-z0-9]*$" }), ConnectorOperation),
    simulator: Type.Optional(Type.Object({ routes: Type.Array(SimulatorRoute) }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);
export type Connector = Static<typeof Connector>;
