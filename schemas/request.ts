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

export const RequestTemplate = Type.Object(
  {
    method: Type.Enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
    path: Template,
    query: Type.Optional(Type.Record(Type.String(), Template)),
    headers: Type.Optional(HeaderMap),
    /** JSONata making the body from the item; `$config`, `$connection` and `$effectKey` are bound. */
    body: Type.Optional(Expression),
    /** The same, in a `.jsonata` file beside the connector. */
    bodyFile: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9._-]+\\.jsonata$" })),
    /** In which format the body is sent. Default: JSON. */
    encode: Type.Optional(Format),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 100, maximum: 300_000 })),
  },
  { additionalProperties: false },
);
export type RequestTemplate = Static<typeof RequestTemplate>;
