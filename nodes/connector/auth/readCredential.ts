import { asAnswer } from "../answer.ts";
import type { ConnectionContext } from "../connection.ts";
import { classOfStatus, isGood, usualMessage } from "../errorRules.ts";
import { retryAfterMs } from "../retryAfter.ts";
import type { CredentialAnswer, CredentialRead } from "./credential.ts";
import type { Evaluate } from "./means.ts";

/** Where neither answer nor connector says: shorter than any system's token lives. */
const DEFAULT_LIFETIME_S = 300;

/** A token that lives for a short time is not given away for the most of it. */
const MOST_EARLY = 0.5;

/** `name=value` of each `Set-Cookie` header. */
export const cookiesOf = (setCookies: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    setCookies.flatMap((text): [string, string][] => {
      const [, name, value] = /^\s*([^=;\s]+)=([^;]*)/.exec(text) ?? [];
      return name === undefined ? [] : [[name, (value ?? "").trim()]];
    }),
  );

const cookieHeader = (cookies: Readonly<Record<string, string>>): string =>
  Object.entries(cookies)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");

/** When a credential asked for at `askedAt` is no longer used. */
const goodUntil = (askedAt: number, lifetimeS: number, earlyS: number): number =>
  askedAt + 1000 * (lifetimeS - Math.min(earlyS, lifetimeS * MOST_EARLY));

/** An answer as the expressions of a credential see it. */
const seenBy = (answer: CredentialAnswer, context: ConnectionContext) => ({
  ...asAnswer({ status: answer.status, headers: answer.headers, body: answer.body }),
  cookies: cookiesOf(answer.setCookies),
  config: context.config,
});

interface Wanted {
  /** The connector's title. */
  system: string;
  token: string;
  expiresIn?: string | undefined;
  lifetimeS?: number | undefined;
  earlyS: number;
  /** JSONata for a rotated refresh token. */
  refreshToken?: string | undefined;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");

/** What an answer to a request for a credential gives: the credential, or a failure with its class. */
export async function readCredential(
  wanted: Wanted,
  answer: CredentialAnswer,
  context: ConnectionContext,
  askedAt: number,
  evaluate: Evaluate,
): Promise<CredentialRead> {
  const seen = seenBy(answer, context);
  if (!isGood(answer.status)) return refusal(wanted.system, answer, seen.body);
  const token = textOf(await evaluate(wanted.token, seen));
  if (token === "") return refusal(wanted.system, answer, seen.body);
  const said = wanted.expiresIn === undefined ? undefined : Number(await evaluate(wanted.expiresIn, seen));
  const lifetime = said !== undefined && said > 0 ? said : (wanted.lifetimeS ?? DEFAULT_LIFETIME_S);
  const refreshToken = wanted.refreshToken === undefined ? "" : textOf(await evaluate(wanted.refreshToken, seen));
  return {
    ok: true,
    credential: {
      token,
      cookies: cookieHeader(seen.cookies),
      goodUntil: goodUntil(askedAt, lifetime, wanted.earlyS),
      ...(refreshToken === "" ? {} : { refreshToken }),
    },
  };
}

/** OAuth's codes for trouble that passes (RFC 6749, 4.1.2.1), which some endpoints give with status 400. */
const passing = new Set(["temporarily_unavailable", "server_error"]);

const codeOf = (body: unknown): string | undefined => {
  const code = typeof body === "object" && body !== null ? (body as { error?: unknown }).error : undefined;
  return typeof code === "string" && /^[\w.-]{1,60}$/.test(code) ? code : undefined;
};

/** The body of a good answer is never repeated: it may hold what it should not. */
function refusal(system: string, answer: CredentialAnswer, body: unknown): CredentialRead {
  const { status } = answer;
  const good = isGood(status);
  const code = codeOf(body);
  const byStatus = good || (code !== undefined && passing.has(code)) ? undefined : classOfStatus(status);
  const passes = byStatus === "transient" || byStatus === "timeout" || byStatus === "rateLimited";
  const kind = code !== undefined && passing.has(code) ? "transient" : passes ? byStatus : "auth";
  const said = good ? undefined : usualMessage(body);
  const why = [code, said === code ? undefined : said].filter((each) => each !== undefined).join(": ");
  const what = good
    ? `${system} answered the request for a token with status ${status}, but without one`
    : `${system} gave no token (status ${status})`;
  const wait = retryAfterMs(answer.headers);
  return {
    ok: false,
    class: kind,
    reason: {
      code: kind === "auth" ? "token.refused" : "token.notNow",
      message: `${what}${why === "" ? "." : `: ${why}.`.replace(/\.\.$/, ".")}`,
      ...(kind === "auth" ? { hint: "Check the credentials of the connection, enter them again, then resume it." } : {}),
    },
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}
