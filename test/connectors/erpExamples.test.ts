import { describe, expect, it } from "vitest";
import { erpOf, exampleOperation, list, post, sample, sampleOf, type Tree } from "./erp.fixture.ts";
import { fixturesIn } from "./mapping.fixture.ts";
import { agrees, all } from "./payload.fixture.ts";

const calculated = "calculated there";
const ofTheSystem = "given by the system";
/** What an answer is read for, where it does not matter which. */
const anyOrder = { channel: { system: "shopify", account: "shop" }, externalId: "1001" };

describe("beside the public examples", () => {
  const examples = new Map<string, unknown>(
    ["sap-s4", "business-central", "odoo", "erpnext", "extensiv", "avalara"].flatMap((folder) =>
      fixturesIn(folder).map(({ name, text }) => [`${folder}/${name}`, JSON.parse(text) as unknown] as const),
    ),
  );
  const compared = (file: string, name: string, compare: (example: never) => Promise<void> | void) =>
    it.skipIf(!examples.has(file))(`${name} (${file})`, () => compare(examples.get(file) as never));
  const usOrder = async (id: string, connection: Tree = {}) =>
    post(erpOf(id), { ...(await sample("us-two-lines")), shipBy: "2026-09-16T00:00:00Z" }, connection);

  compared("sap-s4/A_SalesOrder_create.OR.json", "SAP's sales order", async (example) => {
    agrees(
      example,
      await usOrder("sap-s4", { itemCategory: "TAN" }),
      { "/SalesOrder": ofTheSystem },
      {
        ...all(
          ["/CustomerPurchaseOrderDate", "/SalesOrderDate", "/RequestedDeliveryDate", "/TransactionCurrency"],
          "A_SalesOrder of API_SALES_ORDER_SRV has it; the example takes what the system proposes",
        ),
        "/to_PricingElement": "A_SalesOrderHeaderPrElement: conditions of the whole order",
        "/to_Item/SalesOrderItemText": "A_SalesOrderItem has it",
        "/to_Item/to_PricingElement": "A_SalesOrderItemPrElement: the example takes the price of the system",
      },
    );
  });

  const named = "the other example has it";
  const ofOdoo = all(["/date_order", "/order_line/discount", "/order_line/tax_id"], "a field of sale.order and its lines");
  compared("odoo/sale_order_create.jsonrpc.json", "Odoo's sales order", async (example: { params: { args: unknown[] } }) => {
    // Service, database, user and key stand in the session; what is created is the same.
    agrees(
      (example.params.args[5] as unknown[])[0],
      await usOrder("odoo"),
      {},
      { ...ofOdoo, "/company_id": named, "/origin": named },
    );
  });

  compared(
    "odoo/sale_order_create.with_company.json",
    "Odoo's sales order of one company",
    async (example: { params: { args: unknown[] } }) => {
      agrees(
        (example.params.args[5] as unknown[])[0],
        await usOrder("odoo", { warehouseId: 1, pricelistId: 1, carrierId: 3 }),
        {},
        { ...ofOdoo, "/note": named },
      );
      const { request } = await exampleOperation("odoo", "getSalesOrder").render(await sample("us-two-lines"));
      expect((request.body as { params: { kwargs: Tree } }).params.kwargs.context).toEqual({ allowed_company_ids: [1] });
      expect(example.params.args[6]).toEqual({ context: { allowed_company_ids: [2] } });
    },
  );

  compared("erpnext/sales_order.test_record.json", "ERPNext's sales order", async (example: [Tree]) => {
    const fromCustomer = "taken from the customer";
    agrees(
      example[0],
      await usOrder("erpnext", { priceList: "Standard Selling", namingSeries: "SAL-ORD-.YYYY.-" }),
      {
        "/advance_paid": calculated,
        "/conversion_rate": calculated,
        "/customer_group": fromCustomer,
        "/customer_name": fromCustomer,
        "/territory": fromCustomer,
        "/doctype": "stands in the address",
        "/base_grand_total": calculated,
        "/grand_total": calculated,
        "/plc_conversion_rate": calculated,
        "/price_list_currency": calculated,
        "/items/base_amount": calculated,
        "/items/base_rate": calculated,
        "/items/doctype": "known from the field",
        "/items/parentfield": "known from the field",
      },
      {
        ...all(
          ["/company", "/po_no", "/po_date", "/ignore_pricing_rule", "/disable_rounded_total", "/set_warehouse"],
          "a field of the DocType",
        ),
        "/docstatus": "every document has it: 0 is a draft",
        "/items/delivery_date": "a field of Sales Order Item",
        "/taxes": "Sales Taxes and Charges: the example has none",
      },
    );
  });

  compared("extensiv/order_create.request.json", "Extensiv's order", async (example) => {
    const { render } = exampleOperation("extensiv", "createOrder", {}, { carrier: "UPS", mode: "92" });
    agrees(
      example,
      (await render(await sample("us-two-lines"))).request.body,
      {},
      {
        ...all(["/poNum", "/shipTo/phoneNumber", "/shipTo/emailAddress"], "a field of the order in the API's own reference"),
        "/orderItems/externalId": "keeps the order's line, and comes back with it",
      },
    );
  });

  const recorded = async () => {
    const { render } = exampleOperation("avalara", "recordTax", {}, { commit: true });
    return (await render(await sample("us-two-lines"))).request.body as Tree;
  };
  const ofModel = "a field of CreateTransactionModel and AddressesModel";
  const both = "shipFrom and shipTo stand in its place";
  compared("avalara/CreateOrAdjustTransaction.request.json", "AvaTax's adjustable transaction", async (example) =>
    agrees(
      example,
      await recorded(),
      { "/createTransactionModel/addresses/singleLocation": both },
      all(
        ["/code", "/addresses/shipFrom", "/addresses/shipTo"].map((path) => `/createTransactionModel${path}`),
        ofModel,
      ),
    ),
  );
  compared("avalara/CreateTransaction.request.json", "AvaTax's transaction", async (example) =>
    agrees(
      example,
      (await recorded()).createTransactionModel,
      { "/addresses/singleLocation": both },
      all(["/code", "/addresses/shipFrom", "/addresses/shipTo"], ofModel),
    ),
  );
  compared("avalara/transaction_line.response_excerpt.json", "AvaTax's line as it is read", async (example: Tree) => {
    const { read } = exampleOperation("avalara", "recordTax");
    const body = JSON.stringify({ id: 1, code: "X", status: "Saved", totalTax: 0, lines: [example] });
    const line = { number: example.lineNumber, tax: "0", taxable: "0", exempt: String(example.exemptAmount) };
    expect(await read(anyOrder, { body })).toMatchObject({ ok: true, result: { totalTax: "0", lines: [line] } });
  });

  const bcTotals = Object.fromEntries(
    ["totalAmountExcludingTax", "totalTaxAmount", "totalAmountIncludingTax"].map((name) => [`/${name}`, calculated]),
  );
  compared("business-central/salesOrder_create.1.json", "Business Central's sales order", async (example) => {
    const ofCustomer = Object.fromEntries(
      [
        ...["customerId", "customerName", "billToName", "billToCustomerId", "billToCustomerNumber", "sellToAddressLine1"],
        ...["billToAddressLine1", "shortcutDimension1Code", "shortcutDimension2Code", "paymentTermsId", "shipmentMethodId"],
        ...["salesperson", "currencyId", "partialShipping"],
      ].map((name) => [`/${name}`, "the customer's own, by customerNumber and currencyCode"]),
    );
    agrees(
      example,
      await usOrder("business-central"),
      {
        "/id": ofTheSystem,
        "/number": ofTheSystem,
        "/status": ofTheSystem,
        "/fullyShipped": ofTheSystem,
        "/lastModifiedDateTime": ofTheSystem,
        "/postingDate": "the day it is posted",
        "/discountAmount": "a line of its own, so that the total is exact",
        "/discountAppliedBeforeTax": calculated,
        "/documentLines": "named salesOrderLines by the API; see the next",
        ...bcTotals,
        ...ofCustomer,
      },
      {
        ...all(["/shipToCity", "/shipToState", "/shipToPostCode", "/shipToCountry"], "the address as the order is read with it"),
        "/salesOrderLines": "documentLines of the example; see the next",
      },
    );
  });

  compared("business-central/salesOrderLine_create.1.json", "Business Central's sales order line", async (example) => {
    const computed = [
      ...[
        "discountPercent",
        "discountAppliedBeforeTax",
        "amountExcludingTax",
        "taxPercent",
        "totalTaxAmount",
        "amountIncludingTax",
      ],
      ...["invoiceDiscountAllocation", "netAmount", "netTaxAmount", "netAmountIncludingTax", "shipmentDate", "shippedQuantity"],
      ...["invoicedQuantity", "invoiceQuantity", "shipQuantity", "discountAmount"],
    ];
    const ids = ["id", "documentId", "itemId", "accountId", "unitOfMeasureId", "itemVariantId", "locationId"];
    const [line] = list((await usOrder("business-central", { taxCode: "NONTAXABLE" })).salesOrderLines);
    agrees(example, line, {
      ...Object.fromEntries(computed.map((name) => [`/${name}`, calculated])),
      ...Object.fromEntries(ids.map((name) => [`/${name}`, "known by lineType and lineObjectNumber"])),
      "/unitOfMeasureCode": "the item's own",
    });
  });

  const shipment = sampleOf("business-central.shipment.json") as unknown as Tree;
  compared("business-central/salesshipment_get.1.json", "Business Central's posted shipment", (example) =>
    agrees(example, shipment, {}, { "/salesShipmentLines": "asked for by $expand; see the next" }),
  );
  compared("business-central/salesshipmentline_get.1.json", "Business Central's shipment line", (example) =>
    agrees(example, list(shipment.salesShipmentLines)[0], {}),
  );

  compared("business-central/item_get.1.json", "Business Central's item, whose stock is read", async (example: Tree) => {
    const { read } = exampleOperation("business-central", "readStock");
    const answer = await read({}, { body: JSON.stringify({ value: [example] }) });
    expect(answer).toMatchObject({ ok: true, result: [{ sku: example.number, onHand: example.inventory }] });
  });

  compared("business-central/salesorder_get.1.json", "Business Central's sales order as it is read", async (example: Tree) => {
    const { read } = exampleOperation("business-central", "getSalesOrder");
    const answer = await read(anyOrder, { body: JSON.stringify({ value: [example] }) });
    expect(answer).toMatchObject({ ok: true, result: { id: example.id, number: example.number } });
  });
});
