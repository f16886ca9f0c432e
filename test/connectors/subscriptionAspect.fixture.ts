import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillIn } from "#nodes/connector/connection.ts";
import { type NotedSubscription, reconcile } from "#nodes/connector/subscription/reconcile.ts";
import {
  type Subscriber,
  type SubscriptionJob,
  type SubscriptionResult,
  subscribe,
} from "#nodes/connector/subscription/subscribe.ts";
import { verifyByAny } from "#nodes/connector/verifyWebhook.ts";
import { verifyToken } from "#nodes/connector/webhookToken.ts";
import type { RenderedRequest } from "#nodes/plan.ts";
import { takeSecret } from "#runtime/subscriptions/takeSecret.ts";
import type { Connector } from "#schemas/connector.ts";
import type { PollOperation, WebhookOperation } from "#schemas/sourceOperation.ts";
import type { Subscription } from "#schemas/subscription.ts";
import { type Aspect, connectionOf, operationsOf, parsed, type Walked } from "./everyConnector.fixture.ts";
import type { Known } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

const DAY = 86_400_000;
type Operation = (WebhookOperation | PollOperation) & { subscription: Subscription };
type Want = SubscriptionJob extends infer Job
  ? Job extends SubscriptionJob
    ? Pick<Job, Exclude<keyof Job, keyof Base>>
    : never
  : never;
type Base = Subscriber;

/**
 * What a connector says of subscriptions, held against the system that it simulates: what is wanted comes to stand, stands once
 * whatever is forgotten here, is renewed where it ends, is sent to as its verification demands, and goes away; what somebody
 * else subscribed to stays.
 */
export const subscriptions: Aspect = async (walked) => {
  const lacks: string[] = [];
  for (const [name, operation] of operationsOf(walked.connector)) {
    if ((operation.transport !== "webhook" && operation.transport !== "poll") || operation.subscription === undefined) continue;
    const said = await lackOf(walked, name, operation as Operation).catch((raw: unknown) =>
      raw instanceof Error ? raw.message : String(raw),
    );
    if (said !== undefined) lacks.push(`${walked.connector.id}.${name}: ${said}`);
  }
  return lacks;
};

async function lackOf({ connector, files }: Walked, name: string, operation: Operation): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "orderloom-subscribed-"));
  const known = connectionOf(connector);
  for (const key of Object.keys(known.secrets)) known.secrets[key] = (known.secrets[key] ?? "").slice(0, 40);
  const simulated = new Simulated(connector, known, folder);
  const given = new Map<string, string>();
  const receiver = await receive(operation, known, () => [...given.values()]);
  try {
    const ours = subscriberOf({ connector, known, simulated, operation, given }, `${receiver.url}/ours`);
    const theirs = subscriberOf({ connector, known, simulated, operation, given: new Map() }, `${receiver.url}/theirs`);
    // Of a queue there is one subscription for everybody.
    const shared = operation.subscription.to !== undefined;
    if (!shared) await theirs.settle(true);
    const wanted = (await ours.settle(true)).length;
    if (wanted === 0 || (await ours.standing()) !== wanted) return "what is made does not stand, or not once.";
    const again = await ours.settle(true);
    if (again.some((step) => step !== "keep")) return `what stands is not left alone: ${again.join(", ")}.`;
    ours.forget();
    const forgotten = await ours.settle(true);
    if (operation.subscription.secret) {
      const anew = ["delete", "create"].flatMap((step) => Array<string>(wanted).fill(step));
      if (forgotten.join() !== anew.join()) return "what signs with a secret that nobody knows any more is not made anew.";
    } else if (forgotten.some((step) => step !== "keep")) return "what was made and not noted is made twice.";
    if ((await ours.standing()) !== wanted) return "what was forgotten stands more than once.";
    if (operation.subscription.renew) {
      const late = await ours.settle(true, Date.now() + 2.5 * DAY);
      if (late.some((step) => step !== "renew")) return `what is about to end is not renewed: ${late.join(", ")}.`;
    }
    const hook = connector.simulator?.hooks?.find((each) => each.operation === name);
    if (hook && !(await sentTo(simulated, hook.ledger, sampleOf(connector, files, operation), receiver)))
      return `what its simulator sends is not taken: ${receiver.refused.join(" ")}`;
    await ours.settle(false);
    if ((await ours.standing()) !== 0) return "what is not wanted any more stands all the same.";
    if (!shared && (await theirs.standing()) !== wanted) return "what somebody else subscribed to was touched.";
    return undefined;
  } finally {
    await receiver.close();
    await simulated.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Playing {
  connector: Connector;
  known: Known;
  simulated: Simulated;
  operation: Operation;
  /** Secrets that the system gave, by its ids. */
  given: Map<string, string>;
}

function subscriberOf({ connector, known, simulated, operation, given }: Playing, own: string) {
  const { subscription } = operation;
  let address = own;
  let noted: NotedSubscription[] = [];
  const proof = subscription.proof ? fillIn(subscription.proof.value, { ...known, address: own } as Known) : null;
  const base = (now = Date.now()): Base => ({
    connector: { ...connector, operations: {} },
    type: connector.id,
    subscription,
    config: {},
    connection: known.config,
    address,
    name: "Orderloom test",
    now: new Date(now).toISOString(),
  });
  const ask = async (want: Want, now?: number) => good(await subscribe({ ...base(now), ...want } as SubscriptionJob));
  const requested = async (want: Want) => {
    const asked = await ask(want);
    if (!("request" in asked)) throw new Error("no request came out.");
    return simulated.answer(proven(asked.request, subscription, proof));
  };
  /** A queue is known by its address first, then by what the system calls it. */
  const direct = async (): Promise<void> => {
    const { to, destination, success } = subscription;
    if (to === undefined) return;
    const told = await ask({ want: "to" });
    address = "to" in told ? told.to : "";
    if (!destination) return;
    const words = { ...destination, delete: destination.create, ...(success ? { success } : {}) };
    const put = async (want: Want) => good(await subscribe({ ...base(), subscription: words, ...want } as SubscriptionJob));
    const sent = async (want: Want) => {
      const asked = await put(want);
      return "request" in asked ? simulated.answer(asked.request) : { status: 0, headers: {}, body: "" };
    };
    const read = await put({ want: "found", page: null, response: await sent({ want: "list", page: null }) });
    const there = "found" in read ? read.found.find((each) => each.address === address) : undefined;
    const made = there ?? (await put({ want: "made", response: await sent({ want: "create", topic: "" }) }));
    address = ("id" in made ? made.id : "made" in made ? made.made.id : null) ?? "";
  };
  const list = async () => {
    const read = await ask({ want: "found", page: null, response: await requested({ want: "list", page: null }) });
    return "found" in read ? read.found : [];
  };
  return {
    forget: () => {
      noted = [];
      given.clear();
    },
    standing: async () => (await list()).filter((each) => each.address === address).length,
    /** Does what is to be done, and says what that was. */
    settle: async (is: boolean, now = Date.now()): Promise<string[]> => {
      await direct();
      const topics = await ask({ want: "topics" });
      const wanted = is && "topics" in topics ? topics.topics : [];
      const { earlyMs = DAY, renew } = subscription;
      const secrets = subscription.secret ? [...given.keys()] : null;
      const renews = renew !== undefined;
      const steps = reconcile({ address, topics: wanted, proof, secrets, now, earlyMs, renews }, noted, await list());
      noted = [];
      for (const step of steps) {
        if (step.do === "keep") continue;
        if (step.do === "create") {
          const answer = await requested({ want: "create", topic: step.topic });
          const { at } = subscription.secret ?? {};
          const { response, secret } = at === undefined ? { response: answer, secret: null } : takeSecret(answer, at);
          const made = await ask({ want: "made", response });
          if (!("made" in made) || made.made.id === null) throw new Error("what is made has no id.");
          if (at !== undefined && secret === null) throw new Error(`what is made comes without its secret at ${at}.`);
          if (secret !== null) given.set(made.made.id, secret);
        } else {
          const response = await requested({ want: step.do, given: step.subscription.given });
          await ask({ want: step.do === "renew" ? "made" : "gone", response });
          if (step.do === "delete") given.delete(step.subscription.id);
        }
      }
      return steps.map((step) => step.do);
    },
  };
}

function good(result: SubscriptionResult): Extract<SubscriptionResult, { ok: true }> {
  if (!result.ok) throw new Error(result.reason.message);
  return result;
}

function proven(request: RenderedRequest, { proof }: Subscription, value: string | null): RenderedRequest {
  if (!proof || request.body === undefined) return request;
  return { ...request, body: { ...(request.body as object), [proof.at.slice(1)]: value } };
}

const sampleOf = (connector: Connector, files: Walked["files"], operation: Operation): Record<string, unknown> => {
  // A pointer's document is another one: what is made there, or polled.
  const { createSalesOrder, ...others } = connector.operations;
  const pointed = createSalesOrder ?? Object.values(others).find(({ transport }) => transport === "poll");
  const of = "fetch" in operation && operation.fetch ? (pointed?.samples ?? []) : operation.samples;
  return parsed(files, of[0] ?? "") as Record<string, unknown>;
};

/** True when each webhook was taken, and there was one. */
async function sentTo(
  simulated: Simulated,
  ledger: string,
  record: Record<string, unknown>,
  receiver: Receiver,
): Promise<boolean> {
  const told = await simulated.tell(ledger, "1", record);
  const ours = told.filter(({ address }) => address.startsWith(`${receiver.url}/ours`));
  return ours.length === 1 && ours.every(({ status }) => status === 202);
}

/** What the intake verifies with: what the system gave, where it gives something. */
const contextsOf = ({ subscription }: Operation, known: Known, given: string[]): Known[] => {
  const as = subscription.secret?.as;
  return as === undefined ? [known] : given.map((secret) => ({ ...known, secrets: { ...known.secrets, [as]: secret } }));
};

interface Receiver {
  url: string;
  refused: string[];
  close(): Promise<unknown>;
}

/** Takes webhooks as the intake does, by the connector's own verification; answers a challenge. */
async function receive(operation: Operation, known: Known, secrets: () => string[]): Promise<Receiver> {
  const { verify, challenge } =
    operation.transport === "webhook" ? operation : { verify: { type: "none" } as const, challenge: undefined };
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://receiver");
    const code = challenge && "echo" in challenge ? url.searchParams.get(challenge.query) : null;
    if (code !== null) return response.writeHead(200, { "content-type": "text/plain" }).end(code);
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const headers = request.headers as Record<string, string>;
    const query = Object.fromEntries(url.searchParams);
    const found =
      verify.type === "token"
        ? verifyToken(verify, known, { query, body: JSON.parse(raw.toString()) })
        : verifyByAny(verify, contextsOf(operation, known, secrets()), headers, raw);
    if (!found.ok) refused.push(found.why);
    return response.writeHead(found.ok ? 202 : 401).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, refused, close: () => new Promise((closed) => server.close(closed)) };
}
