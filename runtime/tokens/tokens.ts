import { setTimeout as sleep } from "node:timers/promises";
import type { Credential, CredentialRead, CredentialRequest, Obtainable } from "#nodes/connector/auth/credential.ts";
import type { Evaluate } from "#nodes/connector/auth/means.ts";
import { crossing } from "#runtime/crashPoints.ts";
import type { Failure } from "#runtime/engine/outcome.ts";
import { redactor } from "#runtime/engine/redact.ts";
import { type Wire, type WireAnswer, wireFailure } from "#runtime/engine/wire.ts";
import { EvaluatorsAway } from "#runtime/evaluate/pool.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import {
  type CredentialPlace,
  type CredentialRow,
  type KeptCredential,
  leaseCredential,
  readCredentialRow,
  settleCredential,
} from "#runtime/store/credentials.ts";
import type { Db } from "#runtime/store/database.ts";
import { newId } from "#runtime/store/ids.ts";
import type { SecretBox } from "#runtime/store/secrets.ts";

/** Time for one answer of a token endpoint. */
const EXCHANGE_TIMEOUT_MS = 15_000;

/** Longer than an exchange can take; who dies in the middle of one keeps the others waiting for so long. */
const LEASE_MS = 20_000;

/** How often a worker looks whether another one has got the token by now. */
const LOOK_MS = 50;

/** A task waits for another worker's exchange at most so long: for one that died, and then for its own. */
const PATIENCE_MS = LEASE_MS + EXCHANGE_TIMEOUT_MS;

export type Held = { ok: true; credential: Credential } | { ok: false; failure: Failure };

/** A credential that a request needs. */
export interface Need {
  connection: OpenConnection;
  obtainable: Obtainable;
  /** A hash over what it is obtained with. */
  fingerprint: string;
  /** The token that the system has refused, if any: another one is wanted. */
  refused?: string | undefined;
}

/** Credentials that systems give for a while: obtained once, whoever of the workers needs them. */
export interface Tokens {
  hold(need: Need): Promise<Held>;
}

interface TokenParts {
  db: Db;
  box: SecretBox;
  wire: Wire;
  evaluate: Evaluate;
}

export function openTokens(parts: TokenParts): Tokens {
  /** What this process knows to be good, so that a request costs no query. */
  const known = new Map<string, KeptCredential>();
  const underWay = new Map<string, Promise<Held>>();
  return {
    async hold(need) {
      const name = `${need.connection.id} ${need.obtainable.kind}`;
      const kept = known.get(name);
      if (kept && stands(kept, need)) return { ok: true, credential: kept };
      // Those who want another one than the same share one look.
      const wanted = `${name} ${need.fingerprint} ${need.refused ?? ""}`;
      const shared = underWay.get(wanted) ?? obtain(parts, need, (fresh) => known.set(name, fresh));
      underWay.set(wanted, shared);
      try {
        return await shared;
      } finally {
        underWay.delete(wanted);
      }
    },
  };
}

/** One that a newer revision of the connection got stands too: what this worker knows of the connection is old. */
const stands = (kept: KeptCredential, { connection, fingerprint, refused }: Need): boolean =>
  (kept.fingerprint === fingerprint || kept.revision > connection.revision) &&
  kept.token !== refused &&
  kept.goodUntil > Date.now();

/** Finds the credential that stands, or asks for one: alone, while every other worker waits for what comes of it. */
async function obtain(parts: TokenParts, need: Need, learn: (kept: KeptCredential) => void): Promise<Held> {
  const { db, box } = parts;
  const place: CredentialPlace = {
    environment: need.connection.environment,
    connectionId: need.connection.id,
    kind: need.obtainable.kind,
  };
  const leaseId = newId();
  const first = await readCredentialRow(db, box, place);
  const patience = Date.now() + PATIENCE_MS;
  for (let row = first; ; row = await readCredentialRow(db, box, place)) {
    if (row?.kept && stands(row.kept, need)) {
      learn(row.kept);
      return { ok: true, credential: row.kept };
    }
    // What was refused to another worker meanwhile would be refused to this one.
    if (row?.failure && row.exchanges > (first?.exchanges ?? 0)) return { ok: false, failure: row.failure };
    if (await leaseCredential(db, place, leaseId, LEASE_MS)) return exchangeAlone(parts, need, place, leaseId, learn);
    if (Date.now() > patience) return { ok: false, failure: tooLong(need) };
    await sleep(LOOK_MS * (0.5 + Math.random()));
  }
}

const tooLong = ({ connection }: Need): Failure => ({
  class: "transient",
  reason: {
    code: "token.awaited",
    message: `A token of ${connection.name} was waited for in vain for ${PATIENCE_MS / 1000} s; other workers ask for it.`,
  },
});

async function exchangeAlone(
  parts: TokenParts,
  need: Need,
  place: CredentialPlace,
  leaseId: string,
  learn: (kept: KeptCredential) => void,
): Promise<Held> {
  const { db, box } = parts;
  // Between the look and the lease another worker may have got one.
  const row = await readCredentialRow(db, box, place);
  if (row?.kept && stands(row.kept, need)) {
    await settleCredential(db, box, place, leaseId, null);
    learn(row.kept);
    return { ok: true, credential: row.kept };
  }
  const rotated = rotatedToken(row, need);
  const read = await exchange(parts, need, rotated);
  if (!read.ok) {
    await settleCredential(db, box, place, leaseId, { failure: read.failure });
    return read;
  }
  const { connection, obtainable, fingerprint } = need;
  const refreshToken = read.credential.refreshToken ?? rotated;
  const kept: KeptCredential = {
    ...read.credential,
    ...(refreshToken === undefined ? {} : { refreshToken }),
    fingerprint,
    refreshOf: obtainable.refreshOf,
    revision: connection.revision,
  };
  await settleCredential(db, box, place, leaseId, { kept });
  learn(kept);
  return { ok: true, credential: kept };
}

/** A refresh token that the system gave stands until a person enters another one. */
const rotatedToken = (row: CredentialRow | undefined, { obtainable, connection }: Need): string | undefined =>
  row?.kept && (row.kept.refreshOf === obtainable.refreshOf || row.kept.revision > connection.revision)
    ? row.kept.refreshToken
    : undefined;

async function exchange({ wire, evaluate }: TokenParts, need: Need, refreshToken: string | undefined): Promise<Held> {
  const { connection, obtainable } = need;
  const secrets = Object.values(connection.secrets);
  let request: CredentialRequest;
  try {
    request = await obtainable.request({ refreshToken });
  } catch (error) {
    const message = `A token of ${connection.name} cannot be asked for: ${redactor(secrets)(sentence(error))}`;
    return { ok: false, failure: { class: "auth", reason: { code: "token.notAsked", message } } };
  }
  const { hidden, ...outgoing } = request;
  const redact = redactor([...secrets, ...hidden]);
  const askedAt = Date.now();
  let answer: WireAnswer;
  try {
    const headers = { "user-agent": "Orderloom", ...outgoing.headers };
    answer = await crossing("request.token", () =>
      wire.send({ ...outgoing, headers, timeoutMs: EXCHANGE_TIMEOUT_MS, reach: connection.reach }),
    );
  } catch (error) {
    return { ok: false, failure: notExchanged(error, connection) };
  }
  try {
    return withoutSecrets(await obtainable.read(answer, askedAt, evaluate), redact);
  } catch (error) {
    return { ok: false, failure: notRead(error, connection) };
  }
}

function withoutSecrets(read: CredentialRead, redact: (text: string) => string): Held {
  if (read.ok) return read;
  const { reason, retryAfterMs } = read;
  return {
    ok: false,
    failure: {
      class: read.class,
      reason: { ...reason, message: redact(reason.message) },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  };
}

/** Nothing of the answer is in the sentence: it holds a token. */
function notExchanged(error: unknown, { name }: OpenConnection): Failure {
  const { what, class: kind, code, hint } = wireFailure(error);
  if (what === "outOfReach") {
    const message = `The token endpoint of ${name} is where it may not be: ${sentence(error)}`;
    return { class: kind, reason: { code: "token.outOfReach", message, ...(hint === undefined ? {} : { hint }) } };
  }
  const timely = kind === "timeout" ? "did not answer in time" : `could not be reached (${code})`;
  return { class: kind, reason: { code: "token.notReached", message: `The token endpoint of ${name} ${timely}.` } };
}

/** An expression's own message may repeat what it was given. */
function notRead(error: unknown, { name }: OpenConnection): Failure {
  const message = `The answer of the token endpoint of ${name} could not be read.`;
  if (error instanceof EvaluatorsAway) return { class: "transient", reason: { code: "token.notRead", message } };
  const hint = 'Try the expressions "token" and "expiresIn" of the connector on an answer of the system.';
  return { class: "bug", reason: { code: "token.notRead", message, hint } };
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
