import { authorize } from "#nodes/connector/authorize.ts";
import { baseUrl, systemAccount } from "#nodes/connector/connection.ts";
import { operationManifest } from "#nodes/connector/manifest.ts";
import { type PollPosition, type PollResult, poll } from "#nodes/connector/poll.ts";
import { readAnswer } from "#nodes/connector/readAnswer.ts";
import { renderEffect } from "#nodes/connector/renderEffect.ts";
import type { AnswerResult, EffectCall, Plan, RawResponse, RenderedRequest, RunClock } from "#nodes/plan.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { evaluate, readJson, readText } from "./mapping.fixture.ts";

type Tree = Record<string, unknown>;

/** What a test knows of a connection. */
export interface Known {
  config: Tree;
  secrets: Record<string, string>;
}

/** A sample of an operation that sends: an item, and what the system answers to its request. */
export interface Exchange {
  title: string;
  item: unknown;
  config?: Tree;
  answer: RawResponse;
}

const clock: RunClock = { runId: "run", now: "2026-11-23T10:00:00.000Z", seed: "seed", sourceNode: "node" };

/** A round that began a while after what it asks for, and one that asks for all until now. */
export const position: PollPosition = {
  now: "2026-11-23T10:00:00.000Z",
  since: "2026-11-20T10:00:00.000Z",
  until: "2026-11-20T16:00:00.000Z",
  cursor: "2026-11-20T10:05:00.000Z",
  page: null,
};

export const connectorOf = (id: string): Connector => readJson(`./${id}.connector.json`) as Connector;

/** The texts of the mappings that a connector's operations name. */
function mappingsOf(connector: Connector): Record<string, string> {
  const files = JSON.stringify(connector.operations).matchAll(/"bodyFile":"([^"]+)"/g);
  return Object.fromEntries([...files].map(([, file = ""]) => [`${connector.id}/${file}`, readText(`./${file}`)]));
}

/** One operation of a connector in a flow of one node, rendered and read as the product does it. */
export function operationOf(of: string | Connector, name: string, { config }: Known, nodeConfig: Tree = {}) {
  const connector = typeof of === "string" ? connectorOf(of) : of;
  const connectorId = connector.id;
  const manifest = operationManifest(connector, name);
  const node = { id: "node", type: manifest.type, slot: "system", config: nodeConfig } as FlowNode;
  const plan: Plan = {
    key: "plan",
    environment: "dev",
    flow: { nodes: [node], edges: [] } as unknown as Flow,
    lock: {
      manifests: { [manifest.type]: manifest },
      connectors: { [connectorId]: connector },
      mappings: mappingsOf(connector),
      schemas: {},
    },
    bindings: {
      system: { connectionId: "system", connector: connectorId, account: systemAccount(connector, config), config },
    },
  };
  const page = (at: Partial<PollPosition>, response?: RawResponse): Promise<PollResult> => {
    const job = { planKey: plan.key, node: node.id, at: { ...position, ...at } };
    return poll(plan, response === undefined ? { ...job, want: "request" } : { ...job, want: "page", response });
  };
  return {
    connector,
    operation: connector.operations[name],
    render: (item: unknown, controlNumber?: number, at: Partial<RunClock> = {}): Promise<EffectCall> =>
      renderEffect(plan, node, manifest, item, { ...clock, ...at }, controlNumber),
    read: (
      item: unknown,
      response: Partial<RawResponse>,
      question: "request" | "lookup" = "request",
      before?: unknown[],
      once?: string,
    ): Promise<AnswerResult> =>
      readAnswer(plan, {
        planKey: plan.key,
        node: node.id,
        item,
        clock,
        question,
        response: { status: 200, headers: {}, body: "", ...response },
        ...(before ? { before } : {}),
        ...(once === undefined ? {} : { once }),
      }),
    /** The request for a page. */
    async ask(at: Partial<PollPosition> = {}): Promise<RenderedRequest> {
      const result = await page(at);
      if (result.ok && "request" in result) return result.request;
      throw new Error(`The request of ${connectorId}.${name} could not be made: ${JSON.stringify(result)}`);
    },
    readPage: (response: Partial<RawResponse>, at: Partial<PollPosition> = {}): Promise<PollResult> =>
      page(at, { status: 200, headers: {}, body: "", ...response }),
  };
}

export interface SentRequest {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: unknown;
}

/** A request as it leaves, proof included; `token` stands for what a token endpoint gave. */
export async function sent(
  connector: Connector,
  known: Known,
  request: RenderedRequest,
  token = "a-token",
): Promise<SentRequest> {
  const url = new URL(baseUrl(connector, known.config, request.base) + request.path);
  for (const [name, value] of Object.entries(request.query)) url.searchParams.set(name, value);
  const { method, body, contentType } = request;
  const announced = body === undefined ? {} : { "content-type": contentType ?? "application/json" };
  const headers = { accept: "application/json", ...announced, ...request.headers };
  const text = body === undefined ? null : JSON.stringify(body);
  const proof = await authorize(
    connector,
    known,
    { method, url: url.href, headers, body: text },
    {
      moment: { now: new Date(position.now), uuid: "6f1c2a52-0d3e-4a7e-9d55-2f1f3a1f0a11" },
      evaluate: (expression, input) => evaluate(expression, input),
      token,
    },
  );
  for (const [name, value] of Object.entries(proof.query)) url.searchParams.set(name, value);
  return { method, url, headers: { ...headers, ...proof.headers }, body };
}
