import { expect, it } from "vitest";
import type { NodeManifest } from "../manifest.ts";
import { validateFlow } from "./flow.ts";

const problemsOf = (lifecycle: object, day: string) =>
  validateFlow(
    { kind: "flow", formatVersion: 1, id: "f", name: "F", slots: [{ name: "shop", connector: "shop" }], nodes: [], edges: [] },
    { manifests: {}, connectors: { shop: { title: "Shop", lifecycle } }, now: new Date(day) },
  ).flatMap(({ code, message, severity }) => (code.startsWith("connector.") ? [{ code, message, severity }] : []));

it.each([
  ["2026-06-01", []],
  ["2027-01-02", ["connector.sunsetSoon"]],
  ["2027-07-01T12:00:00Z", ["connector.sunsetSoon"]],
  ["2027-07-02", ["connector.sunset"]],
])("on %s a connector whose API ends on 2027-07-01 is %j", (day, codes) => {
  const found = problemsOf({ state: "live", apiVersion: "2026-07", sunset: "2027-07-01" }, day);
  expect(found.map(({ code }) => code)).toEqual(codes);
  for (const { message, severity } of found) {
    expect(severity).toBe("warning");
    expect(message).toMatch(
      /^Slot "shop": the connector Shop speaks to the API version 2026-07, which end(s|ed) on 2027-07-01\.$/,
    );
  }
});

it("warns of a connector that is deprecated, and of no other", () => {
  expect(problemsOf({ state: "deprecated" }, "2026-06-01")).toMatchObject([{ code: "connector.deprecated" }]);
  expect(problemsOf({ state: "live" }, "2026-06-01")).toEqual([]);
});

const nodeProblems = (lifecycle: object, day = "2026-06-01") =>
  validateFlow(
    {
      kind: "flow",
      formatVersion: 1,
      id: "f",
      name: "F",
      slots: [{ name: "shop", connector: "shop" }],
      nodes: [{ id: "orders", type: "shop.ordersOld", slot: "shop" }],
      edges: [],
    },
    { manifests: { "shop.ordersOld": { ...ordersOld, lifecycle } }, now: new Date(day) },
  ).flatMap(({ code, message, hint, pointer, severity }) =>
    pointer === "/nodes/0/type" ? [{ code, message, hint, severity }] : [],
  );

const ordersOld: NodeManifest = {
  type: "shop.ordersOld",
  version: "2.1.0",
  title: "Orders (v0)",
  summary: "",
  category: "source",
  kind: "source",
  icon: "shop",
  keywords: [],
  inputs: [],
  outputs: [{ name: "out", title: "Out" }],
  config: { type: "object" },
  connector: "shop",
  operation: "ordersOld",
};

it("warns of a node whose operation another one stands for, and names it", () => {
  expect(nodeProblems({ replacedBy: "shop.orders", apiVersion: "v0" })).toEqual([
    {
      code: "node.deprecated",
      severity: "warning",
      message: 'Node "orders": Orders (v0) (shop.ordersOld) is deprecated.',
      hint: expect.stringContaining("Use shop.orders in its place"),
    },
  ]);
  expect(nodeProblems({ apiVersion: "v0" })).toEqual([]);
});

it("says of an operation when its own API ends, before its successor", () => {
  const end = { apiVersion: "v0", sunset: "2027-03-31", replacedBy: "shop.orders" };
  expect(nodeProblems(end, "2026-06-01").map(({ code }) => code)).toEqual(["node.deprecated"]);
  expect(nodeProblems(end, "2027-01-01")).toMatchObject([
    { code: "node.sunsetSoon", message: expect.stringContaining("API version v0, which ends on 2027-03-31") },
  ]);
  expect(nodeProblems(end, "2027-04-01").map(({ code }) => code)).toEqual(["node.sunset"]);
});
