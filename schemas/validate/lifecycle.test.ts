import { expect, it } from "vitest";
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
