import { type Static, Type } from "typebox";
import { Format } from "./format.ts";
import { OutcomeClass } from "./outcome.ts";

/** A JSONata expression. */
export const Expression = Type.String({ minLength: 1, maxLength: 65_536 });
/** Text in which `{{ ... }}` holds JSONata. In auth and webhook parts only plain paths are allowed inside it. */
export const Template = Type.String({ maxLength: 8_192 });
export const HeaderMap = Type.Record(Type.String(), Template);

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

/** One of the further base URLs that a connector has, in its `baseUrls`. */
export const BaseName = Type.String({ pattern: "^[a-z][A-Za-z0-9]{0,31}$" });

export const RequestTemplate = Type.Object(
  {
    /** HTTP: below which of the connector's `baseUrls` it goes. Default: `baseUrl`. */
    base: Type.Optional(BaseName),
    method: Type.Enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path: Template,
    query: Type.Optional(Type.Record(Type.String(), Template)),
    headers: Type.Optional(HeaderMap),
    /** JSONata making the body from the item; `$config`, `$connection`, `$effectKey` and, where it is numbered, `$controlNumber` are bound. */
    body: Type.Optional(Expression),
    /** The same, in a `.jsonata` file beside the connector. */
    bodyFile: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9._-]+\\.jsonata$" })),
    /** Texts by name, each a template; empty ones are left out. They are the body, or `$fields` in the expression that makes it. */
    fields: Type.Optional(Type.Record(Type.String({ pattern: "^[A-Za-z][A-Za-z0-9_-]*$" }), Template)),
    /** A body of GraphQL: a fixed query, and JSONata making the variables from the item. */
    graphql: Type.Optional(
      Type.Object(
        { query: Type.String({ minLength: 1, maxLength: 65_536 }), variables: Type.Optional(Expression) },
        { additionalProperties: false },
      ),
    ),
    /** In which format the body is sent. Default: JSON. */
    encode: Type.Optional(Format),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 300_000 })),
  },
  { additionalProperties: false },
);
export type RequestTemplate = Static<typeof RequestTemplate>;

/** The longest text of a statement. */
const MAX_STATEMENT = 65_536;
/** A transaction of more statements is a program, and belongs into the database. */
const MOST_STATEMENTS = 20;

/** One SQL statement, as the database itself takes it; what it is about stands in `values` alone, never in its text. */
export const SqlStatement = Type.Object(
  {
    /** With the placeholders of the database: `$1` (PostgreSQL), `?` (MySQL), `@p1` (SQL Server). */
    statement: Type.String({ minLength: 1, maxLength: MAX_STATEMENT }),
    /** JSONata giving the list of values for the placeholders. */
    values: Type.Optional(Expression),
    /** `values` gives a list of such lists, and the statement runs once for each. */
    each: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** What a database is asked, or told: a sink's statements run in one transaction. */
export const SqlTemplate = Type.Object(
  {
    statements: Type.Array(SqlStatement, { minItems: 1, maxItems: MOST_STATEMENTS }),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 300_000 })),
  },
  { additionalProperties: false },
);
export type SqlTemplate = Static<typeof SqlTemplate>;
