import { isObject } from "../isObject.ts";
import type { Report } from "./connectorContext.ts";
import { quote } from "./wording.ts";

type Json = Record<string, unknown>;
type At = (...way: string[]) => string;

interface Fault {
  code: string;
  way: string[];
  what: string;
  hint: string;
}

/** What a subscription needs beyond its shape. */
export function checkSubscription({ subscription, verify }: Json, subject: string, at: At, report: Report): void {
  if (!isObject(subscription)) return;
  for (const { code, way, what, hint } of [...faultsOf(subscription), ...secretFaults(subscription, verify)]) {
    report({ code, pointer: at("subscription", ...way), message: `${subject}: ${what}`, hint });
  }
}

function* faultsOf(subscription: Json): Generator<Fault> {
  const { create, proof, topics, topic, expiresAt } = subscription;
  if (isObject(create) && !texts(create).includes("$address") && !(isObject(proof) && texts(proof).includes("address"))) {
    const what = '"subscription/create" does not tell the system where to send.';
    yield { code: "connector.addressUntold", way: ["create"], what, hint: "Put $address into the request." };
  }
  if ((topics === undefined) !== (topic === undefined)) {
    const [has, lacks] = topics === undefined ? ["topic", "topics"] : ["topics", "topic"];
    const what = `"subscription" has ${quote(has)}, but no ${quote(lacks)}: what stands cannot be held against what is wanted.`;
    yield { code: "connector.topicUntold", way: [lacks], what, hint: `Add ${quote(lacks)}.` };
  }
  for (const name of ["renew", "earlyMs"].filter((each) => subscription[each] !== undefined && expiresAt === undefined)) {
    const what = `"subscription" has ${quote(name)}, but no "expiresAt": nothing would ever be renewed.`;
    yield { code: "connector.neverEnds", way: [name], what, hint: `Add "expiresAt", or take ${quote(name)} away.` };
  }
  if (isObject(proof) && isObject(create) && (create.encode !== undefined || create.body === undefined)) {
    const what = '"subscription/proof" goes into a JSON body, but "create" has none.';
    yield { code: "connector.proofNowhere", way: ["proof"], what, hint: 'Give "create" a "body", sent as JSON.' };
  }
}

/** What a system gives has to be what its signatures are verified with: else it would be kept for nothing, and nobody let in. */
function* secretFaults({ secret, proof }: Json, verify: unknown): Generator<Fault> {
  if (!isObject(secret)) return;
  const taken = isObject(verify) && verify.type === "hmac" && verify.secret === `{{ secrets.${String(secret.as)} }}`;
  if (!taken) {
    const what = `"subscription/secret" is kept as ${quote(String(secret.as))}, but no signature is verified with that.`;
    const hint = `Let "verify" be of type "hmac", with the secret {{ secrets.${String(secret.as)} }}.`;
    yield { code: "connector.secretNowhere", way: ["secret", "as"], what, hint };
  }
  if (proof !== undefined) {
    const what = '"subscription" has "secret" and "proof": a system either gives what it signs with, or is told it.';
    yield { code: "connector.secretAndProof", way: ["secret"], what, hint: "Take one of them away." };
  }
}

/** A token stands in one place, and who may come without one brings nothing but a pointer. */
export function checkToken({ verify, fetch }: Json, subject: string, at: At, report: Report): void {
  if (!isObject(verify) || verify.type !== "token") return;
  if ((verify.query === undefined) === (verify.body === undefined)) {
    const message = `${subject}: "verify" has ${verify.query === undefined ? 'neither "query" nor' : 'both "query" and'} "body".`;
    report({ code: "connector.tokenPlace", pointer: at("verify"), message, hint: "Say in one of them where the token stands." });
  }
  if (verify.optional === undefined || fetch !== undefined) return;
  const message = `${subject}: "verify" is "optional", but what comes in is no pointer: anybody could send a document.`;
  const hint = 'Take "optional" away, or add "fetch", so that the document itself is asked for.';
  report({ code: "connector.openDoor", pointer: at("verify", "optional"), message, hint });
}

const texts = (value: unknown): string => JSON.stringify(value);
