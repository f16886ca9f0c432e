import { gunzipSync } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { operationOf } from "#nodes/connector/operation.ts";
import { verifyWebhook } from "#nodes/connector/verifyWebhook.ts";
import { intakeKeys } from "#nodes/connector/webhook.ts";
import { type DeployedFlow, type DeployedVersion, pickVersion } from "#runtime/engine/deployments.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { Acceptable, Accepted } from "#runtime/store/accept.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { isDatabaseAway, isDiskFull, isPassing } from "#runtime/store/database.ts";
import { bindingId } from "#runtime/store/deployments.ts";
import { type GroupCommit, groupCommit } from "#runtime/store/groupCommit.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { StorageFull } from "#runtime/store/storage.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import { ApiFailure } from "./errors.ts";
import { hookSchema } from "./openapi.ts";
import { isStorable } from "./storableText.ts";

/** Messages that share one commit. */
const GROUP = 100;
/** Their bodies together, unless one alone is longer: a group is one text in memory. */
const GROUP_CHARACTERS = 8_000_000;
/** Commits under way at once. */
const LANES = 2;
/** Longer keys are kept as their hash: an index entry must fit. */
const MAX_KEY = 512;
/** What a sender is asked to wait when a commit failed. */
const RETRY_AFTER_SECONDS = 5;
/** What a sender is asked to wait when there is no room: that takes a person, or the end of a month. */
const ROOM_AFTER_SECONDS = 60;
/** Headers kept with a message: what tells where it came from, never cookies or authorization. */
const keptHeader = /^(content-type|user-agent|x-.*)$/;

export interface Delivery {
  environment: string;
  flow: string;
  node: string;
  /** Lower-case names. */
  headers: Record<string, string>;
  raw: Buffer;
}

export interface Intake {
  /** Verifies and commits one delivery; throws ApiFailure with the reason when it is not accepted. */
  accept(delivery: Delivery): Promise<Accepted & { status: number }>;
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
    accept: (delivery) =>
      acceptOne(delivery).catch((error: unknown) => {
        throw isPassing(error) ? notCommitted(error) : error;
      }),
  };

  async function acceptOne(delivery: Delivery): Promise<Accepted & { status: number }> {
    const deployed = await parts.deployments.find(delivery.environment, delivery.flow);
    const route = deployed && (await routeOf(deployed, delivery.node));
    if (!deployed || !route) throw new ApiFailure("unknownHook");
    const { operation, connection } = route;
    const checked = verifyWebhook(operation.verify, connection, delivery.headers, delivery.raw);
    if (!checked.ok) {
      const header = operation.verify.type === "hmac" ? operation.verify.header : "";
      throw delivery.headers[header.toLowerCase()]
        ? new ApiFailure("signatureWrong")
        : new ApiFailure("signatureMissing", { header });
    }
    const body = parseBody(delivery, parts.settings.maxJsonDepth);
    const keys = intakeKeys(operation, { headers: delivery.headers, body });
    const contentHash = sha256(delivery.raw);
    const version = pickVersion(deployed.versions, keys.documentKey ?? contentHash);
    if (!version) throw new ApiFailure("unknownHook");
    const accepted = await committed(commit, {
      environment: deployed.environment,
      flow: deployed.flow,
      bindingId: await bindingOf(deployed, delivery.node, connection.id),
      sourceNode: delivery.node,
      dedupeKey: bounded(keys.dedupeKey ?? `body ${contentHash}`),
      contentHash,
      documentKey: keys.documentKey === null ? null : bounded(keys.documentKey),
      documentVersion: keys.documentVersion === null ? null : bounded(keys.documentVersion),
      ordered: version.flow.ordering !== "none",
      headers: Object.fromEntries(Object.entries(delivery.headers).filter(([name]) => keptHeader.test(name))),
      body: JSON.stringify(body),
      versionId: version.id,
      versionNumber: version.number,
      deploymentId: deployed.deploymentId,
      held: deployed.state === "paused",
      workerGroup: "default",
      milestone: operation.milestone ?? null,
    });
    if (accepted.taskId && accepted.ready) hint(parts, deployed.environment, accepted.taskId);
    return { ...accepted, status: operation.acknowledge?.status ?? 202 };
  }
}

const notCommitted = (cause: unknown): ApiFailure =>
  cause instanceof StorageFull || isDiskFull(cause)
    ? new ApiFailure("storageFull", {}, { retryAfterSeconds: ROOM_AFTER_SECONDS, cause })
    : new ApiFailure("notCommitted", {}, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });

async function routeOf(deployed: DeployedFlow, nodeId: string) {
  for (const version of deployed.versions) {
    const operation = await webhookOf(deployed, version, nodeId);
    if (operation) return operation;
  }
  return undefined;
}

async function webhookOf(deployed: DeployedFlow, version: DeployedVersion, nodeId: string) {
  const node = version.flow.nodes.find((each) => each.id === nodeId);
  const connection = node?.slot ? deployed.connections.get(node.slot) : undefined;
  if (!node || !connection) return undefined;
  const plan = await deployed.plan(version.id);
  const manifest = plan.lock.manifests[node.type];
  const operation = operationOf(plan.lock, manifest);
  return operation?.transport === "webhook" ? { operation, connection } : undefined;
}

async function committed(commit: GroupCommit<Acceptable, Accepted>, message: Acceptable): Promise<Accepted> {
  try {
    return await commit(message);
  } catch (error) {
    throw notCommitted(error);
  }
}

/** Not awaited: the task is committed, and the sweep hints what the queue does not take. */
function hint(parts: EngineParts, environment: string, task: string): void {
  parts.queues
    .hint("evaluate", { environment, workerGroup: "default" }, [{ task, epoch: 0 }])
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

/** A key that the database can hold and index; what cannot stand itself is kept as its hash, not refused for ever. */
function bounded(key: string): string {
  if (!isStorable(key)) return `sha256 ${sha256(JSON.stringify(key))}`;
  return key.length <= MAX_KEY ? key : `sha256 ${sha256(key)}`;
}

/** `POST /hooks/{environment}/{flow}/{node}`: the address that marketplaces call. */
export function hookRoutes(app: FastifyInstance, options: { intake: Intake; maxBodyBytes: number }): void {
  // The signature is over the bytes as they came; nothing may parse them first.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: options.maxBodyBytes }, (_request, body, done) =>
    done(null, body),
  );
  app.post<{ Params: { environment: string; flow: string; node: string } }>(
    "/hooks/:environment/:flow/:node",
    { schema: hookSchema },
    async (request, reply) => {
      const raw = unpacked(request, Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), options.maxBodyBytes);
      const accepted = await options.intake.accept({ ...request.params, headers: headersOf(request), raw });
      return answer(reply, accepted);
    },
  );
}

function answer(reply: FastifyReply, accepted: Accepted & { status: number }): FastifyReply {
  return reply.code(accepted.status).send({ receipt: accepted.receipt, duplicate: accepted.duplicate });
}

const headersOf = (request: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );

/** Senders that compress sign the uncompressed body. */
function unpacked(request: FastifyRequest, body: Buffer, limit: number): Buffer {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return body;
  if (encoding !== "gzip") throw new ApiFailure("unsupportedEncoding", { encoding });
  try {
    return gunzipSync(body, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new ApiFailure("bodyTooLarge", { limit });
    throw new ApiFailure("bodyNotJson", { detail: "it is not gzip although its content-encoding says so." });
  }
}
