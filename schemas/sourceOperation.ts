import { type Static, Type } from "typebox";
import { Rate } from "./admission.ts";
import { RestrictedResources } from "./auth.ts";
import { Decoding } from "./format.ts";
import { OperationLifecycle } from "./lifecycle.ts";
import { RetryPolicy } from "./outcome.ts";
import { Paging } from "./paging.ts";
import { BaseName, ErrorRule, Expression, RequestTemplate, SqlTemplate, Template } from "./request.ts";
import { Subscription } from "./subscription.ts";

/** The longest time between two looks at a system or a folder. */
const MAX_INTERVAL_MS = 86_400_000;

/** What every source operation says of itself. */
const described = {
  kind: Type.Literal("source"),
  title: Type.String(),
  summary: Type.String(),
  keywords: Type.Optional(Type.Array(Type.String())),
  lifecycle: Type.Optional(OperationLifecycle),
  milestone: Type.Optional(Type.String()),
  samples: Type.Array(Type.String()),
};

/** A signature is no older than this anywhere, so that one that was overheard is worth nothing the day after. */
const MAX_WINDOW_S = 86_400;

/** When a request says it was signed, for systems that sign the time too: another time than now is refused. */
const SignedAt = Type.Object(
  {
    /** The header that says it. Default: the one with the signature. */
    header: Type.Optional(Type.String({ minLength: 1 })),
    /** Text before the time, such as `t=`; where the header holds several parts, it picks the part. */
    prefix: Type.Optional(Type.String()),
    /** What it counts since 1970. Default: `s`. */
    unit: Type.Optional(Type.Enum(["s", "ms"])),
    /** How far from now it may be, either way. */
    withinSeconds: Type.Integer({ minimum: 1, maximum: MAX_WINDOW_S }),
  },
  { additionalProperties: false },
);

export const WebhookVerification = Type.Union([
  Type.Object({ type: Type.Literal("none") }, { additionalProperties: false }),
  Type.Object(
    {
      type: Type.Literal("hmac"),
      algorithm: Type.Enum(["sha1", "sha256", "sha512"]),
      encoding: Type.Enum(["base64", "hex"]),
      header: Type.String(),
      secret: Template,
      /** How the secret is written. Default: `text`. */
      secretEncoding: Type.Optional(Type.Enum(["text", "base64", "hex"])),
      /** Text before the secret that is no part of it, such as `whsec_`. */
      secretPrefix: Type.Optional(Type.String()),
      /** Text before the signature in the header, such as `sha256=`. */
      prefix: Type.Optional(Type.String()),
      /** The header holds several parts with this between them; those that begin with `prefix` are signatures, and one has to fit. */
      separator: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
      timestamp: Type.Optional(SignedAt),
      /** What is signed; plain paths: `body` (the raw bytes), `timestamp`, `headers`. Default: `{{ body }}`. */
      signed: Type.Optional(Template),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      type: Type.Literal("apiKey"),
      header: Type.String(),
      secret: Template,
      /** Text before the key in the header, such as `Bearer `. */
      prefix: Type.Optional(Type.String()),
    },
    { additionalProperties: false },
  ),
  /** A signature by the system's own key pair: the header holds Base64 of JSON, and the key is asked for by its id and kept. */
  Type.Object(
    {
      type: Type.Literal("publicKey"),
      header: Type.String(),
      hash: Type.Enum(["sha1", "sha256"]),
      /** Plain paths over that JSON, such as `{{ kid }}`: the id of the key, and the signature in Base64. */
      keyId: Template,
      signature: Template,
      /** Below which of the connector's `baseUrls` the key is. Default: `baseUrl`. */
      base: Type.Optional(BaseName),
      /** The read that gives a key, with `{{ keyId }}` in its path. */
      path: Template,
      /** JSONata over `{ status, headers, body }`: the key, PEM. */
      key: Expression,
    },
    { additionalProperties: false },
  ),
  /** A token that the system was given with the address, or that it repeats in the body. It is never kept with a message. */
  Type.Object(
    {
      type: Type.Literal("token"),
      /** The query parameter that holds it. */
      query: Type.Optional(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_-]*$" })),
      /** JSON Pointer of its place in the body; `*` stands for each of a list, and each has to have it. */
      body: Type.Optional(Type.String({ pattern: "^(/([A-Za-z][A-Za-z0-9_]*|\\*))*/[A-Za-z][A-Za-z0-9_]*$" })),
      secret: Template,
      /** A connection without the secret takes what comes: only for a webhook that points at a document. */
      optional: Type.Optional(Type.Literal(true)),
    },
    { additionalProperties: false },
  ),
  /** The header `Authorization` with name and password (RFC 7617). */
  Type.Object({ type: Type.Literal("basic"), username: Template, password: Template }, { additionalProperties: false }),
]);
export type WebhookVerification = Static<typeof WebhookVerification>;

/** By GET a code that is hashed with what both know, or by POST, as a webhook comes, one that is said back as it is. */
const Challenge = Type.Union([
  Type.Object(
    {
      /** The query parameter of a GET with the code. */
      query: Type.String({ minLength: 1 }),
      /** The field of the JSON that is answered. */
      answer: Type.String({ minLength: 1 }),
      hash: Type.Enum(["sha256"]),
      encoding: Type.Enum(["hex", "base64"]),
      /** What is hashed; plain paths: `challenge`, `address` (of this source, as the outside knows it), `secrets`, `config`. */
      signed: Template,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      /** The query parameter of a POST with the code, which is answered with status 200 as plain text. */
      query: Type.String({ minLength: 1 }),
      echo: Type.Literal(true),
    },
    { additionalProperties: false },
  ),
]);
export type Challenge = Static<typeof Challenge>;

/** By what an incoming request is known. Paths in templates start at `headers` (lower case) or `body`. */
const incoming = {
  verify: WebhookVerification,
  /** Candidates for the dedupe key; the first that is not empty is taken. */
  dedupeKey: Type.Array(Template),
  /** The business identity of the document, for ordering and search. */
  documentKey: Template,
  /** The source's own version of the document (an updated-at), when it has one. */
  documentVersion: Type.Optional(Template),
};

/** A source fed by a webhook. Without any dedupe key the hash of the body is one. */
export const WebhookOperation = Type.Object(
  {
    ...described,
    transport: Type.Literal("webhook"),
    ...incoming,
    /** How the system makes sure that the address is ours: it sends a code, and is told back what is made of it. */
    challenge: Type.Optional(Challenge),
    /** The status of a good answer; 202 when absent. */
    acknowledge: Type.Optional(
      Type.Object({ status: Type.Integer({ minimum: 200, maximum: 299 }) }, { additionalProperties: false }),
    ),
    /** The webhook only points at a document: the request, over the webhook's body, that fetches it. */
    fetch: Type.Optional(RequestTemplate),
    /** `fetch`: JSONata over `{ status, headers, body }`, true when the answer is a success. Default: status 2xx. */
    success: Type.Optional(Expression),
    /** `fetch`: JSONata over `{ status, headers, body }`, what of the answer is the document. Default: the body. */
    result: Type.Optional(Expression),
    errors: Type.Optional(Type.Array(ErrorRule)),
    retry: Type.Optional(Type.Partial(RetryPolicy)),
    /** How the system is told where to send: while a flow with this source is deployed, the subscription stands. */
    subscription: Type.Optional(Subscription),
  },
  { additionalProperties: false },
);
export type WebhookOperation = Static<typeof WebhookOperation>;

/**
 * A source that asks a system for what is new, page by page. Expressions over an answer see `{ status, headers, body }`,
 * those over a record the record. In the request and in `page` these are bound: `$since`, `$until` and `$cursor` (ISO
 * 8601), `$page` (what `page.next` gave last; nothing on the first page), `$config` and `$connection`.
 */
export const PollOperation = Type.Object(
  {
    ...described,
    transport: Type.Literal("poll"),
    /** JSON Schema of the node's config. */
    config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    request: Type.Union([RequestTemplate, SqlTemplate]),
    /** It reads data about persons, with a token for these resources. */
    restricted: Type.Optional(RestrictedResources),
    /** How a good answer is read. Default: JSON. */
    decode: Type.Optional(Decoding),
    /** A bucket of its own, beside the connection's. */
    rate: Type.Optional(Rate),
    /** JSONata over the answer: the records of the page. */
    records: Expression,
    /**
     * JSONata over a record: true when it is wanted; without it all are. The others are read and passed over, so that one that
     * is not wanted any more leaves no gap in the list that is being read.
     */
    wanted: Type.Optional(Expression),
    /** The field of each record that holds JSON as text, as queues pack theirs; it is read into its place. */
    jsonIn: Type.Optional(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_]*$" })),
    /** JSONata over the answer: true when it is a success. Default: status 2xx. */
    success: Type.Optional(Expression),
    page: Type.Optional(Paging),
    /** How far back each round looks. Without it every round asks for everything. */
    delta: Type.Optional(
      Type.Object(
        {
          /** JSONata over a record: when it last changed, as ISO 8601 text or a number. */
          field: Expression,
          /** What a number in `field` counts. */
          unit: Type.Optional(Type.Enum(["ms", "s"])),
          /** JSONata over the answer: up to when it is complete, where the system says so; taken instead of the newest `field`. */
          watermark: Type.Optional(Expression),
          /** A round begins this much before the newest that is known: systems show a change late. */
          overlapMs: Type.Integer({ minimum: 0, maximum: 30 * MAX_INTERVAL_MS }),
          /** How far the first round looks back. */
          lookBackMs: Type.Integer({ minimum: 0, maximum: 3650 * MAX_INTERVAL_MS }),
          /** One round spans at most this; a long backlog is fetched in several. */
          windowMs: Type.Optional(Type.Integer({ minimum: 1_000, maximum: 3650 * MAX_INTERVAL_MS })),
        },
        { additionalProperties: false },
      ),
    ),
    /** JSONata over a record: which one it is. */
    dedupeKey: Expression,
    /** JSONata over a record: which state of it; another one is another message. Without it a record comes once for ever. */
    version: Type.Optional(Expression),
    /** JSONata over a record: the business identity, for ordering and search. */
    documentKey: Type.Optional(Expression),
    /** JSONata over a record: the source's own version of the document (an updated-at). */
    documentVersion: Type.Optional(Expression),
    /**
     * A queue's: the request that takes a page's records out of it, over `{ records }`, sent once they are committed here. Should
     * it fail, the queue gives them again, and they are known by their keys.
     */
    acknowledge: Type.Optional(RequestTemplate),
    /** A queue's: how another system is told to send to it, while a flow with this source is deployed. */
    subscription: Type.Optional(Subscription),
    /** Time between two rounds; a node may set its own. */
    intervalMs: Type.Integer({ minimum: 1_000, maximum: MAX_INTERVAL_MS }),
    errors: Type.Optional(Type.Array(ErrorRule)),
    retry: Type.Optional(Type.Partial(RetryPolicy)),
  },
  { additionalProperties: false },
);
export type PollOperation = Static<typeof PollOperation>;

/** A source that takes files out of a folder: local below the folder of the installation, or on an SFTP server. */
const folder = {
  ...described,
  /** Time between two looks; a node may set its own. */
  intervalMs: Type.Integer({ minimum: 1_000, maximum: MAX_INTERVAL_MS }),
  /** How its files are read; without it each node says so. */
  decode: Type.Optional(Decoding),
};
export const FileOperation = Type.Object({ ...folder, transport: Type.Literal("file") }, { additionalProperties: false });
export type FileOperation = Static<typeof FileOperation>;
export const SftpOperation = Type.Object({ ...folder, transport: Type.Literal("sftp") }, { additionalProperties: false });
export type SftpOperation = Static<typeof SftpOperation>;

/** A source that takes the events which other flows publish over the same connection; the node names the topic. */
export const EventOperation = Type.Object({ ...described, transport: Type.Literal("event") }, { additionalProperties: false });
export type EventOperation = Static<typeof EventOperation>;

/**
 * A source that other programs call and that answers them with what the flow responds. Without any dedupe key each
 * request is a document of its own.
 */
export const ServiceOperation = Type.Object(
  {
    ...described,
    transport: Type.Literal("service"),
    ...incoming,
    /** How long a caller waits for the answer before it gets a receipt; a node may set its own. */
    timeoutMs: Type.Integer({ minimum: 100, maximum: 120_000 }),
  },
  { additionalProperties: false },
);
export type ServiceOperation = Static<typeof ServiceOperation>;
