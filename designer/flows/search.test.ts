import { expect, it } from "vitest";
import { idFrom, isFlowId, matchesFlow } from "./search.ts";

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
