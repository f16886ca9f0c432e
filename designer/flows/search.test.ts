import { expect, it } from "vitest";
import { byName, fitsFlow, idFrom, isFlowId, matchesFlow, ownersOf, tagsOf } from "./search.ts";

it("a name suggests an id that the server accepts", () => {
  expect(idFrom("Order to cash, EU")).toBe("order-to-cash-eu");
  expect(idFrom("Größe & Maß")).toBe("gro-e-ma");
  expect(idFrom("3PL returns")).toBe("pl-returns");
  expect(isFlowId(idFrom("x".repeat(200)))).toBe(true);
  expect(isFlowId(idFrom("…"))).toBe(false);
});

it("a search needs every word, anywhere in name, id, owner or tags", () => {
  const flow = { id: "shopify-order-to-cash", name: "Shopify order to cash", owner: "Operations", tags: ["orders"] };
  expect(matchesFlow(flow, "cash oper")).toBe(true);
  expect(matchesFlow(flow, "cash amazon")).toBe(false);
  expect(matchesFlow({ ...flow, owner: null }, "")).toBe(true);
});

it("a filter needs the words, the tag and the owner, as far as each is wanted", () => {
  const flows = [
    { id: "a", name: "Orders", owner: "Ops", tags: ["orders", "eu"] },
    { id: "b", name: "Stock", owner: null, tags: ["inventory", "eu"] },
  ];
  const found = (wanted: { q?: string; tag?: string; owner?: string }) =>
    flows.filter((flow) => fitsFlow(flow, { q: "", tag: undefined, owner: undefined, ...wanted })).map(({ id }) => id);
  expect([found({}), found({ tag: "eu" }), found({ tag: "eu", owner: "Ops" }), found({ tag: "eu", q: "stock" })]).toEqual([
    ["a", "b"],
    ["a", "b"],
    ["a"],
    ["b"],
  ]);
  expect(tagsOf(flows)).toEqual(["eu", "inventory", "orders"]);
  expect(ownersOf(flows)).toEqual(["Ops"]);
});

it("orders names as people count", () => {
  expect(["Flow 10", "flow 9", "Flow 1"].sort(byName)).toEqual(["Flow 1", "flow 9", "Flow 10"]);
});
