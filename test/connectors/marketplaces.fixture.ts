import type { Description } from "./description.fixture.ts";
import type { Known } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** How one operation is tested. Items of operations that send come from its sample. */
export interface Tested {
  /** The official description that judges its requests; absent where none is at hand. */
  by?: Description;
  /** Further configs of the node, each judged as well. */
  configs?: Tree[];
  /** Polls: what later pages are asked for with. */
  pages?: unknown[];
  /** Polls: the system's answer with a record. */
  page?: (record: unknown) => unknown;
  /** Sources: the mapping that makes a canonical order of each sample. */
  mapping?: string;
}

/** How its simulator is filled with orders, and by which source they are to come out again. */
export interface Simulated {
  source: string;
  ledger: string;
  /** A sample of the source as another order: its key, and what changed when. */
  order: (sample: Tree, index: number, at: Date) => { key: string; record: Tree };
}

export interface Marketplace extends Known {
  operations: Record<string, Tested>;
  simulated: Simulated[];
}

const amazon = (file: string): Description => ({ file: `amazon-sp-api/models/${file}.json`, root: "/" });

/** Every operation of the marketplaces' connectors. */
export const marketplaces: Record<string, Marketplace> = {
  amazon: {
    config: { sellerId: "A2NORTHWIND00", region: "na", marketplaceIds: "ATVPDKIKX0DER,A2EUQ1WTGCTBG2" },
    secrets: { clientId: "amzn1.application-oa2-client.x", clientSecret: "client-secret", refreshToken: "Atzr|refresh" },
    operations: {
      ordersChanged: {
        by: amazon("orders_2026-01-01"),
        configs: [{ fulfilledBy: "MERCHANT,AMAZON", statuses: "SHIPPED" }],
        pages: ["2YgYW55IGNhcm5hbCBwbGVhc3VyZS4"],
        page: (order) => ({ orders: [order], lastUpdatedBefore: "2026-11-20T16:00:00Z" }),
        mapping: "amazon.order.jsonata",
      },
      ordersChangedV0: {
        by: amazon("ordersV0"),
        configs: [{ fulfilledBy: "MFN,AFN", statuses: "Shipped" }],
        pages: ["2YgYW55IGNhcm5hbCBwbGVhc3VyZS4"],
        page: (order) => ({ payload: { Orders: [order], LastUpdatedBefore: "2026-11-20T16:00:00Z" } }),
      },
      getOrder: { by: amazon("orders_2026-01-01") },
      getOrderItemsV0: { by: amazon("ordersV0") },
      confirmShipment: { by: amazon("ordersV0") },
      setQuantity: {},
    },
    simulated: [
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, index, at) => {
          const orderId = `111-0000000-${index}`;
          return { key: orderId, record: { ...sample, orderId, lastUpdatedTime: at.toISOString() } };
        },
      },
      {
        source: "ordersChangedV0",
        ledger: "ordersV0",
        order: (sample, index, at) => {
          const AmazonOrderId = `112-0000000-${index}`;
          return { key: AmazonOrderId, record: { ...sample, AmazonOrderId, LastUpdateDate: at.toISOString() } };
        },
      },
    ],
  },
};
