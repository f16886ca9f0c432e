import { type Static, Type } from "typebox";
import { Rate, RateHint } from "./admission.ts";
import { Address, ConnectorAuth, Csrf, MessageSignature, OAuth2, RestrictedResources, RestrictedToken } from "./auth.ts";
import { Decoding, Format } from "./format.ts";
import { ConnectorLifecycle, Migration, OperationLifecycle } from "./lifecycle.ts";
import { IdempotencyMode } from "./manifest.ts";
import { RetryPolicy } from "./outcome.ts";
import { Paging } from "./paging.ts";
import { BaseName, ErrorRule, Expression, HeaderMap, RequestTemplate, SqlTemplate, Template } from "./request.ts";
import { ConnectorSimulator } from "./simulator.ts";
import {
  EventOperation,
  FileOperation,
  PollOperation,
  ServiceOperation,
  SftpOperation,
  WebhookOperation,
} from "./sourceOperation.ts";

export const Idempotency = Type.Object(
  {
    mode: IdempotencyMode,
    /** `key`: the header that carries the effect key. None for a database, which notes it, and a folder, which knows a file by its name. */
    header: Type.Optional(Type.String()),
    /** `key`: where in the body it stands instead, as a JSON pointer: `/requestId`, or `/variables/key` of a GraphQL question. */
    field: Type.Optional(Type.String({ pattern: "^(/[A-Za-z_][A-Za-z0-9_-]*)+$" })),
    /**
     * `key`: how long the target surely knows a key, counted from the first request under it; for ever when absent. What is unclear
     * after that is parked, for under a forgotten key the target would do it once more.
     */
    keptMs: Type.Optional(Type.Integer({ minimum: 60_000 })),
    /**
     * How long after sending the target may still apply a request whose answer never came. `lookup`: no lookup is trusted
     * before. `natural`: nothing else is written over it before; 10 seconds when absent.
     */
    quietPeriodMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400_000 })),
    /** `lookup`: the question asked before sending again. */
    lookup: Type.Optional(
      Type.Object(
        {
          request: Type.Union([RequestTemplate, SqlTemplate]),
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

/** The longest that a job of a system is waited for. */
const LONGEST_JOB_MS = 7 * 86_400_000;

/** A job of the system (a report, a feed, an export): when it is done, and how it is waited for. */
export const Until = Type.Object(
  {
    /** JSONata over `{ status, headers, body }`: true when the job has ended well. One that failed is for `errors`. */
    done: Expression,
    /** Time between two questions. */
    everyMs: Type.Integer({ minimum: 1_000, maximum: 86_400_000 }),
    /** After this it is given up: a dead letter of class `timeout`. */
    mostMs: Type.Integer({ minimum: 1_000, maximum: LONGEST_JOB_MS }),
  },
  { additionalProperties: false },
);

/**
 * The documents of one request, where the system answers for each: one that it refuses fails for itself, the others stand.
 * With `list` the operation takes many; those refused become tasks and dead letters of their own.
 */
export const ItemResults = Type.Object(
  {
    /** The property under which an item has its documents, unless it is the list itself. Without it an item is one document. */
    list: Type.Optional(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_]{0,63}$" })),
    /** JSONata over a document: by what it is known; `$place` counts them from 0. */
    key: Expression,
    /**
     * JSONata over a document: what it sets, such as the stock of a SKU. A refused document is not sent again once a later request has
     * set the same. Without it each is sent again, however late.
     */
    subject: Type.Optional(Expression),
    /** JSONata over `{ status, headers, body }` of the last answer: the results. */
    results: Expression,
    /** JSONata over a result: the key of its document. Without it the results come in the order of the documents. */
    of: Type.Optional(Expression),
    /** JSONata over a result: true when its document was taken. */
    good: Expression,
    /** What it means that no result is a document's. Default: `refused`; `taken` where a system names only what it refuses. */
    unnamed: Type.Optional(Type.Enum(["refused", "taken"])),
    /** Rules over `{ status, headers, body }`, in which `body` is the result. Default: class `rejected`. */
    errors: Type.Optional(Type.Array(ErrorRule)),
  },
  { additionalProperties: false },
);
export type ItemResults = Static<typeof ItemResults>;

/** What every operation has that asks or tells a system: a `sink` writes, a `lookup` reads. */
const effect = {
  kind: Type.Enum(["sink", "lookup"]),
  title: Type.String(),
  summary: Type.String(),
  keywords: Type.Optional(Type.Array(Type.String())),
  lifecycle: Type.Optional(OperationLifecycle),
  /** The canonical schema it takes, such as `canonical/order/1`. */
  input: Type.Optional(Type.String()),
  /** The canonical schema of what `result` gives, or of each entry of its list, such as `canonical/inventory-level/1`. */
  output: Type.Optional(Type.String()),
  /** JSON Schema of the node's config. */
  config: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** JSONata over the item: the business identity of what is written. */
  documentKey: Type.Optional(Expression),
  /** The event in the effect key: what happens to the document, such as `create`. */
  event: Type.Optional(Type.String()),
  idempotency: Idempotency,
  /** JSONata over `{ status, headers, body }`: true when the answer is a success. Default: status 2xx. */
  success: Type.Optional(Expression),
  /** JSONata over `{ status, headers, body }`: what the `result` port carries. Default: the body. */
  result: Type.Optional(Expression),
  /** `lookup` of a job that the system works on: asked again until it is done. */
  until: Type.Optional(Until),
  /** The answer says of each document what became of it. */
  items: Type.Optional(ItemResults),
  errors: Type.Optional(Type.Array(ErrorRule)),
  retry: Type.Optional(Type.Partial(RetryPolicy)),
  /** A bucket of its own, beside the connection's. */
  rate: Type.Optional(Rate),
  milestone: Type.Optional(Type.String()),
  samples: Type.Array(Type.String()),
};

/**
 * What an operation writes is numbered, as partners of X12 and EDIFACT expect it: the expressions of its request see the number
 * as `$controlNumber`, until it is sent as 0. Each effect has one of its own, given once: from a counter that all operations
 * towards the same account of the connector share.
 */
const ControlNumber = Type.Object(
  {
    /** The greatest number that the format holds; after it comes the first again. */
    most: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    /** A plain path of `config`: no number below it is given, where the partner has had those before. Default: 1. */
    first: Type.Optional(Template),
  },
  { additionalProperties: false },
);
export type ControlNumber = Static<typeof ControlNumber>;

/** How the answer to a step is understood; as the operation's own are. */
const reading = {
  decode: Type.Optional(Decoding),
  success: Type.Optional(Expression),
  /** What the steps after it see of it, and the `result` port of the last. Default: the body. */
  result: Type.Optional(Expression),
  until: Type.Optional(Until),
  errors: Type.Optional(Type.Array(ErrorRule)),
};

/**
 * A further request of the same operation, sent once what came before it was answered well: the state is kept in between, so
 * that a job of hours survives every process. Expressions see the item, and as `$before` the results of what came before. It
 * may be sent twice: only an operation's first request is under the effect ledger.
 */
export const Step = Type.Union([
  Type.Object({ request: RequestTemplate, ...reading }, { additionalProperties: false }),
  /** At an address that the system gave, such as that of a stored document: without the connection's credentials. */
  Type.Object(
    {
      /** JSONata: the whole address. */
      address: Expression,
      /** Hosts it may be at, `*.` before a name for any below it; the connection's own host always may be. */
      hosts: Type.Array(Type.String({ pattern: "^(\\*\\.)?[a-z0-9-]+(\\.[a-z0-9-]+)+$" }), { minItems: 1 }),
      method: Type.Enum(["GET", "PUT", "POST"]),
      headers: Type.Optional(HeaderMap),
      body: Type.Optional(Expression),
      bodyFile: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9._-]+\\.jsonata$" })),
      encode: Type.Optional(Format),
      timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 300_000 })),
      ...reading,
    },
    { additionalProperties: false },
  ),
]);
export type Step = Static<typeof Step>;

/** More steps than this are a flow, not an operation. */
const MOST_STEPS = 8;

/**
 * By one request. Over HTTP; to a mailbox, where the body is the message; into a folder of the installation or of an SFTP
 * server, where the path names the file and the body is what it holds; to the flows that subscribe, where the path is the topic.
 */
export const RequestOperation = Type.Object(
  {
    ...effect,
    transport: Type.Enum(["http", "mail", "fileDrop", "sftpDrop", "event"]),
    request: RequestTemplate,
    /** How a good answer is read. Default: JSON. */
    decode: Type.Optional(Decoding),
    /** HTTP, `lookup`: the answer comes in pages, and `result` gives the list of one; what goes on are all of them together. */
    page: Type.Optional(Paging),
    controlNumber: Type.Optional(ControlNumber),
    /** It reads data about persons, with a token for these resources. */
    restricted: Type.Optional(RestrictedResources),
    /** HTTP: what is asked after that, until the operation is done: a job that is waited for, a document that is fetched. */
    steps: Type.Optional(Type.Array(Step, { minItems: 1, maxItems: MOST_STEPS })),
  },
  { additionalProperties: false },
);
export type RequestOperation = Static<typeof RequestOperation>;

/** By SQL statements. */
export const SqlOperation = Type.Object(
  { ...effect, transport: Type.Literal("sql"), request: SqlTemplate },
  { additionalProperties: false },
);
export type SqlOperation = Static<typeof SqlOperation>;

/** An operation that asks or tells a system. Every transport is asked and answers as HTTP does: status, headers, body. */
export const EffectOperation = Type.Union([RequestOperation, SqlOperation]);
export type EffectOperation = Static<typeof EffectOperation>;

export const ConnectorOperation = Type.Union([
  WebhookOperation,
  PollOperation,
  FileOperation,
  SftpOperation,
  ServiceOperation,
  EventOperation,
  RequestOperation,
  SqlOperation,
]);
export type ConnectorOperation = Static<typeof ConnectorOperation>;

/**
 * A read that only a right connection is answered; plain paths over `config` in `{{ }}`. It is a GET, or a POST of `body`, JSON
 * whose texts are templates too, for systems that are read so.
 */
const ConnectionTest = Type.Union([
  /** A statement that changes nothing. */
  Type.Object({ statement: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
  Type.Object(
    {
      base: Type.Optional(BaseName),
      path: Template,
      query: Type.Optional(Type.Record(Type.String(), Template)),
      body: Type.Optional(Type.Unknown()),
    },
    { additionalProperties: false },
  ),
]);

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
    lifecycle: ConnectorLifecycle,
    /**
     * What changed in the config of operations, by the major version of this connector with which it did, then by operation:
     * how a node made with an older version comes to this one's settings.
     */
    migrations: Type.Optional(
      Type.Record(
        Type.String({ pattern: "^([2-9]|[1-9]\\d+)$" }),
        Type.Record(Type.String({ pattern: "^[a-z][A-Za-z0-9]*$" }), Migration),
      ),
    ),
    /** JSON Schema of a connection's config and secrets; secret properties carry `x-secret: true`. */
    connection: Type.Record(Type.String(), Type.Unknown()),
    /** Where requests go. The setting `baseUrl` of a connection stands in the place of several servers, for a proxy or a test. */
    baseUrl: Type.Optional(Address),
    /** Further hosts of the same system, by the name that a request gives as its `base`; the setting stands for them too. */
    baseUrls: Type.Optional(Type.Record(BaseName, Address)),
    /** Plain-path template: the stable account on the other side, part of every effect key. */
    systemAccount: Template,
    auth: ConnectorAuth,
    /** Below some of its base URLs the system wants tokens of another kind: what is sent there, by the name of the base URL. */
    auths: Type.Optional(Type.Record(BaseName, OAuth2)),
    csrf: Type.Optional(Csrf),
    messageSignature: Type.Optional(MessageSignature),
    restricted: Type.Optional(RestrictedToken),
    limits: Type.Object(
      {
        concurrency: Type.Integer({ minimum: 1, maximum: 1000 }),
        rate: Type.Optional(Rate),
        /** What its answers say of what is left. */
        hint: Type.Optional(RateHint),
      },
      { additionalProperties: false },
    ),
    /** Days after which what came from this system must be gone, as its terms demand; keys and milestones stay. */
    payloadDays: Type.Optional(Type.Integer({ minimum: 1 })),
    headers: Type.Optional(HeaderMap),
    /** What a person tries a connection with. */
    test: Type.Optional(ConnectionTest),
    errors: Type.Array(ErrorRule),
    operations: Type.Record(Type.String({ pattern: "^[a-z][A-Za-z0-9]*$" }), ConnectorOperation),
    simulator: Type.Optional(ConnectorSimulator),
  },
  { additionalProperties: false },
);
export type Connector = Static<typeof Connector>;
