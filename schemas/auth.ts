import { type Static, type TProperties, Type } from "typebox";
import { BaseName, Expression, HeaderMap, Template } from "./request.ts";

const one = <const Properties extends TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/**
 * Where requests go: one address, or the address of each server a system has; the connection's setting `server` says
 * which, and is `production` where nobody says.
 */
export const Address = Type.Union([Template, one({ production: Template, sandbox: Template })]);
export type Address = Static<typeof Address>;

/**
 * What a proof puts into a request. Plain paths in `{{ }}`: `config`, `secrets`, `uuid` (another in each request), `now`,
 * `timestamp` (seconds), `timestampMs`, and what the kind of auth adds, such as `token` or `signature`.
 */
const Place = one({ headers: Type.Optional(HeaderMap), query: Type.Optional(HeaderMap) });
export type Place = Static<typeof Place>;

/** Answers by which a system says that a token is no longer good; any of them. */
const RenewOn = Type.Array(
  one({
    status: Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { minItems: 1 }),
    /** JSONata over `{ status, headers, body }`, asked where the status fits. */
    when: Type.Optional(Expression),
  }),
);
export type RenewOn = Static<typeof RenewOn>;

/** A day: no system's token is asked to live longer without a look. */
const Lifetime = Type.Integer({ minimum: 1, maximum: 86_400 });

/** A signed JSON Web Token that stands for a password (RFC 7523). `iat`, `exp` and `jti` are added. */
const Assertion = one({
  algorithm: Type.Enum(["RS256", "PS256", "ES256"]),
  /** The private key, PEM (PKCS #8). */
  key: Template,
  keyId: Type.Optional(Template),
  /** Plain paths, `tokenUrl` among them. */
  claims: Type.Record(Type.String(), Type.Union([Template, Type.Array(Template)])),
  lifetimeSeconds: Type.Optional(Type.Integer({ minimum: 10, maximum: 3_600 })),
});
export type Assertion = Static<typeof Assertion>;

export const OAuth2 = one({
  type: Type.Literal("oauth2"),
  grant: Type.Enum(["refreshToken", "clientCredentials", "jwtBearer"]),
  /** The token endpoint; what begins with `/` stands below the base URL. */
  tokenUrl: Address,
  /** How the client says who it is: HTTP Basic, fields of the body, a signed assertion, or not at all. */
  clientAuth: Type.Enum(["basic", "body", "assertion", "none"]),
  clientId: Type.Optional(Template),
  clientSecret: Type.Optional(Template),
  /** Grant `refreshToken`. One that the system rotates is kept with the connection, sealed. */
  refreshToken: Type.Optional(Template),
  /** Grant `jwtBearer`, or client auth `assertion`. */
  assertion: Type.Optional(Assertion),
  scope: Type.Optional(Template),
  /** Fields of the request besides those of the grant. */
  params: Type.Optional(Type.Record(Type.String(), Template)),
  headers: Type.Optional(HeaderMap),
  /** Default: `form`. */
  body: Type.Optional(Type.Enum(["form", "json"])),
  /** JSONata over `{ status, headers, cookies, body, config }`. Default: `body.access_token`. */
  token: Type.Optional(Expression),
  /** JSONata over the same: seconds that the token lives. Default: `body.expires_in`. */
  expiresIn: Type.Optional(Expression),
  /** Where the answer does not say. */
  lifetimeSeconds: Type.Optional(Lifetime),
  /** The token is renewed so many seconds before its end. */
  earlySeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_600 })),
  renewOn: Type.Optional(RenewOn),
  /** Default: `authorization: Bearer {{ token }}`. */
  place: Type.Optional(Place),
});
export type OAuth2 = Static<typeof OAuth2>;

const Session = one({
  type: Type.Literal("session"),
  /** The request that logs in. Strings hold plain paths; an object as `body` is sent as JSON, `form` as a form. */
  login: one({
    /** Below which of the connector's `baseUrls`. Default: `baseUrl`. */
    base: Type.Optional(BaseName),
    method: Type.Enum(["GET", "POST", "PUT"]),
    path: Template,
    headers: Type.Optional(HeaderMap),
    body: Type.Optional(Type.Unknown()),
    form: Type.Optional(Type.Record(Type.String(), Template)),
  }),
  /** JSONata over `{ status, headers, cookies, body, config }`: what proves the session; nothing means refused. */
  token: Expression,
  /** A session is begun anew after so long, though nobody said that it has ended. */
  lifetimeSeconds: Lifetime,
  renewOn: Type.Optional(RenewOn),
  place: Place,
});
export type Session = Static<typeof Session>;

const Hmac = one({
  type: Type.Literal("hmac"),
  algorithm: Type.Enum(["sha256", "sha512"]),
  encoding: Type.Enum(["hex", "base64"]),
  key: Template,
  /** How the key is written. Default: `text`. */
  keyEncoding: Type.Optional(Type.Enum(["text", "base64", "hex"])),
  /**
   * JSONata giving the text that is signed, over `{ method, url, path, query, headers, body, bodySha256, config, uuid, now,
   * timestamp, timestampMs }`; `body` is the text that is sent.
   */
  string: Expression,
  /** `signature` is what came out. */
  place: Place,
});
export type Hmac = Static<typeof Hmac>;

export const ConnectorAuth = Type.Union([
  one({ type: Type.Literal("none") }),
  /** Either `header` or `query` names where the key goes. */
  one({
    type: Type.Literal("apiKey"),
    header: Type.Optional(Type.String({ minLength: 1 })),
    query: Type.Optional(Type.String({ minLength: 1 })),
    value: Template,
  }),
  one({ type: Type.Literal("bearer"), token: Template }),
  /** The address itself is the secret, as that of a chat's webhook: what of it stands below the base URL. */
  one({ type: Type.Literal("path"), value: Template }),
  one({ type: Type.Literal("basic"), username: Template, password: Template }),
  one({
    type: Type.Literal("oauth1"),
    signature: Type.Literal("HMAC-SHA256"),
    realm: Type.Optional(Template),
    consumerKey: Template,
    consumerSecret: Template,
    token: Template,
    tokenSecret: Template,
  }),
  OAuth2,
  Session,
  Hmac,
  one({
    type: Type.Literal("awsSigV4"),
    accessKeyId: Template,
    secretAccessKey: Template,
    sessionToken: Type.Optional(Template),
    region: Template,
    service: Type.String({ minLength: 1 }),
  }),
]);
export type ConnectorAuth = Static<typeof ConnectorAuth>;

/**
 * A token beside that of `auth`, for operations that read data about persons (Amazon's restricted data tokens). It is asked
 * for by POST with the connection's own proof, once for each set of resources, and goes where that proof's token goes.
 */
export const RestrictedToken = one({
  /** Below which of the connector's `baseUrls`. Default: `baseUrl`. */
  base: Type.Optional(BaseName),
  path: Template,
  /** JSONata over `{ resources }`, what the operation declares: the body of the request for a token. */
  body: Expression,
  /** JSONata over `{ status, headers, cookies, body, config }`. */
  token: Expression,
  /** JSONata over the same: seconds that the token lives. */
  expiresIn: Expression,
});
export type RestrictedToken = Static<typeof RestrictedToken>;

/** What an operation may reach with a restricted token, as the system names it. */
export const RestrictedResources = Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1 });

/**
 * A token against forged requests, beside `auth`: a request whose method may write carries one that a read fetched, with
 * the cookies of that answer (SAP's OData services).
 */
export const Csrf = one({
  /** Below which of the connector's `baseUrls`. Default: `baseUrl`. */
  base: Type.Optional(BaseName),
  /** The read that fetches one. */
  path: Template,
  /** The header that asks for it with `Fetch`, and in which it comes and goes. */
  header: Type.String({ minLength: 1 }),
  lifetimeSeconds: Lifetime,
  /** Default: 403 with `Required` in the header. */
  renewOn: Type.Optional(RenewOn),
});
export type Csrf = Static<typeof Csrf>;

/**
 * A signature of every request, beside `auth` (RFC 9421, HTTP message signatures). A connection without the key signs
 * nothing: eBay asks it of sellers in the EU and the United Kingdom only.
 */
export const MessageSignature = one({
  /** The private key of Ed25519, RSA (PKCS #1 v1.5 with SHA-256), P-256 or P-384: PEM (PKCS #8), or its base64 alone. */
  key: Template,
  /** Named in the signature, where the system knows its keys by name. */
  keyId: Type.Optional(Template),
  /** Headers that go with it, such as one that tells whose key it is. */
  headers: Type.Optional(HeaderMap),
  /**
   * What is signed, in this order: headers by their names in lower case, and parts of the request. `content-digest` stands for
   * the body, and is left out where there is none.
   */
  components: Type.Array(
    Type.String({ pattern: "^(@(method|target-uri|authority|scheme|path|query)|[a-z0-9!#$%&'*+.^_`|~-]+)$" }),
    { minItems: 1, uniqueItems: true },
  ),
  /** Of the body. Default: `sha-256`. */
  digest: Type.Optional(Type.Enum(["sha-256", "sha-512"])),
  /** The signature's name in its headers. Default: `sig1`. */
  label: Type.Optional(Type.String({ pattern: "^[a-z*][a-z0-9_.*-]*$" })),
});
export type MessageSignature = Static<typeof MessageSignature>;
