import { operationManifest } from "#nodes/connector/manifest.ts";
import { readAnswer } from "#nodes/connector/readAnswer.ts";
import { renderEffect } from "#nodes/connector/renderEffect.ts";
import type { AnswerResult, EffectCall, Plan, RawResponse, RunClock } from "#nodes/plan.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import { readJson, readText, shop } from "./mapping.fixture.ts";

const clock: RunClock = { runId: "run", now: "2026-11-23T10:00:00.000Z", seed: "seed", sourceNode: "orders" };

/** One effect of the shipped flow with its connection, rendered and read as the product does it. */
export function effectOf(nodeId: "erp" | "wms", config: Record<string, unknown>, account: string) {
  const flow = readJson("../../flows/shopify-order-to-cash.flow.json") as Flow;
  const node = flow.nodes.find(({ id }) => id === nodeId);
  if (!node) throw new Error(`The flow has no node ${nodeId}.`);
  const [connectorId = "", operation = ""] = node.type.split(".");
  const connector = readJson(`./${connectorId}.connector.json`) as Connector;
  const manifest = operationManifest(connector, operation);
  const file = connectorId === "netsuite" ? "netsuite.salesOrder.jsonata" : "shiphero.order.jsonata";
  const plan: Plan = {
    key: "plan",
    environment: "dev",
    flow,
    lock: {
      manifests: { [node.type]: manifest },
      connectors: { [connectorId]: connector },
      mappings: { [`${connectorId}/${file}`]: readText(`./${file}`) },
      schemas: {},
    },
    bindings: {
      shop: { connectionId: "shop", connector: "shopify", account: shop, config: { shopDomain: shop } },
      [nodeId]: { connectionId: nodeId, connector: connectorId, account, config },
    },
  };
  return {
    connector,
    render: (item: unknown): Promise<EffectCall> => renderEffect(plan, node, manifest, item, clock),
    read: (response: Partial<RawResponse>, question: "request" | "lookup" = "request"): Promise<AnswerResult> =>
      readAnswer(plan, {
        planKey: plan.key,
        node: nodeId,
        item: { channel: { system: "shopify", account: "northwind" }, externalId: "1" },
        clock,
        question,
        response: { status: 200, headers: {}, body: "", ...response },
      }),
  };
}
