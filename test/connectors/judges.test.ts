import "@shopify/shopify-api/adapters/node";
import { ApiVersion, shopifyApi } from "@shopify/shopify-api";
import Stripe from "stripe";
import { describe, expect, it } from "vitest";
import { signWebhook, verifyWebhook } from "#nodes/connector/verifyWebhook.ts";
import type { WebhookVerification } from "#schemas/sourceOperation.ts";
import { connectorOf } from "./operation.fixture.ts";

/** The systems' own libraries judge how we verify their webhooks, in both directions: what they sign, what we sign. */

function verificationOf(connector: string, name: string): WebhookVerification {
  const operation = connectorOf(connector).operations[name];
  if (operation?.transport !== "webhook") throw new Error(`${connector} has no webhook ${name}.`);
  return operation.verify;
}

const secret = "whsec_northwind_1234567890";
const context = { config: {}, secrets: { webhookSecret: secret } };
const body = JSON.stringify({ id: "evt_1", note: "Grüße, 東京 🚚", amount: 820982911946154508n.toString() });
const bytes = Buffer.from(body);
const changed = Buffer.from(body.replace("evt_1", "evt_2"));

describe("Stripe's own library", () => {
  const verification = verificationOf("stripe", "payoutEvent");
  const { webhooks } = new Stripe("sk_test_none");
  const signed = (timestamp: number, more: object = {}) =>
    webhooks.generateTestHeaderString({ payload: body, secret, timestamp, ...more });
  const now = Math.floor(Date.now() / 1000);
  const ours = (header: string, raw: Buffer = bytes) =>
    verifyWebhook(verification, context, { "stripe-signature": header }, raw).ok;
  const theirs = (header: string, raw: Buffer = bytes): boolean => {
    try {
      webhooks.constructEvent(raw, header, secret);
      return true;
    } catch {
      return false;
    }
  };

  it("signs what we take", () => expect(ours(signed(now))).toBe(true));

  it("takes what we sign", () => {
    const header = signWebhook(verification, context, bytes)["stripe-signature"] ?? "";
    expect(theirs(header)).toBe(true);
  });

  it.each([
    ["another body", signed(now), changed],
    ["another secret", signed(now, { secret: "whsec_other" }), bytes],
    ["a signature of long ago", signed(now - 3_600), bytes],
    ["no signature", `t=${now}`, bytes],
    ["another scheme alone", signed(now).replace("v1=", "v0="), bytes],
    ["a time that was changed", signed(now).replace(`t=${now}`, `t=${now - 1}`), bytes],
    ["one good signature of two", `${signed(now)},v1=${"0".repeat(64)}`, bytes],
    ["one good signature after a bad one", signed(now).replace(",v1=", `,v1=${"0".repeat(64)},v1=`), bytes],
  ])("says of %s what we say", (_, header, raw) => {
    expect(ours(header, raw)).toBe(theirs(header, raw));
  });
});

describe("Shopify's own library", () => {
  const verification = verificationOf("shopify", "orderCreated");
  const shopify = shopifyApi({
    apiKey: "key",
    apiSecretKey: secret,
    apiVersion: Object.values(ApiVersion).at(-1) as ApiVersion,
    isEmbeddedApp: false,
    hostName: "northwind-outdoor.myshopify.com",
    logger: { log: () => {} },
  });
  const theirs = async (hmac: string, raw: Buffer): Promise<boolean> => {
    const headers = {
      "X-Shopify-Hmac-Sha256": hmac,
      "X-Shopify-Topic": "orders/create",
      "X-Shopify-Shop-Domain": "northwind-outdoor.myshopify.com",
      "X-Shopify-API-Version": "2026-07",
      "X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
    };
    const rawRequest = { method: "POST", url: "/", headers };
    return (await shopify.webhooks.validate({ rawBody: raw.toString(), rawRequest })).valid;
  };
  const ours = (hmac: string, raw: Buffer) => verifyWebhook(verification, context, { "x-shopify-hmac-sha256": hmac }, raw).ok;
  const good = signWebhook(verification, context, bytes)["x-shopify-hmac-sha256"] ?? "";

  it("takes what we sign", async () => expect([good.length, await theirs(good, bytes)]).toEqual([44, true]));

  it.each([
    ["what was signed", good, bytes],
    ["another body", good, changed],
    ["another signature", `A${good.slice(1)}`, bytes],
    ["hex in the place of Base64", Buffer.from(good, "base64").toString("hex"), bytes],
  ])("says of %s what we say", async (_, hmac, raw) => {
    expect(ours(hmac, raw)).toBe(await theirs(hmac, raw));
  });
});
