import type { FoundSubscription } from "#nodes/connector/subscription/reconcile.ts";
import { type NotedSubscription, reconcile, type SubscriptionStep } from "#nodes/connector/subscription/reconcile.ts";
import type { SubscriptionJob, SubscriptionResult } from "#nodes/connector/subscription/subscribe.ts";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import { crossing } from "#runtime/crashPoints.ts";
import { type Failure, retryPolicy } from "#runtime/engine/outcome.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { Performed } from "#runtime/engine/perform.ts";
import { lookAgain } from "#runtime/sources/lookAgain.ts";
import { type GivenSecret, givenSecrets } from "#runtime/store/subscriptionSecrets.ts";
import {
  type ClaimedSubscription,
  endLook,
  noteStep,
  type SubscriptionChange,
  type SubscriptionEnd,
} from "#runtime/store/subscriptions.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import { byHand, prepareSubscriber, type Subscribing } from "./subscriber.ts";
import { takeSecret } from "./takeSecret.ts";

/** How often what stands is asked for: systems drop a subscription whose address did not answer for a while. */
const CHECK_EVERY_MS = 3_600_000;
/** So many failures in a row may be of the moment, such as a deployment that not every process knows yet. */
const SOON = 4;
/** A subscription is renewed so long before its end. */
const EARLY_MS = 86_400_000;
/** Where a system has more pages than its connector says, something is wrong with one of them. */
const MOST_PAGES = 100;

/** One look at the subscriptions of a source; `signal` ends when they are somebody else's, or the process stops. */
export interface Look {
  parts: EngineParts;
  claimed: ClaimedSubscription;
  signal: AbortSignal;
}

/** Ends a look: what went wrong, as the connector's rules class it. */
class Failed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.reason.message);
    this.failure = failure;
  }
}

/** The look is somebody else's by now. */
class Lost extends Error {}

/** Sees to it that at the system stands what is wanted, and notes what does. Whoever breaks off leaves nothing that is made twice. */
export async function lookAtSubscription(look: Look): Promise<void> {
  const { parts, claimed } = look;
  try {
    await endLook(parts.db, claimed, await settle(look));
  } catch (error) {
    if (error instanceof Lost) return;
    await endLook(parts.db, claimed, failing(claimed, failureOf(error)));
  }
}

async function settle(look: Look): Promise<SubscriptionEnd> {
  const { parts, claimed } = look;
  // What stands there is the other's now.
  if (claimed.inherited) return { state: "gone" };
  const prepared = await prepareSubscriber(parts, claimed);
  if (!prepared.ok) return prepared;
  const directed = await directedTo(look, prepared.subscribing);
  if (directed === null) return { state: "gone" };
  if ("lacks" in directed) return { state: "byHand", reason: byHand(prepared.subscribing.connector, "", directed.lacks) };
  const subscribing = directed;
  const { subscriber, subscription, proof } = subscribing;
  const topics = claimed.wanted ? await topicsOf(look, subscribing) : [];
  const found = await findAll(look, subscribing);
  if (!Array.isArray(found)) return { state: "byHand", reason: byHand(subscribing.connector, subscriber.address, found.lacks) };
  const steps = reconcile(
    {
      address: subscriber.address,
      topics,
      proof: proof?.mark ?? null,
      secrets: subscription.secret ? await knownSecrets(look) : null,
      now: claimed.now.getTime(),
      earlyMs: subscription.earlyMs ?? EARLY_MS,
      renews: subscription.renew !== undefined,
    },
    claimed.noted,
    found,
  );
  const noted = await act(look, subscribing, steps);
  if (!claimed.wanted) return { state: "gone" };
  const ends = noted.flatMap(({ expiresAt }) => expiresAt ?? []);
  const renewIn = Math.min(...ends) - (subscription.earlyMs ?? EARLY_MS) - claimed.now.getTime();
  return { state: "standing", afterMs: Math.max(1_000, Math.min(CHECK_EVERY_MS, renewIn)) };
}

async function knownSecrets({ parts, claimed }: Look): Promise<string[]> {
  const known = await givenSecrets(parts.db, parts.box, claimed);
  return known.map(({ subscription }) => subscription);
}

/**
 * Where it sends: to the source's own address, to a queue, or to what the system knows that one as, which is made if it has to
 * be. Null where nothing is wanted and nothing of the kind stands.
 */
async function directedTo(look: Look, subscribing: Subscribing): Promise<Subscribing | { lacks: string } | null> {
  const { subscription, subscriber, connector } = subscribing;
  if (subscription.to === undefined) return subscribing;
  const result = await evaluate(look, subscribing, { want: "to" });
  const to = "to" in result ? result.to : "";
  if (to === "") return { lacks: "the connection does not say where it is to send." };
  const at = (address: string): Subscribing => ({ ...subscribing, subscriber: { ...subscriber, address } });
  const { destination } = subscription;
  if (!destination) return at(to);
  const { success, errors } = subscription;
  const words = { ...destination, delete: destination.create, ...(success ? { success } : {}), ...(errors ? { errors } : {}) };
  const of: Subscribing = { ...at(to), subscription: words, subscriber: { ...subscriber, address: to, subscription: words } };
  const found = await findAll(look, of);
  if (!Array.isArray(found)) return found;
  const known = found.find((each) => each.address === to)?.id;
  if (known !== undefined) return at(known);
  if (!look.claimed.wanted) return null;
  const made = await send(look, of, { want: "create", topic: "" }, { want: "made" });
  if (made?.id) return at(made.id);
  const message = `${connector.title} made a destination and did not say which.`;
  throw new Failed({ class: "transient", reason: { code: "subscription.noDestination", message } });
}

async function topicsOf(look: Look, subscribing: Subscribing): Promise<string[]> {
  const result = await evaluate(look, subscribing, { want: "topics" });
  return "topics" in result ? result.topics : [];
}

/** What stands, of whomever; or what the connection lacks to ask. */
async function findAll(look: Look, subscribing: Subscribing): Promise<FoundSubscription[] | { lacks: string }> {
  const found: FoundSubscription[] = [];
  let page: unknown = null;
  for (let pages = 0; pages < Math.min(MOST_PAGES, subscribing.subscription.page?.most ?? 1); pages++) {
    const request = await requestOf(look, subscribing, { want: "list", page });
    const { connector, connection } = subscribing;
    const performed = await crossing("request.read", () => look.parts.http.perform(connector, connection, request));
    if (!performed.ok && performed.failure.reason.code === "requestNotPrepared")
      return { lacks: performed.failure.reason.message };
    const read = await evaluate(look, subscribing, { want: "found", page, response: answered(performed) });
    if (!("found" in read)) throw new Error("The evaluator answered another question.");
    found.push(...read.found);
    if (read.next === null) return found;
    page = read.next;
  }
  if (subscribing.subscription.page === undefined) return found;
  const message = `${subscribing.connector.title} has more pages of subscriptions than are asked for.`;
  throw new Failed({
    class: "bug",
    reason: { code: "subscription.tooManyPages", message, hint: "Raise the most pages of the connector's subscription." },
  });
}

/** Does what is to be done, one after the other; each is noted before the next begins. */
async function act(look: Look, subscribing: Subscribing, steps: readonly SubscriptionStep[]): Promise<NotedSubscription[]> {
  const { parts, claimed } = look;
  const { address } = subscribing.subscriber;
  const kept = steps.flatMap((step) => (step.do === "create" ? [] : [step.subscription.id]));
  // What was noted and stands no more was taken away over there.
  let noted = claimed.noted.filter(({ id }) => kept.includes(id));
  for (const step of steps) {
    if (look.signal.aborted) throw new Lost();
    const { now, ...changed } = await actOnce(look, subscribing, step, noted);
    const same = canonicalJson(now) === canonicalJson(noted);
    noted = now;
    if (!same && !(await noteStep(parts.db, parts.box, claimed, { noted, address, ...changed }))) throw new Lost();
  }
  return noted;
}

interface Acted {
  now: NotedSubscription[];
  /** For the audit. */
  change?: SubscriptionChange;
  given?: GivenSecret;
}

async function actOnce(look: Look, subscribing: Subscribing, step: SubscriptionStep, noted: NotedSubscription[]): Promise<Acted> {
  const proof = subscribing.proof?.mark ?? null;
  const { address } = subscribing.subscriber;
  const others = (id: string) => noted.filter((each) => each.id !== id);
  switch (step.do) {
    case "keep": {
      const { id, topic, expiresAt } = step.subscription;
      const after = { id, topic, expiresAt, proof };
      if (noted.some((each) => each.id === id)) return { now: noted.map((each) => (each.id === id ? after : each)) };
      return { now: [...noted, after], change: { action: "subscription.found", detail: { id, topic, address } } };
    }
    case "delete": {
      const { id, topic, given, address: was } = step.subscription;
      await send(look, subscribing, { want: "delete", given }, { want: "gone" });
      return { now: others(id), change: { action: "subscription.deleted", detail: { id, topic, address: was } } };
    }
    case "renew": {
      const { id, topic, given, expiresAt } = step.subscription;
      const made = await send(look, subscribing, { want: "renew", given }, { want: "made" });
      const after = { id, topic, expiresAt: made?.expiresAt ?? expiresAt, proof };
      return { now: [...others(id), after], change: { action: "subscription.renewed", detail: { id, topic, address } } };
    }
    case "create": {
      const { topic } = step;
      const made = await send(look, subscribing, { want: "create", topic }, { want: "made" });
      const id = made?.id ?? "";
      const after = { id, topic, expiresAt: made?.expiresAt ?? null, proof };
      const change = { action: "subscription.created", detail: { id, topic, address } };
      const given = made?.secret === undefined ? {} : { given: { subscription: id, secret: made.secret } };
      return { now: [...noted, after], change, ...given };
    }
  }
}

/** What a system says of one that it made or renewed. */
interface Made {
  id: string | null;
  expiresAt: number | null;
  /** What it signs with, where it gives that. */
  secret?: string;
}

type Ask = { want: "create"; topic: string } | { want: "renew" | "delete"; given: unknown };

/** Sends a request that changes something over there, and reads what the system says of it. */
async function send(look: Look, subscribing: Subscribing, ask: Ask, read: { want: "made" | "gone" }): Promise<Made | undefined> {
  const rendered = await requestOf(look, subscribing, ask);
  const request = ask.want === "delete" ? rendered : proven(rendered, subscribing);
  const { connector, connection } = subscribing;
  const performed = await crossing("request.subscription", () => look.parts.http.perform(connector, connection, request));
  const place = ask.want === "create" ? subscribing.subscription.secret : undefined;
  const answer = answered(performed);
  const { response, secret } = place ? takeSecret(answer, place.at) : { response: answer, secret: null };
  const result = await evaluate(look, subscribing, { ...read, response });
  if (!("made" in result)) return undefined;
  if (!place) return result.made;
  // What was made all the same is found by the next look, and made anew.
  if (secret === null || result.made.id === null) throw new Failed(noSecret(connector.title));
  return { ...result.made, secret };
}

const noSecret = (system: string): Failure => ({
  class: "transient",
  reason: {
    code: "subscription.noSecret",
    message: `${system} made a subscription without saying its id and the secret that it signs with.`,
  },
});

/** The proof goes in here, where nothing is kept of the request: no expression sees it. */
function proven(request: RenderedRequest, { subscription, proof }: Subscribing): RenderedRequest {
  if (!subscription.proof || proof === null) return request;
  const body = structuredClone(request.body ?? {}) as Record<string, unknown>;
  const steps = subscription.proof.at.slice(1).split("/");
  const last = steps.pop() ?? "";
  let at = body;
  for (const step of steps) {
    const inner = at[step];
    at[step] = typeof inner === "object" && inner !== null ? inner : {};
    at = at[step] as Record<string, unknown>;
  }
  at[last] = proof.value;
  return { ...request, body };
}

type Want = SubscriptionJob extends infer Job
  ? Job extends SubscriptionJob
    ? Omit<Job, keyof Subscribing["subscriber"]>
    : never
  : never;
type Good = Extract<SubscriptionResult, { ok: true }>;

async function evaluate({ parts }: Look, { subscriber }: Subscribing, want: Want): Promise<Good> {
  const result = await parts.evaluators.subscription({ ...subscriber, ...want } as SubscriptionJob);
  if (result.ok) return result;
  const { class: kind, reason, retryAfterMs } = result;
  throw new Failed({ class: kind, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

async function requestOf(look: Look, subscribing: Subscribing, want: Want): Promise<RenderedRequest> {
  const result = await evaluate(look, subscribing, want);
  if (!("request" in result)) throw new Error("The evaluator answered another question.");
  return result.request;
}

function answered(performed: Performed): RawResponse {
  if (performed.ok) return performed.response;
  throw new Failed(performed.failure);
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failed) return error.failure;
  const message = `Seeing to the subscription failed: ${error instanceof Error ? error.message : String(error)}`;
  return { class: "bug", reason: { code: "subscription.bug", message } };
}

/** Refused credentials pause no connection here: a token without the right to subscribe still fetches orders. */
function failing({ failures }: ClaimedSubscription, failure: Failure): SubscriptionEnd {
  const again = { failures: failures + 1, intervalMs: failures < SOON ? 0 : CHECK_EVERY_MS, random: Math.random() };
  const asIfRejected = failure.class === "auth" ? { ...failure, class: "rejected" as const } : failure;
  const { waitMs } = lookAgain(asIfRejected, { ...again, policy: retryPolicy(undefined, undefined) });
  // What is said of documents elsewhere is of no use here.
  const hint = hintOf(failure) ?? failure.reason.hint;
  return {
    state: "failing",
    afterMs: waitMs,
    error: { class: failure.class, reason: { ...failure.reason, ...(hint ? { hint } : {}) } },
  };
}

const hintOf = ({ class: kind }: Failure): string | undefined =>
  kind === "auth" || kind === "rejected"
    ? "Look at the rights of the connection's credentials at the system, then try again."
    : undefined;
