import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { operationManifest } from "#nodes/connector/manifest.ts";
import { effectOperationOf } from "#nodes/connector/operation.ts";
import { readAnswer } from "#nodes/connector/readAnswer.ts";
import { renderEffect } from "#nodes/connector/renderEffect.ts";
import { intakeKeys } from "#nodes/connector/webhook.ts";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import type { Catalog } from "#nodes/lock.ts";
import { makeLock } from "#nodes/lock.ts";
import type { AnswerResult, EffectCall, Plan, RawResponse } from "#nodes/plan.ts";
import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import { parseJson } from "#schemas/json.ts";
import { simulatedBindings } from "./simulated.ts";

/** How the samples of one connector came out. */
export interface ConnectorResult {
  connector: string;
  operations: number;
  samples: number;
  /** A sentence for each sample that does not come out as it should. */
  faults: string[];
}

/** A sample of an effect: an item, the node's config, and what the system answers. */
export interface Exchange {
  item: unknown;
  config?: Record<string, unknown>;
  answer: RawResponse;
}

const clock = { runId: "test", now: "2026-01-15T12:00:00.000Z", seed: "sample", sourceNode: "node" };

/**
 * Tries every sample of every connector as the engine would: a request is made of its item and its answer understood; a
 * document that comes in is known by its key.
 */
export async function testConnectors(root: string, catalog: Catalog): Promise<ConnectorResult[]> {
  const results: ConnectorResult[] = [];
  for (const connector of Object.values(catalog.connectors)) {
    const result: ConnectorResult = { connector: connector.id, operations: 0, samples: 0, faults: [] };
    for (const [name, operation] of Object.entries(connector.operations)) {
      result.operations += 1;
      for (const file of operation.samples) {
        result.samples += 1;
        const sample = parseJson(await readFile(join(root, "nodes/connectors/samples", file), "utf8"));
        const fault = await faultOf(catalog, connector, name, operation, sample).catch((error: unknown) =>
          error instanceof Error ? error.message : String(error),
        );
        if (fault !== undefined) result.faults.push(`${connector.id}/${file}: ${fault}`);
      }
    }
    results.push(result);
  }
  return results;
}

async function faultOf(
  catalog: Catalog,
  connector: Connector,
  name: string,
  operation: ConnectorOperation,
  sample: unknown,
): Promise<string | undefined> {
  if (operation.kind !== "source") return effectFault(catalog, connector, name, sample as Exchange);
  if (operation.transport === "poll") {
    const key = await evaluateExpression(operation.dedupeKey, sample, { clock, salt: "test", variables: {} });
    return key === undefined || key === "" ? "The record has no key." : undefined;
  }
  if (operation.transport !== "webhook") return undefined;
  return intakeKeys(operation, { headers: {}, body: sample }).documentKey === null ? "The document has no key." : undefined;
}

async function effectFault(catalog: Catalog, connector: Connector, name: string, sample: Exchange): Promise<string | undefined> {
  const { call, sink, read } = await exchanged(catalog, connector, name, sample);
  if (sink && call.documentKey === "") return "The document has no key.";
  return read.ok ? undefined : read.reason.message;
}

/** The request of a sample, and what the engine makes of its answer. */
export async function exchanged(
  catalog: Catalog,
  connector: Connector,
  name: string,
  sample: Exchange,
): Promise<{ call: EffectCall; sink: boolean; read: AnswerResult }> {
  const manifest = operationManifest(connector, name);
  const node = { id: "node", type: manifest.type, slot: "system", config: sample.config ?? {} };
  const flow = { id: "sample", nodes: [node], edges: [], slots: [{ name: "system", connector: connector.id }] } as object as Flow;
  const bindings = simulatedBindings(flow, catalog.connectors);
  const plan: Plan = { key: "sample", environment: "dev", flow, lock: makeLock(flow, catalog), bindings };
  const call = await renderEffect(plan, node, manifest, sample.item, clock);
  const sink = effectOperationOf(plan.lock, manifest, node.config)?.kind === "sink";
  const job = { planKey: plan.key, node: node.id, item: sample.item, clock, question: "request" as const };
  // Of several steps a sample has the answer to the last.
  return { call, sink, read: await readAnswer(plan, { ...job, response: { ...sample.answer, last: true } }) };
}
