import { inZone } from "#schemas/zonedTime.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import type { Simulated } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { connectorOf, type Known } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** A polling operation with the ledger that it reads, and how a record is made for it. */
export interface Polled extends Simulated {
  id: string;
  known: Known;
}

const iso = (at: Date): string => at.toISOString();
const seconds = (at: Date): number => Math.floor(at.getTime() / 1_000);
/** As many systems write UTC. */
const plain = (at: Date): string => iso(at).slice(0, 19);

/** What warehouses, ERPs, shops and payment systems are asked for; the key is the document's. */
const others: Record<string, Simulated[]> = {
  netsuite: [
    {
      source: "fulfillmentsShipped",
      ledger: "fulfillments",
      // The account's own time.
      order: (sample, n, at) => {
        const modified = inZone(iso(at), "America/Los_Angeles").slice(0, 19).replace("T", " ");
        return { key: String(1_000 + n), record: { ...sample, id: String(1_000 + n), modified } };
      },
    },
  ],
  shiphero: [
    {
      source: "shipmentsCreated",
      ledger: "shipments",
      order: (sample, n, at) => ({ key: `s-${n}`, record: { ...sample, id: `s-${n}`, created_date: plain(at) } }),
    },
  ],
  shipstation: [
    {
      source: "shipmentsCreated",
      ledger: "shipments",
      order: (sample, n, at) => {
        const shipmentId = 33_900_000 + n;
        // California's clocks, in seconds of seven places.
        const createDate = `${inZone(iso(at), "America/Los_Angeles").slice(0, 23)}0000`;
        return { key: String(shipmentId), record: { ...sample, shipmentId, createDate } };
      },
    },
  ],
  odoo: [
    {
      source: "deliveriesDone",
      ledger: "deliveries",
      order: (sample, n, at) => {
        const name = `WH/OUT/${n}`;
        return { key: name, record: { ...sample, id: 90 + n, name, write_date: plain(at).replace("T", " ") } };
      },
    },
  ],
  erpnext: [
    {
      source: "deliveryNotesSubmitted",
      ledger: "deliveryNotes",
      order: (sample, n, at) => {
        const name = `MAT-DN-2026-${10_000 + n}`;
        return { key: name, record: { ...sample, name, modified: `${plain(at).replace("T", " ")}.204113` } };
      },
    },
  ],
  tryton: [
    {
      source: "shipmentsDone",
      ledger: "shipments",
      order: (sample, n, at) => {
        const [year, month, day, hour, minute, second] = plain(at).split(/\D/).map(Number);
        const write_date = { __class__: "datetime", year, month, day, hour, minute, second, microsecond: 204_113 };
        return { key: String(n + 1), record: { ...sample, id: n + 1, number: String(n + 1), write_date } };
      },
    },
  ],
  "sap-s4": [
    {
      source: "deliveriesIssued",
      ledger: "deliveries",
      order: (sample, n, at) => {
        const DeliveryDocument = String(80_000_000 + n);
        const day = Date.parse(iso(at).slice(0, 10));
        return { key: DeliveryDocument, record: { ...sample, DeliveryDocument, LastChangeDate: `/Date(${day})/` } };
      },
    },
  ],
  extensiv: [
    {
      source: "ordersShipped",
      ledger: "shipped",
      order: (sample, n, at) => {
        const readOnly = { ...(sample.readOnly as Tree), orderId: 88_000 + n, lastModifiedDate: plain(at) };
        return { key: `SHOPIFY_${n}`, record: { ...sample, referenceNum: `SHOPIFY_${n}`, readOnly } };
      },
    },
  ],
  "business-central": [
    {
      source: "shipmentsPosted",
      ledger: "shipments",
      order: (sample, n, at) => {
        const number = `S-SHPT${100_000 + n}`;
        return { key: number, record: { ...sample, id: `6a2d1c4b-0000-4000-8000-${n}`, number, lastModifiedDateTime: iso(at) } };
      },
    },
  ],
  stripe: [
    {
      source: "payoutsChanged",
      ledger: "payouts",
      order: (sample, n, at) => ({
        key: `po_${10_000 + n}`,
        record: { ...sample, id: `po_${10_000 + n}`, created: seconds(at) },
      }),
    },
    {
      source: "transactionsCreated",
      ledger: "transactions",
      order: (sample, n, at) => ({
        key: `txn_${10_000 + n}`,
        record: { ...sample, id: `txn_${10_000 + n}`, created: seconds(at) },
      }),
    },
  ],
  shopify: [
    {
      source: "ordersUpdated",
      ledger: "orders",
      order: (sample, n, at) => ({ key: String(5_900_000 + n), record: { ...sample, id: 5_900_000 + n, updated_at: iso(at) } }),
    },
    {
      source: "ordersChanged",
      ledger: "orders",
      order: (sample, n, at) => ({ key: String(5_900_000 + n), record: { ...sample, id: 5_900_000 + n, updated_at: iso(at) } }),
    },
    {
      source: "payoutsChanged",
      ledger: "payouts",
      order: (sample, n, at) => ({ key: String(n), record: { ...sample, id: n, date: iso(at).slice(0, 10), status: "paid" } }),
    },
  ],
};

const listed = (all: [string, readonly Simulated[], Known][]): Polled[] =>
  all.flatMap(([id, simulated, known]) => simulated.map((one) => ({ id, known, ...one })));

export const polled: readonly Polled[] = listed([
  ...Object.entries(marketplaces).map(([id, one]): [string, readonly Simulated[], Known] => [id, one.simulated, one]),
  ...Object.entries(others).map(([id, all]): [string, readonly Simulated[], Known] => [id, all, connectionOf(connectorOf(id))]),
]);
