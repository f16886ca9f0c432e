import { type Static, Type } from "typebox";
import { Rate } from "./admission.ts";
import { Decoding, Format } from "./format.ts";
import { Expression, HeaderMap, Template } from "./request.ts";
import { SimulatorHandshake, SimulatorHook } from "./simulatorHook.ts";

/** How a simulated system says no. */
const Refusal = Type.Object({ status: Type.Integer(), body: Expression }, { additionalProperties: false });

const Points = Type.Integer({ minimum: 0, maximum: 10_000 });

/**
 * What a GraphQL request costs, for systems that count points and not requests: what it asks for is taken from the bucket, and what
 * the answer did not hold is put back.
 */
export const QueryCost = Type.Object(
  {
    /** Of each mutation, with the records that it answers. */
    mutation: Points,
    /** Of each object; a plain list counts as one. */
    object: Points,
    /** Of a list that is paged (it has `edges` or `nodes`, or is given `first` or `last`), beside its records. */
    list: Points,
    /** Of each record in it, beside what the record holds. */
    record: Points,
    /** A page counts its records one by one, or twice the natural logarithm of how many may come, at least of two. */
    scale: Type.Enum(["each", "logarithm"]),
    /** How many records a page has for which neither `first` nor `last` is said. */
    size: Type.Integer({ minimum: 1, maximum: 1_000 }),
    /** Regular expression for the names of fields that cost nothing, with all below them. */
    free: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    /** No request may cost more than this. */
    most: Type.Integer({ minimum: 1 }),
    /** The answer to one that would. */
    over: Refusal,
  },
  { additionalProperties: false },
);
export type QueryCost = Static<typeof QueryCost>;

/**
 * How often the simulated system lets itself be asked, as its documentation says. Expressions and templates see `limit`,
 * `{ perSecond, burst, remaining, waitSeconds, resetMs, cost, actual }`, beside what the route's own do; `actual` is null in a refusal.
 */
export const SimulatorLimit = Type.Object(
  {
    ...Rate.properties,
    /** Requests cost points of the bucket; without it each is one. */
    cost: Type.Optional(QueryCost),
    /** Put into every answer, the refusal too. */
    headers: Type.Optional(HeaderMap),
    /** JSONata, which sees the body as `answer`: an object whose fields are put into the body of every answer, the refusal too. */
    body: Type.Optional(Expression),
    /** The answer to one request too many. */
    refuse: Refusal,
  },
  { additionalProperties: false },
);
export type SimulatorLimit = Static<typeof SimulatorLimit>;

const LimitName = Type.String({ pattern: "^[a-z][A-Za-z0-9]*$" });

/** What a simulated system keeps. */
const SimulatorLedger = Type.Object(
  {
    name: Type.String(),
    key: Expression,
    /**
     * `upsert` replaces, `create` always adds another row (so a double post shows), `once` makes what is not there and
     * leaves what is, as a system does that dedupes on the key, `read` only looks, `list` gives every record as `records`.
     */
    write: Type.Enum(["upsert", "create", "once", "read", "list"]),
    record: Type.Optional(Expression),
    /** JSONata: the money of the record, for the oracle's sum. */
    amount: Type.Optional(Expression),
  },
  { additionalProperties: false },
);

/**
 * One answer of the simulator that stands for the system in the sandbox. Path parts in braces are captured.
 * Expressions see `{ base, path, query, headers, body, count, key, record }`: `base` is the address of the system itself, `count`
 * how many records the ledger has, `record` what it holds under the key, `about` what other ledgers hold of it. A text is sent as it is where `headers` say that it is one.
 */
export const SimulatorRoute = Type.Object(
  {
    method: Type.Enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path: Type.String(),
    /** Of this address alone, for each connection; or one of `limits` by its name, which several addresses share. */
    limit: Type.Optional(Type.Union([SimulatorLimit, LimitName])),
    /** JSONata: only requests for which it is true (one GraphQL address serves many operations). */
    when: Type.Optional(Expression),
    /** By the name of a further ledger, JSONata over its `records`: what the request is about, such as the order that is shipped. */
    about: Type.Optional(Type.Record(Type.String(), Expression)),
    /** JSONata: where it is true, the system refuses with this status and body. */
    refuse: Type.Optional(
      Type.Array(Type.Object({ when: Expression, status: Type.Integer(), body: Expression }, { additionalProperties: false })),
    ),
    handshake: Type.Optional(SimulatorHandshake),
    ledger: Type.Optional(SimulatorLedger),
    respond: Type.Object(
      { status: Type.Integer(), headers: Type.Optional(HeaderMap), body: Type.Optional(Expression) },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type SimulatorRoute = Static<typeof SimulatorRoute>;

/** A file that a simulated partner writes, below the folder of the connection. */
const SimulatorWritten = Type.Object({ path: Template, body: Expression, encode: Format }, { additionalProperties: false });

/**
 * What a simulated partner makes of a file: it takes it away, keeps what it says, and answers by files. Expressions see what a
 * source would of it (`{ name, path, rows | x12 | edifact | ... }`), and `count`, `key`, `record`, `sequence` of its ledger.
 */
export const SimulatorFile = Type.Object(
  {
    /** Which files, below the connection's folder: `*` in the name stands for any text, `?` for one character. */
    takes: Type.String({ minLength: 1 }),
    decode: Type.Optional(Decoding),
    /** JSONata: only files for which it is true. */
    when: Type.Optional(Expression),
    ledger: Type.Optional(SimulatorLedger),
    answers: Type.Array(SimulatorWritten),
  },
  { additionalProperties: false },
);
export type SimulatorFile = Static<typeof SimulatorFile>;

/** A document that a simulated partner sends when it is told to; expressions see `body`, what it is told. */
export const SimulatorSend = Type.Object(
  {
    ...SimulatorWritten.properties,
    ledger: Type.Optional(SimulatorLedger),
    /** What `body` is when nothing is said. */
    example: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: false },
);
export type SimulatorSend = Static<typeof SimulatorSend>;

/** The system as the sandbox plays it. */
export const ConnectorSimulator = Type.Object(
  {
    /** Of all addresses together, for each connection. */
    limit: Type.Optional(SimulatorLimit),
    /** Of those addresses together that name it. */
    limits: Type.Optional(Type.Record(LimitName, SimulatorLimit)),
    /** How many requests may be under way at once, and the answer to one more. */
    concurrency: Type.Optional(
      Type.Object({ most: Type.Integer({ minimum: 1 }), refuse: Refusal }, { additionalProperties: false }),
    ),
    /** Beginnings of paths that need no proof, such as those of stored documents whose addresses hold one. */
    open: Type.Optional(Type.Array(Type.String({ pattern: "^/" }))),
    /** How long a token lives that it gives; 900 when absent. */
    tokenSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    routes: Type.Array(SimulatorRoute),
    hooks: Type.Optional(Type.Array(SimulatorHook)),
    /** Of a partner with whom files are exchanged: the first that fits a file takes it. */
    files: Type.Optional(Type.Array(SimulatorFile)),
    /** Of such a partner: documents that it sends by itself, by name. */
    sends: Type.Optional(Type.Record(Type.String({ pattern: "^[a-z][A-Za-z0-9]*$" }), SimulatorSend)),
  },
  { additionalProperties: false },
);
export type ConnectorSimulator = Static<typeof ConnectorSimulator>;
