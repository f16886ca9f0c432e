import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { connectorProblems } from "#nodes/connector/check.ts";
import { checkExpression, evaluateExpression } from "#nodes/expression/expression.ts";
import { makeLock } from "#nodes/lock.ts";
import { canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import { validateFlow } from "#schemas/validate/flow.ts";
import { quantile } from "../bench/measure/run.ts";
import { benchWorkload } from "../bench/workload/flow.ts";
import { orderText, signature } from "../bench/workload/order.ts";

const clock = { runId: "run", now: "2026-11-23T10:00:00.000Z", seed: "seed", sourceNode: "orders" };
const evaluate = (expression: unknown, input: unknown): Promise<unknown> =>
  evaluateExpression(String(expression), input, { clock, salt: "bench", variables: {} });

async function expressions() {
  const { flow } = await benchWorkload();
  const of = (id: string) => flow.nodes.find((node) => node.id === id)?.config?.expression;
  return { map: of("map"), check: of("check") };
}

describe("the reference workload", () => {
  it("is a flow and a connector as people make them", async () => {
    const { flow, catalog } = await benchWorkload();
    const schemas = canonicalSchemaNames();
    const { manifests, connectors } = catalog;
    expect(validateFlow(flow, { manifests, connectors, checkExpression, schemas })).toEqual([]);
    expect(connectorProblems(connectors["bench-target"], { mappings: {}, samples: [] })).toEqual([]);
    expect(Object.keys(makeLock(flow, catalog).connectors).sort()).toEqual(["bench-target", "shopify"]);
  });

  it("sends orders of about 8 KB that differ in id and time alone, signed over the body", () => {
    const text = orderText(5_000_000_000_001, 1_764_000_000_000.25);
    expect(Buffer.byteLength(text)).toBeGreaterThan(7_800);
    expect(Buffer.byteLength(text)).toBeLessThan(8_700);
    expect(JSON.parse(text)).toMatchObject({ id: 5_000_000_000_001, bench_t0: 1_764_000_000_000.3 });
    expect(signature(text)).not.toBe(signature(orderText(5_000_000_000_002, 1_764_000_000_000.25)));
  });

  it("maps thirty fields and the lines, and lets only complete orders through", async () => {
    const { map, check } = await expressions();
    const order = (await evaluate(map, JSON.parse(orderText(5_000_000_000_001, 7)))) as Record<string, unknown>;
    expect(Object.keys(order)).toHaveLength(30);
    expect(order).toMatchObject({
      externalId: "5000000000001",
      t0: 7,
      customerName: "Marta Okafor",
      email: "marta.okafor@example.com",
      total: 466.95,
      shippingTotal: 9.95,
      units: 4,
      discountCodes: ["SUMMIT15"],
      shipTo: { line1: "77 Foothill Trail", country: "US" },
    });
    expect(order.lines).toHaveLength(3);
    expect(await evaluate(check, order)).toEqual(order);
    for (const broken of [
      { ...order, currency: "usd" },
      { ...order, lines: [] },
      { ...order, shipTo: { country: "US" } },
    ]) {
      await expect(evaluate(check, broken)).rejects.toThrow(/\./);
    }
  });

  const peers = new URL("../../shared/peers/", import.meta.url);
  const hasPeers = existsSync(new URL("canonical.js", peers));
  if (!hasPeers) console.warn("Skipped: the peers' mapping is not on this machine.");

  it.skipIf(!hasPeers)("maps to the same order as the peers do", async () => {
    const { canonical } = createRequire(import.meta.url)(new URL("canonical.js", peers).pathname) as {
      canonical(order: unknown): unknown;
    };
    const { map } = await expressions();
    for (const text of [orderText(5_000_000_000_001, 7), readFileSync(new URL("shopify-order.json", peers), "utf8")]) {
      const order: unknown = JSON.parse(text);
      expect(await evaluate(map, order)).toEqual(canonical(order));
    }
  });
});

it("takes quantiles of few and of no values", () => {
  expect([quantile([3, 1, 2], 0.5), quantile([1, 2], 0.99), quantile([5], 0)]).toEqual([2, 2, 5]);
  expect(quantile([], 0.5)).toBeNaN();
});
