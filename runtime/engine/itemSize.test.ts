import { describe, expect, it } from "vitest";
import type { Plan } from "#nodes/plan.ts";
import type { NewTask } from "#runtime/store/outcomes.ts";
import { itemBefore, tooLargeItem } from "./itemSize.ts";

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

  it("goes the error way as what was given to what made it", () => {
    const order = { id: 7, lines: [] };
    expect(itemBefore(order, null, 100)).toBe(order);
    expect(itemBefore(order, [1, 2], 100)).toBe(order);
  });

  it("goes there from a join as the first of what was gathered, within half the limit, and how many there were", () => {
    const line = (n: number) => ({ order: "SO-1", n });
    const gathered = Array.from({ length: 50 }, (_, n) => line(n));
    const first = { items: [line(0), line(1)], arrived: 50 };
    expect(itemBefore(null, gathered, 100)).toEqual(first);
    expect(itemBefore(null, { items: gathered, expected: 60, arrived: 50, timedOut: true }, 100)).toEqual(first);
    expect(itemBefore(null, [line(0)], 100)).toEqual({ items: [line(0)], arrived: 1 });
    expect(itemBefore(null, ["x".repeat(60), 1], 100)).toEqual({ items: [], arrived: 2 });
  });
});
