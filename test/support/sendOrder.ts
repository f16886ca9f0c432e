import { expect } from "vitest";
import { type makeShopifyOrder, signShopify } from "#runtime/sandbox/shopifyOrder.ts";

/** Has the shop of the sandbox send an order to a webhook, which accepts it. Answers the order's id. */
export async function sendOrder(hook: string, { body, eventId, id }: ReturnType<typeof makeShopifyOrder>): Promise<string> {
  const answer = await fetch(hook, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-shopify-hmac-sha256": signShopify(body, "northwind-sandbox-secret"),
      "x-shopify-event-id": eventId,
    },
    body,
  });
  expect(answer.status).toBe(202);
  return id;
}
