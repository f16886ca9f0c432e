// Not for the browser: uses node:crypto.
import { createHash, timingSafeEqual } from "node:crypto";
import { isObject } from "#schemas/isObject.ts";
import type { WebhookVerification } from "#schemas/sourceOperation.ts";
import { plainPathTemplate } from "../expression/template.ts";
import { type ConnectionContext, fillIn } from "./connection.ts";

type Token = Extract<WebhookVerification, { type: "token" }>;

/** What a request brought besides its headers. */
export interface Carrier {
  query: Readonly<Record<string, unknown>>;
  /** The parsed body. */
  body: unknown;
}

/** What stands in the place of a token wherever a message is kept or shown. */
export const MASKED = "[redacted]";

/** Where the token stands, in words. */
export const tokenPlace = ({ query, body }: Token): string =>
  query === undefined ? `the body at ${body ?? ""}` : `the query parameter ${query}`;

/** True where the connection has no token to ask for, and need not have one. */
const isOpen = ({ optional, secret }: Token, context: ConnectionContext): boolean =>
  optional === true && plainPathTemplate(secret)(context) === "";

/**
 * Whether a request carries the token that the connection holds, compared in constant time; a body that holds it several times
 * must have it right each time. Throws a sentence when the connection lacks the token.
 */
export function verifyToken(
  verification: Token,
  context: ConnectionContext,
  carrier: Carrier,
): { ok: true } | { ok: false; why: "keyMissing" | "keyWrong"; header: string } {
  if (isOpen(verification, context)) return { ok: true };
  const wanted = digest(fillIn(verification.secret, context));
  const given = tokensIn(verification, carrier);
  const refused = (why: "keyMissing" | "keyWrong") => ({ ok: false as const, why, header: tokenPlace(verification) });
  if (given.length === 0 || given.some((each) => each === undefined)) return refused("keyMissing");
  // Digests have one length, so that not even that of the token shows; all are compared, whichever is wrong.
  const right = given.map((each) => timingSafeEqual(digest(each ?? ""), wanted));
  return right.every(Boolean) ? { ok: true } : refused("keyWrong");
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

function tokensIn({ query, body: pointer = "" }: Token, carrier: Carrier): (string | undefined)[] {
  if (query === undefined) return holdersOf(carrier.body, pointer).map(({ holder, name }) => textOf(holder[name]));
  const token = textOf(carrier.query[query]);
  return token === undefined ? [] : [token];
}

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** The body with its token masked; what is kept of a message proves nothing to whoever sees it. */
export function withoutToken(verification: WebhookVerification, body: unknown): unknown {
  if (verification.type !== "token" || verification.body === undefined) return body;
  const kept = structuredClone(body);
  for (const { holder, name } of holdersOf(kept, verification.body)) if (Object.hasOwn(holder, name)) holder[name] = MASKED;
  return kept;
}

/** How a sender would send a body, so that samples can be sent as the real system sends. */
export function withToken(verification: WebhookVerification, context: ConnectionContext, body: unknown): Carrier {
  if (verification.type !== "token" || isOpen(verification, context)) return { query: {}, body };
  const token = fillIn(verification.secret, context);
  if (verification.query !== undefined) return { query: { [verification.query]: token }, body };
  const sent = structuredClone(body);
  for (const { holder, name } of holdersOf(sent, verification.body ?? "")) holder[name] = token;
  return { query: {}, body: sent };
}

interface Holder {
  holder: Record<string, unknown>;
  name: string;
}

/** What has, or should have, the last step of a pointer in which `*` stands for each of a list. */
function holdersOf(body: unknown, pointer: string): Holder[] {
  const steps = pointer.split("/").slice(1);
  const name = steps.pop() ?? "";
  const inside = (values: unknown[], step: string): unknown[] =>
    values.flatMap((value) => {
      if (step === "*") return Array.isArray(value) ? (value as unknown[]) : [];
      return isObject(value) && Object.hasOwn(value, step) ? [value[step]] : [];
    });
  return steps.reduce(inside, [body]).flatMap((holder) => (isObject(holder) ? [{ holder, name }] : []));
}
