import { randomInt, randomUUID } from "node:crypto";
import { Type } from "typebox";
import { operationOf } from "#nodes/connector/operation.ts";
import { signWebhook } from "#nodes/connector/verifyWebhook.ts";
import { withToken } from "#nodes/connector/webhookToken.ts";
import { plainPathTemplate } from "#nodes/expression/template.ts";
import { readDraft } from "#runtime/store/flows.ts";
import { tellSent } from "#runtime/store/samples.ts";
import { SampleSent, Samples } from "#schemas/api.ts";
import { FlowSample } from "#schemas/sample.ts";
import type { WebhookOperation } from "#schemas/sourceOperation.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { samplesOf } from "../samples.ts";
import { contextsOf } from "../senders.ts";
import { keptOf } from "./keptSamples.ts";

/** Samples of a flow, and sending one the way the real system would. */
export function sampleRoutes(app: App, { engine, intake }: ApiParts): void {
  app.get(
    "/flows/:flow/samples",
    {
      schema: {
        tags: ["samples"],
        summary: "A flow's samples",
        params: Type.Object({ flow: Type.String() }),
        response: { 200: Samples },
      },
    },
    async (request) => {
      const { flow } = request.params;
      if (!(await readDraft(engine.db, flow))) throw new ApiFailure("notFound", { what: `flow ${flow}` });
      const [samples, kept] = await Promise.all([samplesOf(engine.db, flow), keptOf(engine.db, flow)]);
      return {
        items: samples.map(({ name, title, source, expect: { outcome } }) => ({
          ...{ name, title, source },
          expected: outcome,
          kept: kept(name),
        })),
        maxBytes: engine.settings.maxSampleBytes,
      };
    },
  );

  app.get(
    "/flows/:flow/samples/:name",
    {
      schema: {
        tags: ["samples"],
        summary: "One sample: its message, what systems answer to it, and what must become of it",
        params: Type.Object({ flow: Type.String(), name: Type.String() }),
        response: { 200: FlowSample },
      },
    },
    async (request) => {
      const { flow, name } = request.params;
      const sample = (await samplesOf(engine.db, flow)).find((each) => each.name === name);
      if (!sample) throw new ApiFailure("notFound", { what: `sample ${name} of flow ${flow}` });
      return sample;
    },
  );

  app.post(
    "/environments/:environment/flows/:flow/samples/:name/send",
    {
      schema: {
        tags: ["samples"],
        summary: "Sign a sample as its sandbox system would and deliver it to the flow's webhook",
        params: Type.Object({ environment: Type.String(), flow: Type.String(), name: Type.String() }),
        response: { 202: SampleSent },
      },
    },
    async (request, reply) => {
      const { environment, flow, name } = request.params;
      await requireEnvironment(engine.db, environment);
      const sample = (await samplesOf(engine.db, flow)).find((each) => each.name === name);
      if (!sample) throw new ApiFailure("notFound", { what: `sample ${name} of flow ${flow}` });
      const { operation, connection } = await sandboxSource(environment, flow, sample.source);
      const [sender = connection] = await contextsOf(engine, operation, connection, { flow, node: sample.source });
      const { body, query } = withToken(operation.verify, sender, freshDocument(sample.input, operation));
      const raw = Buffer.from(JSON.stringify(body));
      const sent = withoutIds(sample.headers);
      const headers = { ...sent, ...signWebhook(operation.verify, sender, raw, { headers: sent }) };
      await tellSent(engine.db, { environment, flow, sample: name }, actorOf(request));
      const accepted = await intake.accept({ environment, flow, node: sample.source, headers, query, raw });
      return reply.code(202).send({ receipt: accepted.receipt, runId: accepted.runId });
    },
  );

  async function sandboxSource(environment: string, flow: string, nodeId: string) {
    const deployed = await engine.deployments.find(environment, flow);
    const version = deployed?.versions[0];
    const node = version?.flow.nodes.find((each) => each.id === nodeId);
    const connection = node?.slot ? deployed?.connections.get(node.slot) : undefined;
    if (!deployed || !version || !node || !connection)
      throw new ApiFailure("notFound", { what: `deployment of ${flow} in ${environment}` });
    if (!connection.sandbox) throw new ApiFailure("notSandbox", { connection: connection.name });
    const { lock } = await deployed.plan(version.id, null);
    const manifest = lock.manifests[node.type];
    const operation = operationOf(lock, manifest);
    if (operation?.transport !== "webhook") throw new ApiFailure("notFound", { what: `webhook source ${nodeId}` });
    return { operation, connection };
  }
}

/** The sample under an id of its own, so that each sending is a new document. */
function freshDocument(input: unknown, operation: WebhookOperation): unknown {
  const body = structuredClone(input);
  for (const path of plainPathTemplate(operation.documentKey).paths) {
    const [root, ...steps] = path.split(".");
    const last = steps.pop();
    const holder = steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], body);
    if (root !== "body" || last === undefined || typeof holder !== "object" || holder === null) continue;
    (holder as Record<string, unknown>)[last] = randomInt(1e12, 9e12);
  }
  return body;
}

/** A fresh delivery: ids that the sender gives each event are made anew. */
const withoutIds = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, /-id$/.test(name) ? randomUUID() : value]));
