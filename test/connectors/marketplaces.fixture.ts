import type { Description } from "./description.fixture.ts";
import type { Marketplace } from "./marketplace.fixture.ts";

type Tree = Record<string, unknown>;

const amazon = (file: string): Description => ({ file: `amazon-sp-api/models/${file}.json`, root: "/" });

/** Walmart's description names the wrong one of two like-named schemas in three places. */
const walmart = (file: string): Description => ({
  file: `walmart/openapi/us.${file}.json`,
  root: "/",
  corrections: {
    OrderShipmentRecord: ["RefundLinesType", "ShippingLinesType"],
    GetOrderResponseRecord: ["RefundLinesType", "OrderLinesType"],
    ShippingLineType: ["OrderLineStatusesType", "ShipLineStatusesType"],
  },
});

const ebay = (file: string, root: string): Description => ({ file: `ebay/openapi/${file}_v1_oas3.json`, root });
const etsy: Description = { file: "etsy/openapi/etsy-open-api-v3.2023-06-08.json", root: "/" };

const isoOf = (at: Date): string => at.toISOString();

/** Zalando's answers are JSON:API: items and lines stand beside the orders that they belong to. */
const zalandoPage = (record: unknown): Tree => {
  const { items, lines, ...order } = record as Tree & { items: Tree[]; lines: Tree[] };
  return { data: [order], included: [...items, ...lines] };
};

/** Every operation of the marketplaces' connectors. */
export const marketplaces: Record<string, Marketplace> = {
  amazon: {
    config: { sellerId: "A2NORTHWIND00", region: "na", marketplaceIds: "ATVPDKIKX0DER,A2EUQ1WTGCTBG2" },
    secrets: { clientId: "amzn1.application-oa2-client.x", clientSecret: "client-secret", refreshToken: "Atzr|refresh" },
    operations: {
      ordersChanged: {
        by: amazon("orders_2026-01-01"),
        configs: [{ fulfilledBy: "MERCHANT,AMAZON", statuses: ["SHIPPED"] }],
        pages: ["2YgYW55IGNhcm5hbCBwbGVhc3VyZS4"],
        page: (order) => ({ orders: [order], lastUpdatedBefore: "2026-11-20T16:00:00Z" }),
        mapping: "amazon.order.jsonata",
      },
      ordersChangedV0: {
        by: amazon("ordersV0"),
        configs: [{ fulfilledBy: "MFN,AFN", statuses: ["Shipped"] }],
        pages: ["2YgYW55IGNhcm5hbCBwbGVhc3VyZS4"],
        page: (order) => ({ payload: { Orders: [order], LastUpdatedBefore: "2026-11-20T16:00:00Z" } }),
      },
      getOrder: { by: amazon("orders_2026-01-01") },
      getOrderItemsV0: { by: amazon("ordersV0") },
      getOrderAddressV0: { by: amazon("ordersV0") },
      confirmShipment: { by: amazon("ordersV0") },
      setQuantity: {},
      setQuantities: {},
      settlementsReady: { by: amazon("reports_2021-06-30"), page: (report) => ({ reports: [report] }) },
      downloadSettlement: { by: amazon("reports_2021-06-30") },
    },
    simulated: [
      {
        source: "settlementsReady",
        ledger: "reports",
        order: (sample, index, at) => {
          const reportId = `5004${index}`;
          return { key: reportId, record: { ...sample, reportId, createdTime: at.toISOString() } };
        },
      },
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
    placed: ["ordersChanged"],
  },
  walmart: {
    config: { partnerId: "10001234567" },
    secrets: { clientId: "client-id", clientSecret: "client-secret" },
    testBy: walmart("auth"),
    operations: {
      orderEvent: {},
      ordersChanged: {
        by: walmart("orders"),
        configs: [{ shipNodeType: "WFSFulfilled" }],
        pages: ["?limit=200&hasMoreElements=true&soIndex=31&poIndex=10&partnerId=100009&sellerId=8&createdStartDate=2026-08-16"],
        page: (order) => ({ list: { meta: { totalCount: 1, limit: 200 }, elements: { order: [order] } } }),
        mapping: "walmart.order.jsonata",
      },
      returnsChanged: {
        by: walmart("returns"),
        page: (order) => ({ meta: { totalCount: 1, limit: 200 }, returnOrders: [order] }),
      },
      getOrder: { by: walmart("orders"), answersOtherwise: true },
      acknowledge: { by: walmart("orders") },
      confirmShipment: { by: walmart("orders"), configs: [{ methodCode: "Express" }] },
      setQuantity: { by: walmart("inventory"), configs: [{ shipNode: "1001" }] },
      setQuantities: { by: walmart("inventory"), configs: [{ shipNode: "1001" }] },
      settlementsReady: {
        by: walmart("reports"),
        page: (report) => ({ availableApReportDates: [(report as Tree).reportDate, "07012018"] }),
      },
      // Its answer is a file, which the description calls a text in JSON.
      downloadSettlement: { by: walmart("reports"), answersOtherwise: true },
    },
    simulated: [
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, index, at) => {
          const purchaseOrderId = `37990000${index}`;
          const { orderLine } = sample.orderLines as { orderLine: Tree[] };
          const lines = orderLine.map((line) => ({ ...line, statusDate: at.getTime() }));
          return { key: purchaseOrderId, record: { ...sample, purchaseOrderId, orderLines: { orderLine: lines } } };
        },
      },
      {
        source: "returnsChanged",
        ledger: "returns",
        order: (sample, index, at) => {
          const returnOrderId = `10770000${index}`;
          const lines = (sample.returnOrderLines as Tree[]).map((line) => ({ ...line, statusTime: isoOf(at) }));
          return { key: returnOrderId, record: { ...sample, returnOrderId, returnOrderLines: lines } };
        },
      },
    ],
    placed: ["ordersChanged"],
  },
  ebay: {
    config: { sellerId: "northwind-outdoor" },
    secrets: { clientId: "northwind-app", clientSecret: "cert-id", refreshToken: "v^1.1#refresh" },
    testBy: ebay("sell_fulfillment", "/sell/fulfillment/v1"),
    operations: {
      notified: {},
      ordersChanged: {
        by: ebay("sell_fulfillment", "/sell/fulfillment/v1"),
        pages: [
          "https://api.ebay.com/sell/fulfillment/v1/order?filter=lastmodifieddate:%5B2026-11-20T10:00:00.000Z..%5D&limit=200&offset=200",
        ],
        page: (order) => ({ total: 1, limit: 200, offset: 0, orders: [order] }),
        mapping: "ebay.order.jsonata",
      },
      getOrder: { by: ebay("sell_fulfillment", "/sell/fulfillment/v1") },
      readFulfillments: { by: ebay("sell_fulfillment", "/sell/fulfillment/v1") },
      confirmShipment: { by: ebay("sell_fulfillment", "/sell/fulfillment/v1") },
      setQuantity: { by: ebay("sell_inventory", "/sell/inventory/v1") },
      payoutsChanged: { by: ebay("sell_finances", "/sell/finances/v1"), page: (payout) => ({ payouts: [payout] }) },
      payoutTransactions: { by: ebay("sell_finances", "/sell/finances/v1") },
    },
    simulated: [
      {
        source: "payoutsChanged",
        ledger: "payouts",
        order: (sample, index, at) => ({ key: `5${index}`, record: { ...sample, payoutId: `5${index}`, payoutDate: isoOf(at) } }),
      },
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, n, at) => ({ key: `14-${n}`, record: { ...sample, orderId: `14-${n}`, lastModifiedDate: isoOf(at) } }),
      },
    ],
    placed: ["ordersChanged"],
  },
  etsy: {
    config: { shopId: "40001234", baseUrl: "https://api.etsy.com" },
    secrets: { keystring: "keystring", sharedSecret: "shared-secret", refreshToken: "90001.refresh" },
    testBy: etsy,
    operations: {
      orderEvent: {},
      receiptsChanged: {
        by: etsy,
        pages: [100],
        page: (receipt) => ({ count: 1, results: [receipt] }),
        mapping: "etsy.order.jsonata",
      },
      getReceipt: { by: etsy, answersOtherwise: true },
      getInventory: { by: etsy },
      confirmShipment: { by: etsy, answersOtherwise: true },
      setQuantity: { by: etsy },
    },
    simulated: [
      {
        source: "receiptsChanged",
        ledger: "receipts",
        order: (sample, index, at) => {
          const receipt_id = 3_400_200_000 + index;
          return {
            key: String(receipt_id),
            record: { ...sample, receipt_id, updated_timestamp: Math.floor(at.getTime() / 1000) },
          };
        },
      },
    ],
    placed: ["receiptsChanged"],
  },
  woocommerce: {
    config: { shop: "shop.example.com", baseUrl: "https://shop.example.com" },
    secrets: { consumerKey: "ck_key", consumerSecret: "cs_secret", webhookSecret: "webhook-secret" },
    operations: {
      orderChanged: { mapping: "woocommerce.order.jsonata" },
      ordersChanged: { page: (order) => [order], mapping: "woocommerce.order.jsonata" },
      getOrder: {},
      confirmShipment: {},
      setQuantity: {},
    },
    simulated: [
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, index, at) => {
          const id = 20_000 + index;
          return { key: String(id), record: { ...sample, id, date_modified_gmt: isoOf(at).slice(0, 19) } };
        },
      },
    ],
    placed: ["ordersChanged"],
  },
  vendure: {
    config: { shop: "shop.example.com", baseUrl: "https://shop.example.com", user: "orders@example.com" },
    secrets: { password: "a-password" },
    operations: {
      ordersPlaced: {
        pages: [100],
        page: (order) => ({ data: { orders: { items: [order] } } }),
        mapping: "vendure.order.jsonata",
      },
      getOrder: {},
      confirmShipment: {},
      setQuantity: { configs: [{ stockLocation: "2" }] },
    },
    simulated: [
      {
        source: "ordersPlaced",
        ledger: "orders",
        order: (sample, index, at) => {
          const id = String(20_000 + index);
          return { key: id, record: { ...sample, id, orderPlacedAt: isoOf(at) } };
        },
      },
    ],
    placed: ["ordersPlaced"],
  },
  mirakl: {
    config: { host: "northwind.mirakl.example", shopId: "2417", baseUrl: "https://northwind.mirakl.example" },
    secrets: { apiKey: "api-key" },
    operations: {
      ordersChanged: {
        configs: [{ states: "SHIPPING,SHIPPED" }],
        pages: [100],
        page: (order) => ({ orders: [order], total_count: 1 }),
        mapping: "mirakl.order.jsonata",
      },
      invoicesIssued: { pages: [100], page: (invoice) => ({ invoices: [invoice], total_count: 1 }) },
      getOrder: {},
      acceptOrder: {},
      confirmShipment: {},
      getOffer: {},
      setQuantity: {},
    },
    simulated: [
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, index, at) => {
          const order_id = `MK-8${index}-A`;
          return { key: order_id, record: { ...sample, order_id, created_date: isoOf(at), last_updated_date: isoOf(at) } };
        },
      },
      {
        source: "invoicesIssued",
        ledger: "invoices",
        order: (sample, index, at) => {
          const invoice_id = `8${index}`;
          return { key: invoice_id, record: { ...sample, invoice_id, date_created: isoOf(at) } };
        },
      },
    ],
    placed: ["ordersChanged"],
  },
  otto: {
    config: { partnerId: "1000417", shipFromCity: "Dresden", shipFromZipCode: "01067", shipFromCountry: "DEU" },
    secrets: { clientId: "client-id", clientSecret: "client-secret" },
    operations: {
      ordersChanged: {
        configs: [{ statuses: "PROCESSABLE" }],
        pages: ["eyJmZiI6MTU5NDg5NDQ3MTA1OCwicGlmIjoiNDcxM"],
        page: (order) => ({ resources: [order], links: [] }),
        mapping: "otto.order.jsonata",
      },
      getOrder: {},
      confirmShipment: {},
      setQuantity: {},
    },
    simulated: [
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, index, at) => {
          const salesOrderId = `7f2f0c11-0000-4000-8000-${String(index).padStart(12, "0")}`;
          return { key: salesOrderId, record: { ...sample, salesOrderId, lastModifiedDate: isoOf(at) } };
        },
      },
    ],
    placed: ["ordersChanged"],
  },
  "mercado-libre": {
    config: { sellerId: "3400417", baseUrl: "https://api.mercadolibre.com" },
    secrets: { clientId: "64564670417", clientSecret: "secret-key", refreshToken: "TG-refresh" },
    operations: {
      orderChanged: {},
      ordersChanged: {
        pages: [50],
        page: (order) => ({ results: [order], paging: { total: 1, offset: 0, limit: 50 } }),
        mapping: "mercado-libre.order.jsonata",
      },
      getOrder: {},
      getShipment: {},
      confirmShipment: {},
      setQuantity: {},
      setVariationQuantity: {},
    },
    simulated: [
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, index, at) => {
          const id = 2_000_050_000_000_000 + index;
          return { key: String(id), record: { ...sample, id, date_created: isoOf(at), last_updated: isoOf(at) } };
        },
      },
    ],
    placed: ["ordersChanged"],
  },
  zalando: {
    config: { merchantId: "e18e0417-de38-40ee-8119-4130eed7486a", salesChannelId: "091d0417-7839-4f39-aa05-324eb4599df0" },
    secrets: { clientId: "client-id", clientSecret: "client-secret" },
    operations: {
      ordersChanged: {
        configs: [{ orderType: "ZalandoFulfilled", status: "" }],
        pages: [1],
        page: zalandoPage,
        mapping: "zalando.order.jsonata",
      },
      getOrder: {},
      exportOrder: {},
      setTracking: {},
      setLineStatus: {},
      setQuantity: {},
    },
    simulated: [
      {
        source: "ordersChanged",
        ledger: "orders",
        order: (sample, index, at) => {
          const own = String(index).padStart(10, "0");
          // Items and lines are this order's own.
          const record = JSON.parse(JSON.stringify(sample).replaceAll("-4000-8000-0000000000", `-4000-8000-${own}`)) as Tree;
          const id = `37a50417-0000-4000-9000-00${own}`;
          return { key: id, record: { ...record, id, attributes: { ...(sample.attributes as Tree), modified_at: isoOf(at) } } };
        },
      },
    ],
    placed: ["ordersChanged"],
  },
};
