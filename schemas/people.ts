import { type Static, Type } from "typebox";
import { type Role as RoleName, roles } from "./permits.ts";
import { tokenStates } from "./tokenState.ts";

export { type Permission, permits, permitsSomewhere, roles, rolesAllowing } from "./permits.ts";

/** Who may do what: roles are granted in one environment or everywhere, and each allows certain things. */

export const Role = Type.Enum(roles, {
  description:
    "viewer: sees. analyst: also designs flows, and requests their promotion. operator: sees, and also runs them. admin: all of it, and people and settings.",
});

export type Role = RoleName;

export const Grant = Type.Object(
  { environment: Type.Union([Type.String({ minLength: 1 }), Type.Null()], { description: "Null for everywhere." }), role: Role },
  { additionalProperties: false },
);
export type Grant = Static<typeof Grant>;

/** Names of people stand in addresses of mail too; a colon is of tokens. */
export const PersonName = Type.String({
  minLength: 2,
  maxLength: 120,
  pattern: "^[a-z0-9][a-z0-9._@+-]*$",
  description: "What one signs in with: small letters, digits and . _ @ + -",
});

/** The longest bounds the work of one sign-in; the shortest follows NIST SP 800-63B, which asks for no classes of characters. */
export const PASSWORD_LEAST = 12;
export const PASSWORD_MOST = 256;
export const Password = Type.String({ minLength: PASSWORD_LEAST, maxLength: PASSWORD_MOST });

const When = Type.String({ format: "date-time" });
const WhenOrNull = Type.Union([When, Type.Null()]);
const Title = Type.String({ minLength: 1, maxLength: 120, description: "How people call the person." });

export const Person = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    title: Type.String(),
    state: Type.Enum(["active", "disabled"]),
    hasPassword: Type.Boolean(),
    /** The OpenID provider that vouches for the person. */
    issuer: Type.Union([Type.String(), Type.Null()]),
    /** The account that stands for the person whose further one this is: what the one did the other cannot approve. */
    sameAs: Type.Union([Type.String(), Type.Null()]),
    grants: Type.Array(Grant),
    signedInAt: WhenOrNull,
    createdAt: When,
    createdBy: Type.String(),
  },
  { additionalProperties: false },
);
export type Person = Static<typeof Person>;
export const People = Type.Object({ items: Type.Array(Person) });

const grants = Type.Array(Grant, { maxItems: 100 });

export const NewPerson = Type.Object(
  { name: PersonName, title: Title, password: Type.Optional(Password), grants },
  { additionalProperties: false },
);
export type NewPerson = Static<typeof NewPerson>;

export const PersonChange = Type.Object(
  {
    title: Type.Optional(Title),
    state: Type.Optional(Person.properties.state),
    grants: Type.Optional(grants),
    password: Type.Optional(Password),
    sameAs: Type.Optional(
      Type.Union([Type.String(), Type.Null()], { description: "The name of another account of the same person; null for none." }),
    ),
  },
  { additionalProperties: false },
);
export type PersonChange = Static<typeof PersonChange>;

export const FirstAdmin = Type.Object({ name: PersonName, title: Title, password: Password }, { additionalProperties: false });

/** Who asks, and whether one has to sign in at all. */
export const Session = Type.Object({
  /** False until the first admin was made: then everything is open to whoever is at this machine. */
  signIn: Type.Boolean(),
  /** What the first admin has to bring: nothing at this machine, elsewhere the token of ORDERLOOM_ADMIN_TOKEN. */
  setUp: Type.Enum(["open", "token", "done"]),
  /** The name of the OpenID provider that may be used to sign in. */
  provider: Type.Union([Type.String(), Type.Null()]),
  person: Type.Union([Type.Object({ name: Type.String(), title: Type.String(), hasPassword: Type.Boolean() }), Type.Null()]),
  grants: Type.Array(Grant),
});
export type Session = Static<typeof Session>;

/** Why a sign-in at the provider led to none here; in the address of the page where one signs in. */
export const oidcProblems = ["unreachable", "refused", "expired", "disabled", "notSetUp"] as const;
export type OidcProblem = (typeof oidcProblems)[number];

const TOKEN_DAYS_MOST = 366;

export const NewApiToken = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60, pattern: "^[a-z0-9][a-z0-9._-]*$" }),
    role: Role,
    environments: Type.Union([Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 50 }), Type.Null()], {
      description: "Null for everywhere.",
    }),
    days: Type.Integer({ minimum: 1, maximum: TOKEN_DAYS_MOST, description: "Days until it expires." }),
  },
  { additionalProperties: false },
);
export type NewApiToken = Static<typeof NewApiToken>;

export const ApiToken = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    tail: Type.String({ description: "Its last characters." }),
    role: Role,
    environments: Type.Union([Type.Array(Type.String()), Type.Null()]),
    state: Type.Enum([...tokenStates], {
      description:
        "`suspended`: who made it may not sign in any more, or not do any more what it grants; it is in force again with that.",
    }),
    expiresAt: When,
    usedAt: WhenOrNull,
    createdAt: When,
    createdBy: Type.String(),
    revokedAt: WhenOrNull,
    revokedBy: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
export type ApiToken = Static<typeof ApiToken>;
export const ApiTokens = Type.Object({ items: Type.Array(ApiToken) });

/** The only answer that holds the token itself. */
export const ApiTokenMade = Type.Object({ token: Type.String(), made: ApiToken });
export type ApiTokenMade = Static<typeof ApiTokenMade>;
