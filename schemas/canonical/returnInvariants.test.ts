import { expect, it } from "vitest";
import { canonicalFaults } from "./check.ts";

const line = (amount: string, tax: string, more: object = {}) => ({
  lineId: "1",
  sku: "STOVE",
  quantityRequested: 1,
  refund: { amount, tax },
  ...more,
});
const good = {
  schemaVersion: "1.0.0",
  returnId: "R-1",
  orderRef: { system: "walmart", externalId: "3799" },
  status: "requested",
  currency: "USD",
  lines: [line("24.50", "1.72"), line("3.00", "0", { lineId: "2" })],
  refund: { total: "29.00", shipping: "4.00", shippingTax: "0.28", adjustments: [{ kind: "restocking_fee", amount: "-4.50" }] },
};
const told = (document: object): string[] =>
  (canonicalFaults("canonical/return/1", document) ?? []).map(
    ({ code, path, found, expected }) => `${code} ${path}: ${found} for ${expected}`,
  );

it.each<[string, object, string[]]>([
  ["adds up", good, []],
  [
    "has a total that is a cent off",
    { ...good, refund: { ...good.refund, total: "29.01" } },
    ["return.R1 /refund/total: 29.01 for 29.00"],
  ],
  ["says not of every line what is paid back", { ...good, lines: [...good.lines, { sku: "MUG", quantityRequested: 1 }] }, []],
  ["states no total", { ...good, refund: { total: null } }, []],
  ["has no money at all", { ...good, lines: [{ sku: "MUG", quantityRequested: 1 }], refund: null, currency: null }, []],
  ["names no currency", { ...good, currency: null }, ["return.R2 /currency: nothing for a currency"]],
  [
    "takes money for a line",
    { ...good, lines: [line("-1.00", "0")], refund: null },
    ["return.R3 /lines/0/refund/amount: -1.00 for 0 or more"],
  ],
  ["has nothing in it", { ...good, lines: [] }, ["schema.minItems /lines: a list for have at least 1 entry"]],
])("a return that %s", (_what, document, faults) => expect(told(document)).toEqual(faults));

it("a level that counts nothing says so", () => {
  const level = { schemaVersion: "1.0.0", sku: "TENT", asOf: "2026-09-15T06:00:00Z", source: { system: "wms" } };
  expect(canonicalFaults("canonical/inventory-level/1", level)).toMatchObject([
    {
      code: "inventory.V1",
      path: "/available",
      message: "The level of TENT says neither what is on hand nor what is available.",
    },
  ]);
  for (const counted of [{ onHand: 0 }, { available: -2 }])
    expect(canonicalFaults("canonical/inventory-level/1", { ...level, ...counted })).toEqual([]);
});
