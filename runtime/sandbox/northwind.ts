import type { ConnectionInput } from "#runtime/store/connections.ts";

/** The environment in which the sandbox's company works. */
export const sandboxEnvironment = "dev";

/** The flow that a first start deploys. */
export const sandboxFlow = "shopify-order-to-cash";

type SandboxInput = Pick<ConnectionInput, "name" | "connector" | "config" | "secrets">;

/**
 * The systems of Northwind Outdoor, a made-up retailer: a shop, an ERP and a WMS. Their credentials protect nothing and
 * are written down in the README, so that anyone can send an order by hand.
 */
export const northwind = (sandboxUrl: string): SandboxInput[] => [
  {
    name: "northwind-shop",
    connector: "shopify",
    config: { shopDomain: "northwind-outdoor.myshopify.com", baseUrl: `${sandboxUrl}/northwind-shop` },
    secrets: { webhookSecret: "northwind-sandbox-secret", accessToken: "northwind-sandbox-shop-token" },
  },
  {
    name: "northwind-erp",
    connector: "netsuite",
    config: {
      accountId: "TSTDRV1000001",
      baseUrl: `${sandboxUrl}/northwind-erp`,
      customerId: "501",
      subsidiaryId: "1",
      fallbackItemId: "9000",
      taxItemId: "9001",
      marketplaceTaxItemId: "9002",
      shippingItemId: "9003",
      discountItemId: "9004",
      giftCardItemId: "9005",
      adjustmentItemId: "9006",
    },
    secrets: {
      consumerKey: "northwind-sandbox-consumer",
      consumerSecret: "northwind-sandbox-consumer-secret",
      tokenId: "northwind-sandbox-token",
      tokenSecret: "northwind-sandbox-token-secret",
    },
  },
  {
    name: "northwind-wms",
    connector: "shiphero",
    config: { accountName: "northwind-3pl", baseUrl: `${sandboxUrl}/northwind-wms` },
    secrets: { refreshToken: "northwind-sandbox-refresh-token" },
  },
];
