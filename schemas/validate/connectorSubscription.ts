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
export function checkSubscription({ subscription }: Json, subject: string, at: At, report: Report): void {
  if (!isObject(subscription)) return;
  for (const { code, way, what, hint } of faultsOf(subscription)) {
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

const texts = (value: unknown): string => JSON.stringify(value);
