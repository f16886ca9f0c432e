import { createPublicKey } from "node:crypto";
import { createVerifier, httpbis } from "http-message-signatures";
import { awsProof } from "#nodes/connector/auth/awsSignature.ts";
import { hmacProof } from "#nodes/connector/auth/hmac.ts";
import { algorithmOf, CONTENT_DIGEST, componentsOf, digestOf, privateKeyOf } from "#nodes/connector/auth/messageSignature.ts";
import type { Moment, Proof } from "#nodes/connector/auth/place.ts";
import { fillInAll } from "#nodes/connector/connection.ts";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import type { ConnectorAuth, MessageSignature, Place } from "#schemas/auth.ts";
import type { Credentials, SignedRequest } from "./authorization.ts";

type Signed = Extract<ConnectorAuth, { type: "hmac" | "awsSigV4" }>;

/** How far a request's time may be off, as with AWS. */
const CLOCK_SKEW_MS = 300_000;

/** Why a signature does not fit the request; undefined when it does. It is made once more, with the moment the caller named. */
export async function signatureRefusal(
  auth: Signed,
  credentials: Credentials,
  request: SignedRequest,
): Promise<string | undefined> {
  const moment = auth.type === "hmac" ? namedMoment(auth.place, request) : amzMoment(request);
  if (!(Math.abs(Date.now() - moment.now.getTime()) <= CLOCK_SKEW_MS)) return "The time is too far from this system's clock.";
  const wanted = await proofOf(auth, credentials, withoutProof(auth, request), moment);
  const given = (name: string): string | undefined => request.headers[name.toLowerCase()];
  const fits =
    Object.entries(wanted.headers).every(([name, value]) => given(name) === value) &&
    Object.entries(wanted.query).every(([name, value]) => request.query[name] === value);
  return fits ? undefined : "The signature does not fit the request.";
}

/** What is wrong with a request's message signature (RFC 9421); undefined when it is there and fits. */
export async function messageSignatureFault(
  signing: MessageSignature,
  credentials: Credentials,
  { method, url, headers, body }: SignedRequest,
): Promise<string | undefined> {
  if (headers.signature === undefined || headers["signature-input"] === undefined) return "The request is not signed.";
  const text = body === "" ? null : body;
  if (text !== null && headers[CONTENT_DIGEST] !== digestOf(signing, text)) return "The digest does not fit the body.";
  try {
    for (const [name, value] of Object.entries(fillInAll(signing.headers, credentials)))
      if (headers[name.toLowerCase()] !== value) return `The header ${name} names no known key.`;
    const key = privateKeyOf(signing, credentials);
    const verify = createVerifier(createPublicKey(key), algorithmOf(key));
    const given = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    const fits = await httpbis.verifyMessage(
      {
        keyLookup: async () => ({ verify }),
        requiredFields: componentsOf(signing, text),
        requiredParams: ["created"],
        // The library takes the tolerance from the age as well.
        maxAge: (2 * CLOCK_SKEW_MS) / 1000,
        tolerance: CLOCK_SKEW_MS / 1000,
      },
      { method, url, headers: Object.fromEntries(given) },
    );
    return fits ? undefined : "The signature does not fit the request.";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function proofOf(auth: Signed, credentials: Credentials, request: SignedRequest, moment: Moment): Proof | Promise<Proof> {
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
  const asked = { method: request.method, url: request.url, headers, body: request.body === "" ? null : request.body };
  if (auth.type === "awsSigV4") return awsProof(auth, credentials, asked, moment);
  const clock = { runId: "", now: moment.now.toISOString(), seed: "", sourceNode: "" };
  return hmacProof(auth, credentials, asked, moment, (text, input) =>
    evaluateExpression(text, input, { clock, salt: "", variables: {} }),
  );
}

/** The address as it was before a signature was put into it. */
function withoutProof(auth: Signed, request: SignedRequest): SignedRequest {
  if (auth.type !== "hmac" || auth.place.query === undefined) return request;
  const url = new URL(request.url);
  for (const name of Object.keys(auth.place.query)) url.searchParams.delete(name);
  return { ...request, url: url.href };
}

/** The moment of the caller, from where the connector puts it. */
function namedMoment(place: Place, request: SignedRequest): Moment {
  const at = (name: string): string | undefined => {
    const is = (template: string): boolean => template.replaceAll(/\s/g, "") === `{{${name}}}`;
    const header = Object.entries(place.headers ?? {}).find(([, template]) => is(template))?.[0];
    const parameter = Object.entries(place.query ?? {}).find(([, template]) => is(template))?.[0];
    return header === undefined ? parameter && request.query[parameter] : request.headers[header.toLowerCase()];
  };
  const seconds = at("timestamp");
  const now = at("timestampMs") ?? (seconds === undefined ? at("now") : Number(seconds) * 1000) ?? Date.now();
  return { now: new Date(Number.isNaN(Number(now)) ? now : Number(now)), uuid: at("uuid") ?? "" };
}

/** 20260301T120000Z */
function amzMoment({ headers }: SignedRequest): Moment {
  const text = (headers["x-amz-date"] ?? "").replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z");
  return { now: new Date(text), uuid: "" };
}
