import { describe, expect, it } from "vitest";
import { sampleBindings, sampleCatalog, sampleFlow } from "#nodes/sample.fixture.ts";
import { type Job, type PreviewPlan, perform } from "./evaluation.ts";

const plan: PreviewPlan = { environment: "dev", flow: sampleFlow, catalog: sampleCatalog, bindings: sampleBindings, pins: {} };
const sample = { name: "one", title: "One", source: "orders", input: { id: 7, amounts: ["1.10", "2.20"], paid: true } };

const run = async (job: Partial<Extract<Job, { kind: "flow" }>> = {}) => {
  const outcome = await perform({ kind: "flow", plan, sample, ...job });
  if (outcome.kind !== "flow") throw new Error(outcome.kind);
  return outcome.run;
};
const source = { node: "orders", system: "stall", account: "stall-1" };
const express = (text: string, input: unknown) => perform({ kind: "expression", text, input, source });

describe("a draft on a sample", () => {
  it("runs to its end, with what each port carries and what each effect would send", async () => {
    const { nodes, requests, unanswered, failures } = await run();
    expect(nodes.shape?.outputs.out).toEqual([{ number: "7", amounts: ["1.10", "2.20"], paid: true }]);
    expect(requests.erp?.[0]).toMatchObject({ method: "PUT", body: { number: "7", total: "3.30", from: "stall-1" } });
    // Nobody knows what the system would answer: said, not made up; what relies on the answer finds nothing.
    expect(unanswered).toEqual(["erp"]);
    expect(failures.map(({ node }) => node)).toEqual(["after"]);
  });

  it("takes a pinned result before the sample's answer, and the answer as the connector reads it", async () => {
    const answers = { erp: { status: 200, body: { id: "from the sample" } } };
    expect((await run({ sample: { ...sample, answers } })).nodes.after?.outputs.out).toEqual(["from the sample"]);
    const pinned = await run({ sample: { ...sample, answers }, plan: { ...plan, pins: { erp: { id: "pinned" } } } });
    expect(pinned.nodes.after?.outputs.out).toEqual(["pinned"]);
    expect(pinned.unanswered).toEqual([]);
  });

  it("says at which node it fails, by the connector's own rules", async () => {
    const answers = { erp: { status: 400, body: { text: "no such customer" } } };
    const { state, failures, nodes } = await run({ sample: { ...sample, answers } });
    expect(state).toBe("DEAD");
    expect(failures[0]).toMatchObject({ node: "erp", class: "rejected" });
    expect(nodes.erp?.status).toBe("failed");
  });

  it("that cannot run at all is refused with a sentence", async () => {
    const flow = { ...sampleFlow, nodes: [...sampleFlow.nodes, { id: "x", type: "nowhere" }] };
    await expect(run({ plan: { ...plan, flow } })).rejects.toThrow('Node "x" has the type "nowhere"');
  });
});

describe("an expression by itself", () => {
  it("gives its value, with the run's variables and the decimal functions", async () => {
    expect(await express("$add(a, '0.2') & $source.account", { a: "0.1" })).toEqual({
      kind: "expression",
      result: { ok: true, value: "0.3stall-1" },
    });
  });

  it("says why it failed, and where", async () => {
    expect(await express("1 + 'a'", null)).toMatchObject({ result: { ok: false, position: 3 } });
  });
});
