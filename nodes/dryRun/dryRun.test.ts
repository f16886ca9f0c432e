import { describe, expect, test } from "vitest";
import type { EffectCall, RawResponse } from "#nodes/plan.ts";
import { sampleClock, sampleFlow, samplePlan } from "#nodes/sample.fixture.ts";
import type { Flow } from "#schemas/flow.ts";
import { dryRun } from "./dryRun.ts";

const order = { id: 7, amounts: ["1.10", "2.20"], paid: true };
const ok = (body: unknown): RawResponse => ({ status: 200, headers: {}, body: JSON.stringify(body) });

/** Runs on a target that gives these answers by node, and remembers what it was asked. */
async function run(answers: Record<string, RawResponse>, item: unknown = order, flow: Flow = sampleFlow) {
  const asked: EffectCall[] = [];
  const result = await dryRun(samplePlan(flow), item, sampleClock, {
    perform: async (call) => {
      asked.push(call);
      const answer = answers[call.node];
      if (!answer) throw new Error(`Nobody answers for node "${call.node}".`);
      return answer;
    },
  });
  return { ...result, asked };
}

describe("a dry run", () => {
  test("goes through segments and effects to the end, with the data of every port", async () => {
    const { state, failures, nodes, asked } = await run({ erp: ok({ id: "so-1" }) });
    expect([state, failures]).toEqual(["SUCCEEDED", []]);
    expect(asked.map((call) => [call.node, call.effectKey])).toEqual([["erp", "dev/book%2F1/book.post/7/create"]]);
    expect(asked[0]?.request.body).toMatchObject({ number: "7", total: "3.30", from: "stall-1" });
    expect(nodes.orders).toEqual({ status: "done", inputs: {}, outputs: { out: [order] } });
    expect(nodes.route?.outputs).toEqual({ paid: nodes.shape?.outputs.out });
    expect(nodes.erp?.outputs).toEqual({
      out: [{ number: "7", amounts: ["1.10", "2.20"], paid: true, answer: { id: "so-1" } }],
      result: [{ id: "so-1" }],
    });
    expect(nodes.after).toMatchObject({ status: "done", outputs: { out: ["so-1"] } });
    expect(nodes.read).toEqual({ status: "notReached", inputs: {}, outputs: {} });
  });

  test("asks only where the switch leads", async () => {
    const { asked, nodes } = await run({ read: ok({ orders: [] }) }, { ...order, paid: false });
    expect(asked.map((call) => [call.node, call.read])).toEqual([["read", true]]);
    expect(nodes.erp?.status).toBe("notReached");
  });

  test("ends with the class and reason of a target that refuses, and follows nothing behind it", async () => {
    const { state, failures, nodes } = await run({ erp: { status: 409, headers: {}, body: "{}" } });
    expect(state).toBe("DEAD");
    expect(failures).toMatchObject([{ node: "erp", class: "duplicate" }]);
    expect(nodes.erp).toMatchObject({ status: "failed", class: "duplicate", inputs: { in: [{ number: "7" }] } });
    expect(nodes.after?.status).toBe("notReached");
  });

  test("ends with a pure node's failure before any effect of the segment", async () => {
    const { state, failures, asked } = await run({}, { ...order, paid: "yes" }, withCase("$error('no')"));
    expect([state, asked]).toEqual(["DEAD", []]);
    expect(failures).toMatchObject([{ node: "route", class: "invalid" }]);
  });

  test("a target that cannot be reached is a failure of its node, never a rejection", async () => {
    const { failures } = await run({});
    expect(failures).toMatchObject([{ node: "erp", class: "bug", reason: { message: 'Nobody answers for node "erp".' } }]);
  });

  test("is PARTIAL when one way ends well and another does not", async () => {
    const flow = structuredClone(sampleFlow);
    flow.edges.push({ id: "e6", from: { node: "erp", port: "result" }, to: { node: "read", port: "in" } });
    const { state, failures } = await run({ erp: ok({ id: "so-1" }) }, order, flow);
    expect(state).toBe("PARTIAL");
    expect(failures.map((failure) => failure.node)).toEqual(["read"]);
  });

  test("does the same effect once, though two ways lead to it", async () => {
    const flow = structuredClone(sampleFlow);
    flow.edges.push({ id: "e6", from: { node: "shape", port: "out" }, to: { node: "erp", port: "in" } });
    const { asked, effects, state, nodes } = await run({ erp: ok({ id: "so-1" }) }, order, flow);
    expect([asked.length, effects.length, state]).toEqual([1, 2, "SUCCEEDED"]);
    expect(nodes.erp?.outputs.result).toEqual([{ id: "so-1" }, { id: "so-1" }]);
  });
});

function withCase(when: string): Flow {
  const flow = structuredClone(sampleFlow);
  const route = flow.nodes.find((node) => node.id === "route");
  if (route) route.config = { cases: [{ port: "paid", when }] };
  return flow;
}
