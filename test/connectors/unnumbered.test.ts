import { describe, expect, it } from "vitest";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;
interface Line {
  lineId: string;
  sku: string;
  quantity: number;
}

/**
 * What a marketplace answers when it is asked which shipments of an order it has: of `lines`, told it under `id`, with `number`
 * or without one.
 */
type Told = { id: string; lines: Line[]; number?: string };
const answers: Record<string, (told: Told[]) => unknown> = {
  ebay: (told) => ({
    fulfillments: told.map(({ lines, number }) => ({
      lineItems: lines.map(({ lineId, quantity }) => ({ lineItemId: lineId, quantity })),
      ...(number ? { shipmentTrackingNumber: number } : {}),
    })),
  }),
  // Etsy knows no lines: a receipt ships as a whole.
  etsy: (told) => ({ shipments: told.map(({ number }) => ({ tracking_code: number ?? null })) }),
  mirakl: (told) => ({
    data: told.map(({ id, number }) => ({ invoice_reference: id, tracking: number ? { tracking_number: number } : null })),
  }),
  shopify: (told) => ({
    data: {
      order: {
        fulfillments: told.map(({ lines, number }) => ({
          status: "SUCCESS",
          trackingInfo: number ? [{ number }] : [],
          fulfillmentLineItems: {
            nodes: lines.map(({ lineId, sku, quantity }) => ({
              quantity,
              lineItem: { id: `gid://shopify/LineItem/${lineId}`, sku },
            })),
          },
        })),
      },
    },
  }),
};

describe.each(Object.entries(answers))("a shipment without a tracking number that %s was told of", (id, answer) => {
  const connector = connectorOf(id);
  const { item: whole } = readJson(`./samples/${id}.confirmShipment.json`) as Exchange & { item: Tree & { lines: Line[] } };
  const { trackingNumbers: _, ...item } = whole as Tree & { lines: Line[]; shipmentId: string };
  const { lines, shipmentId } = item;
  const { read, render } = operationOf(connector, "confirmShipment", connectionOf(connector));
  const found = async (told: Told[], of: Tree = item) => {
    const result = await read(of, { body: JSON.stringify(answer(told)) }, "lookup");
    return result.ok && result.found;
  };

  it("is found, so that it is not told once more", async () => {
    expect(await found([{ id: shipmentId, lines: lines.toReversed() }])).toBe(true);
    expect(await found([])).toBe(false);
  });

  it("is no other shipment of the order", async () => {
    const fewer = lines.map((line) => ({ ...line, quantity: line.quantity + 1 }));
    expect(await found([{ id: "another", lines, number: "1Z999" }])).toBe(false);
    if (id !== "etsy") expect(await found([{ id: "another", lines: fewer }])).toBe(false);
    const numbered = { ...item, shipmentId: "numbered", trackingNumbers: [{ number: "1Z777" }] };
    expect(await found([{ id: shipmentId, lines }], numbered)).toBe(false);
    expect(await found([{ id: "numbered", lines, number: "1Z777" }], numbered)).toBe(true);
  });

  it("is told without a number", async () => {
    expect(JSON.stringify((await render(item)).request.body)).not.toMatch(/tracking_?number":(?!\[\])/i);
  });
});

it("Shopify's pieces are known by their SKU where the warehouse knows no line", async () => {
  const connector = connectorOf("shopify");
  const { item } = readJson("./samples/shopify.confirmShipment.json") as Exchange & { item: Tree & { lines: Line[] } };
  const { read } = operationOf(connector, "confirmShipment", connectionOf(connector));
  const lines = item.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  const body = JSON.stringify(answers.shopify?.([{ id: "x", lines: item.lines }]));
  expect(await read({ ...item, trackingNumbers: [], lines }, { body }, "lookup")).toMatchObject({ found: true });
});

/** Walmart and OTTO take no shipment without a number; what they have of one, by its number: `lines` of the order. */
const byNumber: Record<string, (number: string, lines: string[], order: string) => unknown> = {
  walmart: (number, lines) => ({
    order: {
      orderLines: {
        orderLine: lines.map((lineNumber) => ({
          lineNumber,
          orderLineStatuses: { orderLineStatus: [{ status: "Shipped", trackingInfo: { trackingNumber: number } }] },
        })),
      },
    },
  }),
  otto: (number, lines, order) => ({
    shipmentId: "101074000417",
    trackingKey: { carrier: "HERMES", trackingNumber: number },
    positionItems: lines.map((positionItemId) => ({ positionItemId, salesOrderId: order })),
  }),
};

describe.each(Object.entries(byNumber))("a tracking number that %s knows", (id, answer) => {
  const connector = connectorOf(id);
  const { item } = readJson(`./samples/${id}.confirmShipment.json`) as Exchange & {
    item: Tree & { lines: Line[]; orderRef: { externalId: string }; trackingNumbers: [{ number: string }] };
  };
  const { read } = operationOf(connector, "confirmShipment", connectionOf(connector));
  const { number } = item.trackingNumbers[0];
  const lines = [...item.lines, { lineId: "another", sku: "X", quantity: 1 }];
  const found = async (told: string[], of: Tree = { ...item, lines }, order = item.orderRef.externalId) => {
    const result = await read(of, { body: JSON.stringify(answer(number, told, order)) }, "lookup");
    return result.ok && result.found;
  };
  const ids = lines.map(({ lineId }) => lineId);

  it("shows that the shipment was told, whatever else lies in the same parcel", async () => {
    expect(await found(ids)).toBe(true);
    expect(await found(ids, item)).toBe(true);
  });

  it("does not while a line of the shipment is missing: two shipments under one label are told both", async () => {
    expect(await found(ids.slice(0, 1))).toBe(false);
    expect(await found(ids.slice(1))).toBe(false);
    expect(await found([])).toBe(false);
    // Walmart is asked for the order, OTTO for the number.
    if (id === "walmart") expect(await found(ids, { ...item, trackingNumbers: [{ number: "1Z777" }] })).toBe(false);
    else expect(await found(ids, item, "another order")).toBe(false);
  });
});
