import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import { connectorOf, operationOf } from "./operation.fixture.ts";

const shipment = "canonical/shipment/1";

/** What a system says of what it shipped, out of its sample, and what of it must be in the canonical shipment. */
const shipped: { system: string; record: () => unknown; is: Record<string, unknown> }[] = [
  {
    system: "extensiv",
    record: () => readJson("./samples/extensiv.shipped.json"),
    is: {
      shipmentId: "88017",
      orderRef: { system: "shopify", externalId: "5901234567001" },
      shippedAt: "2026-09-15T13:04:11Z",
      trackingNumbers: [{ number: "1ZNW0000000088017" }],
      lines: [
        { lineId: "14901234567001", sku: "NW-TENT-2P-GRN", quantity: 1 },
        { lineId: "14901234567002", sku: "NW-MUG-TI-450", quantity: 2 },
      ],
    },
  },
  {
    system: "erpnext",
    record: () => {
      const { answer } = readJson("./samples/erpnext.getDeliveryNote.json") as { answer: { body: string } };
      return JSON.parse(answer.body).data;
    },
    is: {
      shipmentId: "MAT-DN-2026-00031",
      orderRef: { system: "shopify", externalId: "5901234567001" },
      trackingNumbers: [{ number: "1ZNW0000000000031" }],
      lines: [{ sku: "NW-TENT-2P-GRN", quantity: 1 }],
    },
  },
  {
    system: "business-central",
    record: () => readJson("./samples/business-central.shipment.json"),
    is: {
      shipmentId: "S-SHPT102031",
      orderRef: { system: "shopify", externalId: "5901234567001", number: "S-ORD101017" },
      lines: [{ sku: "NW-TENT-2P-GRN", quantity: 1 }],
    },
  },
  {
    system: "tryton",
    record: () => readJson("./samples/tryton.shipment.json"),
    is: {
      shipmentId: "7",
      orderRef: { system: "shopify", externalId: "5901234567001" },
      shippedAt: "2026-09-15T12:00:00Z",
      trackingNumbers: [],
      lines: [{ sku: "NW-TENT-2P-GRN", quantity: 1 }],
    },
  },
  {
    system: "shipstation",
    record: () => readJson("./samples/shipstation.shipment.json"),
    is: {
      shipmentId: "33974374",
      status: "shipped",
      orderRef: { system: "shopify", externalId: "5901234567001", number: "#1501" },
      shippedAt: "2026-09-15T09:12:33.457-07:00",
      packages: [{ weight: { value: "84.5", unit: "oz" } }],
      lines: [
        { lineId: "14901234567001", sku: "NW-TENT-2P-GRN", quantity: 1 },
        { sku: "NW-MUG-TI-450", quantity: 2 },
      ],
    },
  },
];

describe("what warehouses and ERPs shipped", () => {
  it.each(shipped)("becomes a valid canonical shipment: $system", async ({ system, record, is }) => {
    const mapped = await runMapping(`${system}.shipment.jsonata`, record());
    expect(canonicalFaults(shipment, mapped)).toEqual([]);
    expect(mapped).toMatchObject(is);
  });

  describe("of SAP", () => {
    const { item } = readJson("./samples/sap-s4.getDeliveredOrders.json") as {
      item: { to_DeliveryDocumentItem: { results: [object] } };
    };
    const [first] = item.to_DeliveryDocumentItem.results;
    const of = async (results: object[], orders?: object[]) => {
      const shipments = await runMapping("sap-s4.shipment.jsonata", { ...item, to_DeliveryDocumentItem: { results }, orders });
      for (const each of shipments as object[]) expect(canonicalFaults(shipment, each)).toEqual([]);
      return shipments;
    };
    const known = { id: "5200017", reference: "SHOPIFY_5901234567001" };

    it("becomes a canonical shipment of the channel's order, whose lines are found by SKU", async () => {
      expect(await of([first], [known])).toMatchObject([
        {
          shipmentId: "80000017",
          orderRef: { system: "shopify", externalId: "5901234567001", number: "5200017" },
          shippedAt: "2026-09-15T00:00:00.000Z",
          lines: [{ lineId: null, sku: "NW-TENT-2P-GRN", quantity: 1 }],
        },
      ]);
    });

    it("is one for each order of a delivery, and one that was typed in keeps SAP's number", async () => {
      const other = { ...first, Material: "NW-MUG-TI-450", ActualDeliveryQuantity: "2", ReferenceSDDocument: "5200018" };
      expect(await of([first, other], [{ id: "5200018", reference: "" }, known])).toMatchObject([
        { shipmentId: "80000017/5200017", orderRef: { externalId: "5901234567001" }, lines: [{ sku: "NW-TENT-2P-GRN" }] },
        { shipmentId: "80000017/5200018", orderRef: { externalId: "5200018" }, lines: [{ sku: "NW-MUG-TI-450", quantity: 2 }] },
      ]);
    });

    it("is refused without its order", async () => {
      await expect(of([first])).rejects.toThrow("Attach what Find orders of a delivery gives");
    });
  });

  it("of ShipHero with more lines than come with it is refused rather than confirmed in part", async () => {
    const { line_items, ...rest } = readJson("./samples/shiphero.shipment.json") as { line_items: object };
    const cut = { ...rest, line_items: { ...line_items, pageInfo: { hasNextPage: true } } };
    await expect(runMapping("shiphero.shipment.jsonata", cut)).rejects.toThrow("has more than 50 lines");
  });

  it("of ShipHero is cancelled where all of its labels are void, and goes by the channel that its order was tagged with", async () => {
    const record = readJson("./samples/shiphero.shipment.json") as { order: object; shipping_labels: object[] };
    const of = (more: object) => runMapping("shiphero.shipment.jsonata", { ...record, ...more });
    const [label] = record.shipping_labels;
    const voided = { ...label, status: "voided", tracking_number: "1ZOLD" };
    expect(await of({})).toMatchObject({ status: "shipped", orderRef: { system: "shopify" } });
    expect(await of({ shipping_labels: [voided] })).toMatchObject({ status: "cancelled", trackingNumbers: [] });
    expect(await of({ shipping_labels: [voided, label] })).toMatchObject({
      status: "shipped",
      trackingNumbers: [{ number: "1ZNW0000000030017" }],
    });
    expect(await of({ shipping_labels: [] })).toMatchObject({ status: "shipped" });
    const typedIn = await of({ order: { ...record.order, tags: ["rush"] } });
    expect(typedIn).toMatchObject({ orderRef: { account: "northwind-outdoor.myshopify.com" } });
    expect(typedIn).not.toHaveProperty("orderRef.system");
  });

  it("of ShipStation is one, whether its webhook or its poll tells of it, and a label for a return is none", async () => {
    const record = readJson("./samples/shipstation.shipment.json") as object;
    const known = connectionOf(connectorOf("shipstation"));
    const answered = (first: object) => {
      const shipments = [first, { ...record, shipmentId: 33974375, isReturnLabel: true }];
      return { body: JSON.stringify({ shipments, total: 2, page: 1, pages: 1 }) };
    };
    const pointer = readJson("./samples/shipstation.shipped.json");
    const told = await operationOf("shipstation", "shipped", known).read(pointer, answered(record));
    // Asked later, when ShipStation has tried to tell the shop.
    const later = { ...record, marketplaceNotified: false, notifyErrorMessage: "The shop did not answer." };
    const page = await operationOf("shipstation", "shipmentsCreated", known).readPage(answered(later));
    if (!told.ok || !page.ok || !("page" in page)) throw new Error(JSON.stringify([told, page]));
    const polled = page.page.records.filter(({ passedOver }) => !passedOver);
    expect(polled).toMatchObject([{ dedupeKey: '["33974374"]', documentKey: "33974374", body: later }]);
    const confirmed = async (each: unknown) => {
      const { render } = operationOf("ebay", "confirmShipment", connectionOf(connectorOf("ebay")));
      const { effectKey, request } = await render(await runMapping("shipstation.shipment.jsonata", each));
      return { effectKey, request };
    };
    const { shipments } = told.result as { shipments: unknown[] };
    expect(await Promise.all(shipments.map(confirmed))).toEqual([await confirmed(polled[0]?.body)]);
  });

  it("tells Amazon its carrier, by code or by name, or is refused", async () => {
    const { item } = readJson("./samples/amazon.confirmShipment.json") as { item: object };
    const by = async (carrier: object | null) => {
      const body = await runMapping("amazon.shipment.jsonata", { ...item, carrier }, { connection: { marketplaceIds: "M" } });
      return (body as { packageDetail: object }).packageDetail;
    };
    expect(await by({ code: "UPS" })).toMatchObject({ carrierCode: "UPS" });
    expect(await by({ name: "Valley Couriers" })).toMatchObject({ carrierCode: "Other", carrierName: "Valley Couriers" });
    for (const carrier of [null, {}, { code: "Other" }])
      await expect(by(carrier)).rejects.toThrow("Amazon wants to know the carrier");
  });

  it.each(["amazon", "walmart", "ebay", "etsy", "woocommerce"])("is what %s takes to confirm a shipment", (system) => {
    const { item } = readJson(`./samples/${system}.confirmShipment.json`) as { item: unknown };
    expect(canonicalFaults(shipment, item)).toEqual([]);
  });

  it("is refused where a line ships nothing, or says not what", () => {
    const { item } = readJson("./samples/amazon.confirmShipment.json") as { item: { lines: object[] } };
    const faults = canonicalFaults(shipment, { ...item, lines: [{ sku: "NW-TENT-2P", quantity: 0 }, { quantity: 1 }] });
    expect(faults?.map(({ path }) => path)).toEqual(["/lines/0/quantity", "/lines/1/sku"]);
  });
});

const examples = new Map(
  fixturesIn("business-central").map(({ name, text }) => [name, JSON.parse(text) as Record<string, unknown>]),
);
const [header, line] = [examples.get("salesshipment_get.1.json"), examples.get("salesshipmentline_get.1.json")];

describe.skipIf(!header || !line)("Business Central's own example of a shipment", () => {
  const kinds = (record: object) => Object.entries(record).map(([name, value]) => `${name}: ${typeof value}`);

  it("has the fields of our sample, each of the same kind, and we read all that ours has", () => {
    const { salesShipmentLines, ...ours } = readJson("./samples/business-central.shipment.json") as {
      salesShipmentLines: object[];
    };
    expect(kinds(ours).sort()).toEqual(kinds(header ?? {}).sort());
    expect(kinds(salesShipmentLines[0] ?? {}).sort()).toEqual(kinds(line ?? {}).sort());
  });

  it("becomes a canonical shipment, of the order by its number where no other system's stands in it", async () => {
    const mapped = await runMapping("business-central.shipment.jsonata", {
      ...header,
      salesShipmentLines: [{ ...line, lineType: "Item" }],
    });
    expect(canonicalFaults(shipment, mapped)).toEqual([]);
    expect(mapped).toMatchObject({ orderRef: { externalId: "34", number: "34" }, lines: [{ sku: "1928-S", quantity: 3 }] });
  });
});
