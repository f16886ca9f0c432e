import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { exampleOperation } from "./erp.fixture.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import type { Exchange } from "./operation.fixture.ts";

/** Returns as marketplaces publish them, to canonical returns, and those to whoever books them. */

type Tree = Record<string, unknown>;
interface Line extends Tree {
  charges: Tree[];
}
interface WalmartReturn extends Tree {
  returnOrderLines: [Line, ...Line[]];
}

const walmart = (): WalmartReturn => structuredClone(readJson("./samples/walmart.returnsChanged.json")) as WalmartReturn;
const usd = (currencyAmount: number) => ({ currencyAmount, currencyUnit: "USD" });

async function canonical(document: Tree): Promise<Tree[]> {
  const made = [await runMapping("walmart.return.jsonata", document)].flat() as Tree[];
  for (const each of made) expect(canonicalFaults("canonical/return/1", each)).toEqual([]);
  return made;
}

describe("a return of Walmart", () => {
  it("gives back what each piece cost less its discount, with tax, shipping and fees beside it, to the cent", async () => {
    const document = walmart();
    const [line] = document.returnOrderLines;
    line.quantity = { unitOfMeasure: "EACH", measurementValue: 2 };
    line.charges.push(
      {
        chargeCategory: "PRODUCT",
        chargeName: "SubscriptionDiscount",
        chargePerUnit: usd(2),
        isDiscount: true,
        isBillable: true,
      },
      { chargeCategory: "SHIPPING", chargeName: "Shipping", chargePerUnit: usd(1.5), tax: [{ taxPerUnit: usd(0.1) }] },
      { chargeCategory: "FEE", chargeName: "RestockingFee", chargePerUnit: usd(3), isDiscount: true },
      { chargeCategory: "PRODUCT", chargeName: "ItemPrice", chargePerUnit: usd(99), isBillable: false },
    );
    document.totalRefundAmount = usd(45.64);
    const [made] = await canonical(document);
    expect(made?.lines).toMatchObject([{ quantityRequested: 2, refund: { amount: "45.0", tax: "3.44" } }]);
    const adjustments = [{ kind: "restocking_fee", amount: "-6" }];
    expect(made?.refund).toEqual({ total: "45.64", shipping: "3.0", shippingTax: "0.2", adjustments });
  });

  it("of goods of two purchase orders is a return of each", async () => {
    const document = walmart();
    const [line] = document.returnOrderLines;
    document.returnOrderLines.push({ ...line, returnOrderLineNumber: 2, purchaseOrderId: "3799110400202" });
    expect(await canonical(document)).toMatchObject([
      { returnId: "107740210055118/3799110400201", orderRef: { externalId: "3799110400201" }, refund: { total: null } },
      { returnId: "107740210055118/3799110400202", orderRef: { externalId: "3799110400202" }, refund: { total: null } },
    ]);
  });

  it.each<[string, Tree[], string]>([
    ["begun", [{}, {}], "authorized"],
    ["of which one line is on its way", [{}, { returnTrackingDetail: [{ eventTag: "RETURN_IN_TRANSIT" }] }], "authorized"],
    ["of which all is on its way", [{ currentDeliveryStatus: "IN_TRANSIT" }], "in_transit"],
    ["that has arrived", [{ status: "DELIVERED" }, { status: "COMPLETED" }], "received"],
    ["that is through and paid back", [{ status: "COMPLETED", currentRefundStatus: "REFUND_COMPLETED" }], "refunded"],
    ["that is through and not paid back", [{ status: "COMPLETED", currentRefundStatus: "NOT_REFUNDED" }], "closed"],
  ])("%s is as far as the last of its lines", async (_what, lines, status) => {
    const document = walmart();
    const [line] = document.returnOrderLines;
    const each = lines.map((more) => ({ ...line, ...more }));
    // One piece of each; the total is the lines' sum.
    const made = await canonical({ ...document, returnOrderLines: each, totalRefundAmount: usd(26.22 * each.length) });
    expect(made).toMatchObject([{ status }]);
  });
});

describe("a canonical return in AvaTax", () => {
  const { item } = readJson("./samples/avalara.recordReturn.json") as Exchange & { item: Tree & { return: Tree } };
  const booked = async (more: Tree, line: Tree = {}): Promise<unknown> => {
    const [first] = item.return.lines as Tree[];
    const back = { ...item.return, ...more, lines: [{ ...first, ...line }] };
    const { request } = await exampleOperation("avalara", "recordReturn").render({ ...item, return: back });
    return (request.body as { createTransactionModel: Tree }).createTransactionModel.lines;
  };

  it("counts what was received, and all that was asked for where nobody counted and it is through", async () => {
    expect(await booked({}, { quantityRequested: 2, quantityReceived: 1 })).toMatchObject([{ quantity: 1, amount: -24.5 }]);
    expect(await booked({ status: "refunded" }, { quantityRequested: 2, quantityReceived: null })).toMatchObject([
      { quantity: 2, amount: -49 },
    ]);
  });

  it("finds by its SKU what has no line, and gives shipping back", async () => {
    const refund = { total: null, shipping: "9.95" };
    expect(await booked({ currency: "USD", refund }, { lineId: null })).toMatchObject([
      { itemCode: "NW-MUG-TI-450" },
      { itemCode: "SHIPPING", amount: -9.95 },
    ]);
  });

  it("is refused before anything came back", async () => {
    await expect(booked({ status: "in_transit" }, { quantityReceived: null })).rejects.toThrow(
      "The return RMA-417 of the order #1501 has brought nothing back yet.",
    );
  });
});
