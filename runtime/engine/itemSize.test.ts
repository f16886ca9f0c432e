import { describe, expect, it } from "vitest";
import type { Plan } from "#nodes/plan.ts";
import type { NewTask } from "#runtime/store/outcomes.ts";
import { tooLargeItem } from "./itemSize.ts";

const plan = {
  flow: {
    edges: [
      { id: "e1", from: { node: "map", port: "out" }, to: { node: "erp", port: "in" } },
      { id: "e2", from: { node: "other", port: "out" }, to: { node: "erp", port: "in" } },
    ],
  },
} as unknown as Plan;

const task = (more: Partial<NewTask>): NewTask => ({
  id: "t",
  kind: "effect",
  node: "erp",
  port: null,
  itemPath: "",
  input: "{}",
  call: null,
  effectKey: null,
  connectionId: null,
  workerGroup: "default",
  inPlace: false,
  intent: null,
  ...more,
});

describe("an item that is too large", () => {
  it("is counted in bytes, at the limit allowed and one above refused", () => {
    expect(tooLargeItem(plan, [task({ input: "x".repeat(100) })], 100)).toBeUndefined();
    expect(tooLargeItem(plan, [task({ input: "x".repeat(101) })], 100)).toMatchObject({ class: "tooLarge" });
    expect(tooLargeItem(plan, [task({ input: "€".repeat(34) })], 100)?.reason.message).toContain("102 bytes; 100 are allowed");
  });

  it("names the node that made it, its size and the setting", () => {
    const input = "x".repeat(200);
    const fed = tooLargeItem(plan, [task({}), task({ input })], 100, ["e2"]);
    expect(fed).toMatchObject({ node: "other", reason: { code: "itemTooLarge", params: { nodes: ["other"], bytes: 200 } } });
    expect(fed?.reason.hint).toContain("ORDERLOOM_MAX_ITEM_BYTES");
    expect(tooLargeItem(plan, [task({ input })], 100)?.reason.message).toContain('Node "map" or "other"');
    expect(tooLargeItem(plan, [task({ kind: "segment", port: "out", input })], 100)?.node).toBe("erp");
    expect(tooLargeItem(plan, [task({ call: input })], 100)).toMatchObject({ node: "erp", reason: { code: "requestTooLarge" } });
  });
});
