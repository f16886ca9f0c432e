import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyWebhook } from "#nodes/connector/verifyWebhook.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { type Exchange, type Known, operationOf, sent } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;
const known: Known = {
  config: { accountName: "parcels", baseUrl: "http://127.0.0.1:9" },
  secrets: { apiKey: "EZTK", webhookSecret: "a-long-secret" },
};
const { item, config, answer } = readJson("./samples/easypost.buyLabel.json") as Exchange;
const buy = operationOf("easypost", "buyLabel", known, config);

describe("EasyPost", () => {
  it("buys a label for a package in its own units", async () => {
    const { request, idempotency, documentKey } = await buy.render(item);
    const { headers, body } = await sent(buy.connector, known, request);
    expect(headers.authorization).toBe(`Basic ${Buffer.from("EZTK:").toString("base64")}`);
    expect({ idempotency, documentKey }).toEqual({ idempotency: "none", documentKey: "SHP-20417:1" });
    expect((body as { shipment: Tree }).shipment).toMatchObject({
      reference: "SHP-20417",
      to_address: { name: "Dana Whitfield", zip: "89501", country: "US" },
      from_address: { company: "Northwind Outdoor" },
      parcel: { weight: 84.7, length: 23.6, width: 7.9, height: 7.9 },
      carrier_accounts: ["ca_0017"],
      service: "GroundAdvantage",
    });
    expect(await buy.read(item, answer)).toMatchObject({
      ok: true,
      result: { trackingNumber: "9400100000000000000017", cost: "8.41" },
    });
  });

  it("buys none for several packages at once, and says when none was bought", async () => {
    const packages = [1, 2].map((n) => ({ packageId: String(n), weight: { value: "1", unit: "kg" } }));
    await expect(buy.render({ ...(item as Tree), packages })).rejects.toMatchObject({ class: "invalid" });
    const body = JSON.stringify({ id: "shp_1", tracking_code: null, messages: [{ message: "No rate." }] });
    expect(await buy.read(item, { status: 201, body })).toMatchObject({
      ok: false,
      class: "rejected",
      applied: "maybe",
      reason: { message: expect.stringContaining("No rate.") },
    });
  });

  it("takes only what is signed, and makes a shipment of it", async () => {
    const event = readJson("./samples/easypost.trackerUpdated.json");
    const { operation } = operationOf("easypost", "trackerUpdated", known);
    if (operation?.transport !== "webhook") throw new Error("There is no webhook.");
    const raw = Buffer.from(JSON.stringify(event));
    const signature = createHmac("sha256", "a-long-secret").update(raw).digest("hex");
    const verified = (header: string) => verifyWebhook(operation.verify, known, { "x-hmac-signature": header }, raw).ok;
    expect([verified(`hmac-sha256-hex=${signature}`), verified(signature), verified("hmac-sha256-hex=00")]).toEqual([
      true,
      false,
      false,
    ]);
    const shipment = await runMapping("easypost.shipment.jsonata", event);
    expect(canonicalFaults("canonical/shipment/1", shipment)).toEqual([]);
    expect(shipment).toMatchObject({
      status: "delivered",
      shippedAt: "2026-09-15T22:40:00Z",
      trackingNumbers: [{ number: "9400100000000000000017" }],
    });
  });
});
