import { describe, expect, it } from "vitest";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";

/** Stock from whoever counts it to whoever sells of it: by canonical inventory levels, without a mapping in between. */

type Level = Record<string, unknown>;

const sellers: [string, string, Level, (body: never) => unknown][] = [
  ["amazon", "setQuantity", {}, (body: { patches: { value: { quantity: number }[] }[] }) => body.patches[0]?.value[0]?.quantity],
  [
    "ebay",
    "setQuantity",
    {},
    (body: { requests: { shipToLocationAvailability: { quantity: number } }[] }) =>
      body.requests[0]?.shipToLocationAvailability.quantity,
  ],
  ["walmart", "setQuantity", {}, (body: { quantity: { amount: number } }) => body.quantity.amount],
  ["otto", "setQuantity", {}, (body: { quantity: number }[]) => body[0]?.quantity],
  ["zalando", "setQuantity", { gtin: "4000417000019" }, (body: { items: { quantity: number }[] }) => body.items[0]?.quantity],
  ["woocommerce", "setQuantity", { channelProductId: "93" }, (body: { stock_quantity: number }) => body.stock_quantity],
  [
    "mercado-libre",
    "setQuantity",
    { channelProductId: "MLB41" },
    (body: { available_quantity: number }) => body.available_quantity,
  ],
];

/** What an ERP or a warehouse answers of its stock. */
async function levelsOf(id: string): Promise<Level[]> {
  const { item, config, answer } = readJson(`./samples/${id}.readStock.json`) as Exchange;
  const connector = connectorOf(id);
  const { secrets, config: all } = connectionOf(connector);
  const { warehouseId: _, ...known } = all;
  const read = await operationOf(connector, "readStock", { secrets, config: known }, config).read(item, answer);
  if (!read.ok) throw new Error(read.reason.message);
  return read.result as Level[];
}

async function sent(id: string, operation: string, level: Level): Promise<unknown> {
  const connector = connectorOf(id);
  return (await operationOf(connector, operation, connectionOf(connector)).render(level)).request.body;
}

describe.each(["shiphero", "extensiv", "netsuite", "odoo", "erpnext", "tryton"])("a level of %s", (source) => {
  it.each(sellers)("sets on %s what is available of it", async (id, operation, ids, quantityOf) => {
    const [level] = await levelsOf(source);
    expect(level).toMatchObject({ sku: "NW-TENT-2P-GRN", onHand: 12, available: 9, source: { system: source } });
    expect(quantityOf((await sent(id, operation, { ...level, ...ids })) as never)).toBe(9);
    expect(quantityOf((await sent(id, operation, { ...level, ...ids, safetyStock: 20 })) as never)).toBe(0);
  });
});

it.each(["sap-s4", "business-central"])("of %s nothing is set until somebody says what is promised", async (source) => {
  const [level] = await levelsOf(source);
  await expect(sent("walmart", "setQuantity", level ?? {})).rejects.toThrow("Nobody says how many of NW-TENT-2P-GRN");
  expect(await sent("walmart", "setQuantity", { ...level, reserved: 3 })).toMatchObject({ quantity: { amount: 9 } });
});
