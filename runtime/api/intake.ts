import { entryPort, operationOf } from "#nodes/connector/operation.ts";
import { challengeAnswer, proofHeader, verifyByAny, verifyByPublicKey } from "#nodes/connector/verifyWebhook.ts";
import { intakeKeys } from "#nodes/connector/webhook.ts";
import { verifyToken, withoutToken } from "#nodes/connector/webhookToken.ts";
import { intakeDoor } from "#runtime/engine/admission.ts";
import { type DeployedFlow, pickVersion } from "#runtime/engine/deployments.ts";
import { hintOrders } from "#runtime/engine/hintOrder.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { HintOrder } from "#runtime/queue/hintQueues.ts";
import { acceptableOf, type Incoming, versionsWith } from "#runtime/sources/acceptable.ts";
import type { Acceptable, Accepted } from "#runtime/store/accept.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { isDatabaseAway, isDiskFull, isPassing } from "#runtime/store/database.ts";
import { bindingId } from "#runtime/store/deployments.ts";
import { groupCommit } from "#runtime/store/groupCommit.ts";
import { newId, sha256 } from "#runtime/store/ids.ts";
import { StorageFull } from "#runtime/store/storage.ts";
import type { Connector } from "#schemas/connector.ts";
import type { FlowNode } from "#schemas/flow.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { ServiceOperation, WebhookOperation, WebhookVerification } from "#schemas/sourceOperation.ts";
import { ApiFailure } from "./errors.ts";
import { publicKeys } from "./publicKeys.ts";
import { contextsOf } from "./senders.ts";

/** Messages that share one commit. */
const GROUP = 100;
/** Their bodies together, unless one alone is longer: a group is one text in memory. */
const GROUP_CHARACTERS = 8_000_000;
/** Commits under way at once. */
const LANES = 2;
/** What a sender is asked to wait when a commit failed. */
const RETRY_AFTER_SECONDS = 5;
/** What a sender is asked to wait when there is no room: that takes a person, or the end of a month. */
const ROOM_AFTER_SECONDS = 60;
/** A code that is said back: nothing that could be taken for a page. */
const echoed = /^[\w.~+/=:-]{1,1000}$/;
/** What a sender is asked to wait when an environment has taken what it takes in a second. */
const RATE_AFTER_SECONDS = 1;
/** Headers kept with a message: what tells where it came from, never cookies, keys or authorization. */
const keptHeader = /^(content-type|user-agent|x-.*)$/;

export interface Delivery {
  environment: string;
  flow: string;
  node: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** What stands behind the question mark; none where it comes from inside. */
  query?: Readonly<Record<string, unknown>>;
  raw: Buffer;
}

type Address = Pick<Delivery, "environment" | "flow" | "node">;

/** A question whether an address is ours; `address` is how the outside knows it. */
export interface Challenged extends Asked {
  address: string;
}

/** What came to an address with something behind its question mark. */
interface Asked extends Address {
  query: Readonly<Record<string, unknown>>;
}

/** The source behind an address, open to whoever has proved who it is. */
export interface Entrance<Operation> {
  deployed: DeployedFlow;
  node: FlowNode;
  operation: Operation;
  connection: OpenConnection;
  bindingId: string;
}

/** A call that was accepted, and how long its caller waits for the answer. */
export interface Called extends Accepted {
  waitMs: number;
}

export interface Intake {
  /** Verifies and commits one message of a webhook; throws ApiFailure with the reason when it is not accepted. */
  accept(delivery: Delivery): Promise<Accepted & { status: number }>;
  /** What a system is answered that makes sure the address is ours; throws ApiFailure where it is nobody's. */
  challenge(asked: Challenged): Promise<Record<string, string>>;
  /** The code that a POST has to be answered with as it is; undefined where it asks for nothing of the kind. */
  echo(asked: Asked): Promise<string | undefined>;
  /** Verifies and commits one call of a service, as `accept` does. */
  call(delivery: Delivery): Promise<Called>;
  /** Verifies who asks at the address of a service. */
  enter(delivery: Delivery): Promise<Entrance<ServiceOperation>>;
}

/** Accepts messages: verify on the raw bytes, parse, commit, and only then answer. */
export function intake(parts: EngineParts): Intake {
  const commit = groupCommit<Acceptable, Accepted>((group) => insertAccepted(parts.hotDb, group), {
    most: GROUP,
    lanes: LANES,
    sizeOf: (message) => message.body.length,
    mostSize: GROUP_CHARACTERS,
    worthAlone: (error) => !isDatabaseAway(error),
  });
  const bindings = new Map<string, Promise<string>>();
  const keysOf = publicKeys(parts);
  const orderOf = hintOrders(parts.queues, parts.settings);

  const bindingOf = (deployed: DeployedFlow, node: string, connectionId: string): Promise<string> => {
    const key = `${deployed.environment}/${deployed.flow}/${node}/${connectionId}`;
    let known = bindings.get(key);
    if (!known) {
      known = bindingId(parts.db, deployed.environment, deployed.flow, node, connectionId);
      known.catch(() => bindings.delete(key));
      bindings.set(key, known);
    }
    return known;
  };

  return {
    accept: passing(async (delivery) => {
      const entrance = await open(delivery, "webhook");
      const accepted = await take(entrance, delivery);
      return { ...accepted, status: entrance.operation.acknowledge?.status ?? 202 };
    }),
    async challenge({ query, address, ...place }) {
      const source = await found(place, "webhook");
      const challenge = source?.operation.transport === "webhook" ? source.operation.challenge : undefined;
      const code = challenge && query[challenge.query];
      if (!source || !challenge || "echo" in challenge || typeof code !== "string" || code === "")
        throw new ApiFailure("unknownHook");
      return challengeAnswer(challenge, source.connection, { challenge: code, address });
    },
    async echo({ query, ...place }) {
      const source = await found(place, "webhook");
      const challenge = source?.operation.transport === "webhook" ? source.operation.challenge : undefined;
      const code = challenge && "echo" in challenge ? query[challenge.query] : undefined;
      return typeof code === "string" && echoed.test(code) ? code : undefined;
    },
    call: passing(async (delivery) => {
      const entrance = await open(delivery, "service");
      const accepted = await take(entrance, delivery);
      if (accepted.differs) throw new ApiFailure("idempotencyKeyReused");
      // Whoever calls a paused flow would wait for a person.
      const waitMs = entrance.deployed.state === "paused" ? 0 : timeoutOf(entrance);
      return { ...accepted, waitMs };
    }),
    enter: passing((delivery) => open(delivery, "service")),
  };

  async function open<Transport extends "webhook" | "service">(
    delivery: Delivery,
    transport: Transport,
  ): Promise<Entrance<Extract<WebhookOperation | ServiceOperation, { transport: Transport }>>> {
    type Operation = Extract<WebhookOperation | ServiceOperation, { transport: Transport }>;
    const source = await found(delivery, transport);
    if (!source) throw new ApiFailure(transport === "webhook" ? "unknownHook" : "unknownService");
    const { deployed, node, connection, connector } = source;
    const operation = source.operation as Operation;
    await verified(operation, connector, connection, delivery);
    const binding = await bindingOf(deployed, delivery.node, connection.id);
    return { deployed, node, operation, connection, bindingId: binding };
  }

  /** Throws what the sender did not prove; 503 where its public key cannot be had just now. */
  async function verified(
    operation: WebhookOperation | ServiceOperation,
    connector: Connector | undefined,
    connection: OpenConnection,
    delivery: Delivery,
  ): Promise<void> {
    const { headers, raw, flow, node } = delivery;
    const { verify: verification } = operation;
    const keys = verification.type === "publicKey" && connector && keysOf(verification, connector, connection);
    const found = keys
      ? await verifyByPublicKey(verification, headers, raw, keys).catch((cause: unknown) => {
          throw new ApiFailure("notCommitted", {}, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
        })
      : verification.type === "token"
        ? verifyToken(verification, connection, { query: delivery.query ?? {}, body: bodyWithToken(verification, delivery) })
        : verifyByAny(verification, await contextsOf(parts, operation, connection, { flow, node }), headers, raw);
    if (!found.ok) throw new ApiFailure(found.why, { header: found.header });
  }

  /** Read before anybody is trusted, where the token stands in it. */
  function bodyWithToken({ body }: Extract<WebhookVerification, { type: "token" }>, delivery: Delivery): unknown {
    return body === undefined ? undefined : parseBody(delivery, parts.settings.maxJsonDepth);
  }

  /** The source behind an address, whoever asks. */
  async function found(address: Address, transport: "webhook" | "service") {
    const deployed = await parts.deployments.find(address.environment, address.flow);
    for (const version of deployed ? versionsWith(deployed, address.node) : []) {
      const node = version.flow.nodes.find((each) => each.id === address.node);
      const connection = node?.slot ? deployed?.connections.get(node.slot) : undefined;
      if (!deployed || !node || !connection) continue;
      const { lock } = await deployed.plan(version.id, null);
      const operation = operationOf(lock, lock.manifests[node.type]);
      const connector = lock.connectors[connection.connector];
      if (operation?.transport === transport) return { deployed, node, operation, connection, connector };
    }
    return undefined;
  }

  /** Throws when an environment that takes so many messages a second alone has taken them. */
  async function requireRate(environment: string): Promise<void> {
    const { acceptedPerSecond } = await parts.deployments.limits(environment);
    if (acceptedPerSecond === null) return;
    const permit = await parts.admission.enter(intakeDoor(environment, acceptedPerSecond));
    if (!permit)
      throw new ApiFailure("intakeLimited", { environment, most: acceptedPerSecond }, { retryAfterSeconds: RATE_AFTER_SECONDS });
    permit.leave();
  }

  async function take(
    { deployed, node, operation, bindingId }: Entrance<WebhookOperation | ServiceOperation>,
    delivery: Delivery,
  ): Promise<Accepted> {
    const body = withoutToken(operation.verify, parseBody(delivery, parts.settings.maxJsonDepth));
    const { dedupeKey, ...keys } = intakeKeys(operation, { headers: delivery.headers, body });
    const contentHash = sha256(delivery.raw);
    const version = pickVersion(versionsWith(deployed, node.id), keys.documentKey ?? contentHash);
    const incoming: Incoming = {
      body,
      contentHash,
      ...keys,
      dedupeKey: dedupeKey ?? unkeyed(operation, contentHash),
      headers: Object.fromEntries(Object.entries(delivery.headers).filter(([name]) => isKept(operation, name))),
      milestone: operation.milestone,
      called: operation.transport === "service",
      ...(version ? { port: entryPort(await deployed.plan(version.id, null), node.id) } : {}),
    };
    const message = acceptableOf(deployed, { bindingId, node: node.id }, incoming);
    if (!message) throw new ApiFailure(operation.transport === "webhook" ? "unknownHook" : "unknownService");
    await requireRate(deployed.environment);
    const order = await orderOf(deployed.environment, deployed.flow);
    const accepted = await commit({ ...message, hinted: order !== "later" }).catch((error: unknown) => {
      throw notCommitted(error);
    });
    if (accepted.taskId && accepted.ready && order !== "later") hint(parts, deployed.environment, accepted.taskId, order);
    return accepted;
  }
}

/** What a deliverer may try again is said so, wherever it arose. */
const passing =
  <Result>(act: (delivery: Delivery) => Promise<Result>) =>
  (delivery: Delivery): Promise<Result> =>
    act(delivery).catch((error: unknown) => {
      throw isPassing(error) ? notCommitted(error) : error;
    });

const notCommitted = (cause: unknown): ApiFailure =>
  cause instanceof StorageFull || isDiskFull(cause)
    ? new ApiFailure("storageFull", {}, { retryAfterSeconds: ROOM_AFTER_SECONDS, cause })
    : new ApiFailure("notCommitted", {}, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });

/** A marketplace that names no event sends the same body for the same one; two calls with one body are two calls. */
const unkeyed = ({ transport }: WebhookOperation | ServiceOperation, contentHash: string): string =>
  transport === "webhook" ? `body ${contentHash}` : `call ${newId()}`;

/** The header with the key is a secret. */
const isKept = ({ verify: by }: WebhookOperation | ServiceOperation, name: string): boolean =>
  keptHeader.test(name) && !(by.type === "apiKey" && name === proofHeader(by).toLowerCase());

function timeoutOf({ node, operation }: Entrance<ServiceOperation>): number {
  const own = node.config?.timeoutSeconds;
  return typeof own === "number" ? own * 1000 : operation.timeoutMs;
}

/** Not awaited: the task is committed, and the sweep hints what the queue does not take. */
function hint(parts: EngineParts, environment: string, task: string, order: HintOrder): void {
  parts.queues
    .hint("evaluate", { environment, workerGroup: "default" }, [{ task, epoch: 0 }], order)
    .catch((error: unknown) => parts.log.debug({ task, error: String(error) }, "The queue took no hint."));
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

function parseBody(delivery: Delivery, maxDepth: number): unknown {
  if (delivery.raw.length === 0) throw new ApiFailure("bodyEmpty");
  try {
    return parseJson(utf8.decode(delivery.raw), { maxDepth });
  } catch (error) {
    const detail = error instanceof JsonError ? error.message : "it is not UTF-8 text.";
    throw new ApiFailure("bodyNotJson", { detail });
  }
}
