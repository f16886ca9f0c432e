import { describe, expect, it } from "vitest";
import type { PollOperation } from "#schemas/sourceOperation.ts";
import { exampleOf, exampleOperation, sampleOf, type Tree } from "./erp.fixture.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { operationOf } from "./operation.fixture.ts";

/** Half an hour before midnight in New York; in UTC April has begun. */
const moments = ["2026-03-31T23:30:00-04:00", "2026-04-01T03:30:00Z", "2026-04-01T05:30:00.000+02:00"];

const isoDay = (day: string | undefined): string | undefined => day?.replace(/^(....)(..)(..)$/, "$1-$2-$3");
const sapDay = (day: unknown): string => new Date(Number(/\d+/.exec(String(day))?.[0])).toISOString().slice(0, 10);

/** Each ERP and partner with where the day stands in what it is sent. */
const dated: { id: string; operation: string; day: (body: unknown) => unknown }[] = [
  { id: "netsuite", operation: "upsertSalesOrder", day: (body) => (body as Tree).tranDate },
  { id: "erpnext", operation: "createSalesOrder", day: (body) => (body as Tree).transaction_date },
  { id: "business-central", operation: "createSalesOrder", day: (body) => (body as Tree).orderDate },
  {
    id: "tryton",
    operation: "createSale",
    day: (body) => {
      const [[sale]] = (body as { params: [[Tree]] }).params;
      const { year, month, day } = sale.sale_date as Record<string, number>;
      return `${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
    },
  },
  { id: "sap-s4", operation: "createSalesOrder", day: (body) => sapDay((body as Tree).SalesOrderDate) },
  { id: "x12", operation: "sendShippingOrder", day: (body) => isoDay(/\nG62\*02\*(\d{8})/.exec(String(body))?.[1]) },
  { id: "edifact", operation: "sendOrder", day: (body) => isoDay(/DTM\+137:(\d{8})/.exec(String(body))?.[1]) },
  {
    id: "avalara",
    operation: "recordTax",
    day: (body) => ((body as Tree).createTransactionModel as Tree | undefined)?.date ?? (body as Tree).date,
  },
];

describe.each(dated)("the day of an order in $id", ({ id, operation, day }) => {
  it.each([
    ["America/New_York", "2026-03-31"],
    ["Europe/Berlin", "2026-04-01"],
  ])("is that of the connection's zone, %s, however the channel wrote the moment", async (timeZone, expected) => {
    const { config } = sampleOf(`${id}.${operation}.json`);
    const { render } = exampleOperation(id, operation, { accountId: "1234567", timeZone }, config);
    const { item } = sampleOf(`${id}.${operation}.json`);
    for (const orderedAt of moments) {
      const { request } = await render({ ...(item as object), orderedAt, deliverBy: orderedAt });
      expect(day(request.body)).toBe(expected);
    }
  });
});

describe("the day by which goods are wanted", () => {
  it.each([
    ["business-central", (body: Tree) => body.requestedDeliveryDate],
    ["sap-s4", (body: Tree) => sapDay(body.RequestedDeliveryDate)],
  ])("is that of the zone too, of %s", async (id, day) => {
    const { render } = exampleOperation(id, "createSalesOrder", { timeZone: "America/New_York" });
    const { item } = sampleOf(`${id}.createSalesOrder.json`);
    const { request } = await render({ ...(item as object), shipBy: "2026-04-01T03:59:59.000Z" });
    expect(day(request.body as Tree)).toBe("2026-03-31");
  });

  it("stays its day where it came as one, in every zone of a partner", async () => {
    const source = { source: { node: "in", system: "x12", account: "retail" } };
    const [came] = (await runMapping("x12.order.jsonata", readJson("./samples/x12.ordersArrived.json"), source)) as Tree[];
    const channel = { ...(came?.channel as Tree), alias: "RETAIL" };
    for (const timeZone of ["America/Los_Angeles", "UTC", "Asia/Tokyo"]) {
      const { render } = exampleOperation("x12", "sendShippingOrder", { timeZone });
      expect((await render({ ...came, channel })).request.body).toContain("\nG62*02*20260921~");
    }
  });
});

describe("a time without a zone", () => {
  const shipped = readJson("./samples/shipstation.shipment.json") as Tree;

  it.each([
    ["2026-07-15T09:12:33.1230000", "2026-07-15T09:12:33.123-07:00"],
    ["2026-01-15T09:12:33.1230000", "2026-01-15T09:12:33.123-08:00"],
    ["2026-01-15", "2026-01-15T00:00:00.000-08:00"],
  ])("of ShipStation is Californian, in summer and in winter: %s", async (createDate, shippedAt) => {
    expect(await runMapping("shipstation.shipment.jsonata", { ...shipped, createDate })).toMatchObject({ shippedAt });
  });

  it("of ShipStation is asked for as Californian, and the hour that comes twice in autumn is asked for twice", async () => {
    const connection = exampleOf("shipstation", { accountName: "parcels" });
    const { ask, readPage, operation } = operationOf("shipstation", "shipmentsCreated", connection);
    for (const [since, until, local] of [
      ["2026-07-15T13:30:00.000Z", "2026-07-15T14:30:00.000Z", ["2026-07-15 06:30:00", "2026-07-15 07:30:00"]],
      ["2026-01-15T14:30:00.000Z", "2026-01-15T15:30:00.000Z", ["2026-01-15 06:30:00", "2026-01-15 07:30:00"]],
    ] as const) {
      const { query } = await ask({ since, until });
      expect([query.createDateStart, query.createDateEnd]).toEqual(local);
      expect(query).not.toHaveProperty("storeId");
      const createDate = `${local[0].replace(" ", "T")}.0000000`;
      const answer = { shipments: [{ ...shipped, createDate }], total: 1, page: 1, pages: 1 };
      const page = await readPage({ body: JSON.stringify(answer) });
      expect(page).toMatchObject({ page: { records: [{ changedAt: since }], next: null } });
    }
    // Made in the second hour; the newest that is known was made in the first, and later by the clocks.
    const [known, made] = ["2026-11-01T01:59:59.000-07:00", "2026-11-01T01:00:00.000-08:00"];
    const { delta } = operation as PollOperation;
    const { query } = await ask({ since: new Date(Date.parse(known) - (delta?.overlapMs ?? 0)).toISOString(), until: made });
    expect(String(query.createDateStart) < "2026-11-01 01:00:00").toBe(true);
    expect(query.createDateEnd).toBe("2026-11-01 01:00:00");
  });

  it.each([
    ["netsuite", "fulfillmentsShipped", "netsuite.fulfillment.json"],
    ["erpnext", "deliveryNotesSubmitted", "erpnext.deliveryNote.json"],
  ])("of %s is the connection's, and it is asked for so", async (id, name, file) => {
    const { ask, readPage } = operationOf(id, name, exampleOf(id, { accountId: "1234567", timeZone: "America/New_York" }));
    const record = readJson(`./samples/${file}`) as Tree;
    for (const [since, local] of [
      ["2026-07-15T13:30:00.000Z", "2026-07-15 09:30:00"],
      ["2026-01-15T14:30:00.000Z", "2026-01-15 09:30:00"],
    ] as const) {
      const { body, query } = await ask({ since, until: since });
      expect(JSON.stringify([body, query])).toContain(local);
      const rows = [{ ...record, modified: local }];
      const page = await readPage({ body: JSON.stringify({ items: rows, data: rows }) });
      expect(page).toMatchObject({ page: { records: [{ changedAt: since }] } });
    }
  });
});
