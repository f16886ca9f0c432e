import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, addAll, multiply, subtract, toScale } from "../decimal.ts";
import { canonicalFaults } from "./check.ts";
import { type OrderMoney, orderInvariants } from "./orderInvariants.ts";
import { canonicalSchema, canonicalSchemas } from "./registry.ts";

const good = JSON.parse(readFileSync(new URL("../../nodes/validate/fixtures/1-good-order.json", import.meta.url), "utf8"))
  .input as OrderMoney;
const changed = (change: (order: OrderMoney) => void): OrderMoney => {
  const order = structuredClone(good);
  change(order);
  return order;
};
const line = (order: OrderMoney, index = 0): OrderMoney["lines"][number] => {
  const found = order.lines[index];
  if (!found) throw new Error("The sample has too few lines.");
  return found;
};
const told = (order: OrderMoney): string[] =>
  orderInvariants(order).map(({ code, path, found, expected }) => `${code} ${path}: ${found} for ${expected}`);

const cents = fc.integer({ min: 0, max: 1_000_000 }).map((amount) => toScale(`${amount}e-2`, 2));

/** Orders that are right by construction, in both tax modes. */
const rightOrder = fc
  .record({
    lines: fc.array(
      fc.record({
        unitPrice: cents,
        quantity: fc.integer({ min: 1, max: 20 }),
        share: fc.integer({ min: 0, max: 100 }),
        tax: cents,
      }),
      { minLength: 1, maxLength: 6 },
    ),
    shipping: cents,
    tip: cents,
    priceTaxMode: fc.constantFrom("inclusive" as const, "exclusive" as const),
  })
  .map(({ lines, shipping, tip, priceTaxMode }): OrderMoney => {
    const full = lines.map(({ unitPrice, quantity, share, tax }, index) => {
      const gross = multiply(unitPrice, quantity);
      const discount = toScale(multiply(gross, `${share}e-2`), 2);
      return { lineId: String(index), unitPrice, quantity, gross, discounts: [{ amount: discount }], taxes: [{ amount: tax }] };
    });
    const gross = addAll(full.map((each) => each.gross));
    const discount = addAll(full.flatMap((each) => each.discounts.map(({ amount }) => amount)));
    const tax = addAll(full.flatMap((each) => each.taxes.map(({ amount }) => amount)));
    const net = subtract(addAll([gross, shipping, tip]), discount);
    const grand = priceTaxMode === "inclusive" ? net : add(net, tax);
    return {
      currency: "EUR",
      priceTaxMode,
      lines: full,
      shipping: [{ amount: shipping, discounts: [], taxes: [] }],
      adjustments: [{ amount: tip }],
      totals: { gross, discount, shipping, tax, adjustments: tip, grand },
    };
  });

describe("orderInvariants", () => {
  it("finds nothing wrong with an order that adds up", () => {
    expect(orderInvariants(good)).toEqual([]);
    fc.assert(
      fc.property(rightOrder, (order) => {
        expect(told(order)).toEqual([]);
      }),
    );
  });

  it("notices one cent anywhere in the totals", () => {
    fc.assert(
      fc.property(rightOrder, fc.constantFrom("gross", "discount", "shipping", "tax", "adjustments", "grand"), (order, name) => {
        const off = { ...order, totals: { ...order.totals, [name]: add(order.totals[name as "gross"], "0.01") } };
        expect(orderInvariants(off).map(({ path }) => path)).toContain(`/totals/${name}`);
      }),
    );
  });

  it("notices a unit price that is a cent off, whatever the quantity", () => {
    fc.assert(
      fc.property(rightOrder, (order) => {
        const first = line(order);
        const off = { ...order, lines: [{ ...first, unitPrice: add(first.unitPrice, "0.01") }, ...order.lines.slice(1)] };
        expect(orderInvariants(off).map(({ code, path }) => `${code} ${path}`)).toContain("order.I2 /lines/0/gross");
      }),
    );
  });

  it.each<[string, string, number, string, boolean]>([
    ["a third, rounded", "333.33", 3, "1000.00", true],
    ["a third, rounded up", "333.34", 3, "1000.00", true],
    ["a third in yen", "333", 3, "1000", true],
    ["a cent too much for one piece", "10.01", 1, "10.00", false],
    ["two cents for two pieces", "10.01", 2, "20.00", false],
    ["a scale too small to excuse it", "20", 1, "19.99", false],
  ])("I2 takes %s: %s x %i is %s", (_name, unitPrice, quantity, gross, fits) => {
    const order = changed((draft) => Object.assign(line(draft, 1), { unitPrice, quantity, gross }));
    expect(orderInvariants(order).some(({ code }) => code === "order.I2")).toBe(!fits);
  });

  it.each<[string, (order: OrderMoney) => void, string[]]>([
    [
      "a discount larger than its line",
      (order) => {
        Object.assign(line(order, 1), { discounts: [{ amount: "58.01" }] });
        order.totals.discount = "68.01";
        order.totals.grand = "294.69";
        order.buyerTotal = null;
      },
      ["order.I3 /lines/1/discounts: 58.01 for 0 to 58.00"],
    ],
    [
      "a negative discount",
      (order) => {
        Object.assign(line(order, 1), { discounts: [{ amount: "-1.00" }] });
        order.totals.discount = "9.00";
        order.totals.grand = "353.70";
        order.buyerTotal = null;
      },
      ["order.I3 /lines/1/discounts: -1.00 for 0 to 58.00"],
    ],
    [
      "a buyer's total without currency",
      (order) => {
        order.buyerCurrency = null;
      },
      ["order.I6 /buyerCurrency: nothing for a currency"],
    ],
    [
      "a buyer's total that differs in the same currency",
      (order) => {
        order.buyerTotal = "300.00";
      },
      ["order.I6 /buyerTotal: 300.00 for 352.70"],
    ],
    [
      "a buyer's total in another currency",
      (order) => {
        order.buyerCurrency = "NOK";
        order.buyerTotal = "4000.00";
      },
      [],
    ],
    [
      "more fulfilled and cancelled than ordered",
      (order) => {
        Object.assign(line(order), { quantityFulfilled: 2, quantityCancelled: 1 });
      },
      ["order.I7 /lines/0/quantity: 3 for at most 2"],
    ],
    [
      "a channel that states no grand total",
      (order) => {
        order.totals.grand = null;
      },
      [],
    ],
  ])("judges %s", (_name, change, expected) => expect(told(changed(change))).toEqual(expected));
});

describe("canonicalFaults", () => {
  it("knows the schemas by their major alone", () => {
    expect(canonicalSchemas().map(({ name, version }) => `${name} ${version}`)).toEqual([
      "canonical/inventory-level/1 1.0.0",
      "canonical/order/1 1.1.0",
      "canonical/return/1 1.0.0",
      "canonical/settlement/1 1.0.0",
      "canonical/shipment/1 1.0.0",
    ]);
    expect(canonicalSchema("canonical/order/2")).toBeUndefined();
    expect(canonicalFaults("canonical/order/2", good)).toBeUndefined();
  });

  it.each<[string, unknown, string, string]>([
    ["no object", [], "", "schema.type"],
    ["an amount with an exponent", { ...good, totals: { ...good.totals, gross: "1e3" } }, "/totals/gross", "schema.pattern"],
    ["an unknown field", { ...good, colour: "red" }, "/colour", "schema.additionalProperties"],
    ["a status that is none", { ...good, status: "paid" }, "/status", "schema.enum"],
    ["a time without offset", { ...good, orderedAt: "2026-03-01 09:30" }, "/orderedAt", "schema.pattern"],
    ["a null where one may stand, of the wrong type", { ...good, updatedAt: 5 }, "/updatedAt", "schema.type"],
  ])("names %s by its path, in a sentence", (_name, document, path, code) => {
    const faults = canonicalFaults("canonical/order/1", document) ?? [];
    expect(faults.map((fault) => `${fault.code} ${fault.path}`)).toContain(`${code} ${path}`);
    for (const { message } of faults) expect(message).toMatch(/^\S.*\.$/);
  });

  it("shows no whole objects as found", () => {
    const faults = canonicalFaults("canonical/order/1", { ...good, externalId: { secret: "x".repeat(1000) } }) ?? [];
    expect(faults).toMatchObject([{ path: "/externalId", found: "an object" }]);
  });
});
