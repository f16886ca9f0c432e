import { randomUUID } from "node:crypto";
import { asAnswer } from "#nodes/connector/answer.ts";
import { authBelow } from "#nodes/connector/auth/authBelow.ts";
import { type Credential, credentialFingerprint, type Obtainable } from "#nodes/connector/auth/credential.ts";
import { csrfCredential, needsCsrf } from "#nodes/connector/auth/csrf.ts";
import type { Evaluate, RequestToAuthorize } from "#nodes/connector/auth/means.ts";
import { messageSignature } from "#nodes/connector/auth/messageSignature.ts";
import { authCredential, saysRenew } from "#nodes/connector/auth/obtainables.ts";
import type { Proof } from "#nodes/connector/auth/place.ts";
import { restrictedCredential } from "#nodes/connector/auth/restricted.ts";
import { authorize } from "#nodes/connector/authorize.ts";
import { baseUrl, type ConnectionContext } from "#nodes/connector/connection.ts";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Held, Tokens } from "#runtime/tokens/tokens.ts";
import type { Connector } from "#schemas/connector.ts";
import { type Moment, moment, msSince } from "./moment.ts";
import type { Failure } from "./outcome.ts";
import { isOwnTrouble } from "./ownTrouble.ts";
import { redactHeaders, redactor } from "./redact.ts";
import { type Wire, type WireFailure, wireFailure } from "./wire.ts";

/** What became of a request: an answer, or a failure to get one. */
export type Performed =
  | { ok: true; response: RawResponse }
  /** `applied` is `no` when the request cannot have reached the target. */
  | { ok: false; failure: Failure; applied: "no" | "maybe" };

/** Sends requests with what proves who sends them, which nobody else gets to see. */
export interface HttpPerformer {
  /** `late` is waited for where a token had to be obtained first, just before the request leaves; what it throws is thrown. */
  perform(connector: Connector, connection: OpenConnection, request: RenderedRequest, late?: Late): Promise<Performed>;
}

/** Told that a request leaves later than whoever asked for it meant. */
export type Late = () => Promise<void>;

/** From then on a request is late. */
const LATE_MS = 1_000;

interface PerformerParts {
  wire: Wire;
  tokens: Tokens;
  evaluate: Evaluate;
}

interface Sending {
  parts: PerformerParts;
  connector: Connector;
  connection: OpenConnection;
  request: RenderedRequest;
  context: ConnectionContext;
  /** Tokens that the target has refused, by their kind. */
  refused: Map<Obtainable["kind"], string>;
  begun: Moment;
  late: Late | undefined;
}

/** A credential that a request was sent with. */
interface Carried {
  obtainable: Obtainable;
  credential: Credential;
}

export function httpPerformer(parts: PerformerParts): HttpPerformer {
  return {
    async perform(declared, connection, request, late) {
      const connector = authBelow(declared, request.base);
      const context = { config: connection.config, secrets: connection.secrets };
      const refused: Sending["refused"] = new Map();
      const sending: Sending = { parts, connector, connection, request, context, refused, begun: moment(), late };
      for (;;) {
        const { performed, carried } = await sendOnce(sending);
        const stale = performed.ok ? await staleOf(sending, carried, performed.response) : undefined;
        if (!stale) return performed;
        sending.refused.set(stale.obtainable.kind, stale.credential.token);
      }
    },
  };
}

/** The credential that an answer calls outdated. Each is renewed once: a second refusal is an answer like any other. */
async function staleOf(
  { parts, refused }: Sending,
  carried: readonly Carried[],
  response: RawResponse,
): Promise<Carried | undefined> {
  // What was obtained with another one may have ended by itself: it is renewed first.
  for (const each of carried.toReversed()) {
    const { kind, renewOn } = each.obtainable;
    // An expression that fails says nothing; the answer is read by the error rules.
    const stale = !refused.has(kind) && (await saysRenew(renewOn, asAnswer(response), parts.evaluate).catch(() => false));
    if (stale) return each;
  }
  return undefined;
}

/** Why a request was not sent. */
class NotSent extends Error {
  readonly performed: Performed;
  constructor(failure: Failure) {
    super(failure.reason.message);
    this.performed = { ok: false, failure, applied: "no" };
  }
}

async function sendOnce(sending: Sending): Promise<{ performed: Performed; carried: Carried[] }> {
  const carried: Carried[] = [];
  const { connection, parts, request } = sending;
  let prepared: Prepared;
  try {
    prepared = await prepare(sending, carried);
  } catch (error) {
    // That this server cannot look at its own tokens says nothing of the connection.
    if (isOwnTrouble(error)) throw error;
    return { performed: error instanceof NotSent ? error.performed : notPrepared(error, connection), carried };
  }
  const { redact, ...outgoing } = prepared;
  if (sending.late && msSince(sending.begun) > LATE_MS) await sending.late();
  try {
    const answer = await parts.wire.send({
      ...outgoing,
      timeoutMs: request.timeoutMs,
      decode: request.decode,
      reach: connection.reach,
    });
    const response = { status: answer.status, headers: redactHeaders(answer.headers, redact), body: redact(answer.body) };
    return { performed: { ok: true, response }, carried };
  } catch (error) {
    return { performed: notAnswered(wireFailure(error), redact(sentence(error)), connection), carried };
  }
}

interface Prepared {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
  redact: (text: string) => string;
}

const bodyOf = ({ body, contentType }: RenderedRequest): string | null =>
  body === undefined ? null : contentType !== undefined && typeof body === "string" ? body : JSON.stringify(body);

/** A request to an address that the system gave: without proof, and only where the connector lets it go. */
function prepareElsewhere(
  { connector, context, request }: Sending,
  { address, hosts }: NonNullable<RenderedRequest["elsewhere"]>,
): Prepared {
  const url = new URL(address);
  const home = new URL(baseUrl(connector, context.config));
  const known = hosts.some((host) => (host.startsWith("*.") ? url.hostname.endsWith(host.slice(1)) : url.hostname === host));
  if (url.origin !== home.origin && !(known && url.protocol === "https:")) {
    const message = `${connector.title} gave an address at ${url.host}, where the connector does not let requests go.`;
    const hint = "Look at the step's hosts in the connector.";
    throw new NotSent({ class: "rejected", reason: { code: "request.elsewhere", message, hint } });
  }
  const body = bodyOf(request);
  const type = body === null ? {} : { "content-type": request.contentType ?? "application/json" };
  const headers = { "user-agent": "Orderloom", ...type, ...request.headers };
  // The address is its own proof.
  return {
    method: request.method,
    url: address,
    headers,
    body,
    redact: redactor([...Object.values(context.secrets), url.search]),
  };
}

/**
 * The address of a request, below the base URL. What a node, and so whoever draws flows, gives as a path must not make it
 * another host: the proof goes there too.
 */
function addressBelow({ connector, context, request }: Sending, path: string): URL {
  const base = baseUrl(connector, context.config, request.base);
  const { origin } = new URL(base);
  const url = URL.canParse(base + path) ? new URL(base + path) : undefined;
  if (url?.origin === origin) return url;
  const message = `The path of the request leads ${url ? `to ${url.host}` : "nowhere"}, away from the connection's ${origin}.`;
  throw new NotSent({
    class: "rejected",
    reason: { code: "request.elsewhere", message, hint: "Begin the node's path with a slash." },
  });
}

async function prepare(sending: Sending, carried: Carried[]): Promise<Prepared> {
  const { connector, context, request, parts } = sending;
  if (request.elsewhere) return prepareElsewhere(sending, request.elsewhere);
  const { method } = request;
  const url = addressBelow(sending, request.path);
  for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, value);
  const body = bodyOf(request);
  const plain = {
    accept: "application/json",
    "user-agent": "Orderloom",
    ...(body === null ? {} : { "content-type": request.contentType ?? "application/json" }),
    ...request.headers,
  };
  const means = { moment: { now: new Date(), uuid: randomUUID() }, evaluate: parts.evaluate };
  const token = await held(sending, authCredential(connector, context, request.base), carried);
  const proveBy =
    (credential: Credential | undefined) =>
    (asked: RequestToAuthorize): Promise<Proof> =>
      authorize(connector, context, asked, { ...means, token: credential?.token });
  const restricted = await held(sending, restrictedOf(sending, proveBy(token)), carried);
  const prove = proveBy(restricted ?? token);
  const { csrf } = connector;
  const forged = needsCsrf(csrf, method)
    ? await held(sending, csrfCredential(connector, csrf, context, prove), carried)
    : undefined;
  const proof = await prove({ method, url: url.href, headers: plain, body });
  if (proof.path !== undefined) url.href = addressBelow(sending, proof.path).href;
  for (const [name, value] of Object.entries(proof.query)) url.searchParams.set(name, value);
  const guard = csrf && forged ? csrfHeaders(csrf.header, forged, proof.headers.cookie) : {};
  const headers = { ...plain, ...proof.headers, ...guard };
  // Over everything that goes with it, and so the last of all.
  const signed = connector.messageSignature
    ? await messageSignature(connector.messageSignature, context, { method, url: url.href, headers, body }, means.moment.now)
    : {};
  const hidden = [proof.headers, proof.query, guard, context.secrets].flatMap((each) => Object.values(each));
  for (const { credential } of carried) hidden.push(credential.token);
  return { method, url: url.href, headers: { ...headers, ...signed }, body, redact: redactor(hidden) };
}

/** The token for data about persons that the request needs, if it reads any. */
function restrictedOf(
  { connector, context, request, parts }: Sending,
  proof: (request: RequestToAuthorize) => Promise<Proof>,
): Obtainable | undefined {
  const { restricted } = connector;
  if (restricted === undefined || request.restricted === undefined) return undefined;
  const renewOn = authCredential(connector, context, request.base)?.renewOn ?? [];
  return restrictedCredential(connector, {
    restricted,
    resources: request.restricted,
    context,
    renewOn,
    proof,
    evaluate: parts.evaluate,
  });
}

/** Cookies of the session and of the token against forged requests go in one header. */
const csrfHeaders = (header: string, { token, cookies }: Credential, own: string | undefined): Record<string, string> => {
  const all = [own, cookies].filter((each) => each !== undefined && each !== "").join("; ");
  return { [header.toLowerCase()]: token, ...(all === "" ? {} : { cookie: all }) };
};

async function held(
  { parts, connector, connection, context, refused }: Sending,
  obtainable: Obtainable | undefined,
  carried: Carried[],
): Promise<Credential | undefined> {
  if (!obtainable) return undefined;
  const fingerprint = credentialFingerprint(connector, context);
  const got: Held = await parts.tokens.hold({ connection, obtainable, fingerprint, refused: refused.get(obtainable.kind) });
  if (!got.ok) throw new NotSent(got.failure);
  carried.push({ obtainable, credential: got.credential });
  return got.credential;
}

function notPrepared(error: unknown, { secrets }: OpenConnection): Performed {
  const message = `The request could not be prepared: ${redactor(Object.values(secrets))(sentence(error))}`;
  return { ok: false, failure: { class: "auth", reason: { code: "requestNotPrepared", message } }, applied: "no" };
}

const sentences: Record<WireFailure["what"], [code: string, sentence: (name: string, code: string, why: string) => string]> = {
  outOfReach: ["outOfReach", (name, _code, why) => `The connection ${name} leads where it may not: ${why}`],
  tooLarge: ["answerTooLarge", (_name, _code, why) => why],
  unsendable: ["requestNotSendable", (name, _code, why) => `The request for ${name} cannot be sent: ${why}.`],
  notReached: ["notReached", (name, code) => `The connection ${name} could not be reached (${code}).`],
  notUnpacked: ["answerNotUnpacked", (name, _code, why) => `The answer of ${name} cannot be unpacked: ${why}`],
  noAnswer: ["noAnswer", (name) => `There was no answer from ${name} in time; the request may have been applied.`],
  broke: ["connectionLost", (name, code) => `The connection to ${name} broke (${code}); the request may have been applied.`],
};

function notAnswered(failed: WireFailure, why: string, { name }: OpenConnection): Performed {
  const { what, class: kind, applied, code, hint } = failed;
  const [reasonCode, say] = sentences[what];
  const reason = { code: reasonCode, message: say(name, code, why), ...(hint === undefined ? {} : { hint }) };
  return { ok: false, failure: { class: kind, reason }, applied };
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
