import { multiply } from "#schemas/decimal.ts";
import { parseJson } from "#schemas/json.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, type Known, operationOf } from "./operation.fixture.ts";

export type Tree = Record<string, unknown>;

interface Property {
  default?: unknown;
  examples?: unknown[];
  format?: string;
  "x-secret"?: boolean;
}

/** A connection as the connector's own examples fill it in, every address being `address`, with other settings in `more`. */
export function exampleOf(id: string, more: object = {}, address = "http://system.example"): Known {
  const config: Tree = {};
  const secrets: Record<string, string> = {};
  for (const [name, property] of Object.entries(connectorOf(id).connection.properties as Record<string, Property>)) {
    const value = property.format === "uri" ? address : (property.examples?.[0] ?? property.default);
    if (property["x-secret"]) secrets[name] = `a ${name}`;
    else if (value !== undefined) config[name] = value;
  }
  return { config: { ...config, ...more }, secrets };
}

/** A sample of an operation; of a poll, a record. */
export const sampleOf = (file: string): Exchange => readJson(`./samples/${file}`) as Exchange;

/** An operation whose connection is that of the examples. */
export const exampleOperation = (id: string, name: string, more: object = {}, nodeConfig: Tree = {}) =>
  operationOf(id, name, exampleOf(id, more), nodeConfig);
export interface Order extends Tree {
  currency: string;
  lines: { sku?: string | null }[];
  totals: { grand: string };
}

/** What an ERP books for one line: how many at which price. */
interface Booked {
  quantity: string | number;
  price: string | number;
}

export interface Erp {
  id: string;
  operation: string;
  /** What the order becomes in the request. */
  sent: (body: unknown) => Tree;
  /** Its lines, and charges as lines of one piece. */
  booked: (sent: Tree) => Booked[];
  /** How an attached product is known, where one has to be. */
  productCode?: string;
}

export const list = (value: unknown): Tree[] => value as Tree[];
const prices = (conditions: unknown): Booked[] =>
  list(conditions ?? []).map(({ ConditionRateValue }) => ({ quantity: 1, price: ConditionRateValue as string }));

export const erps: Erp[] = [
  {
    id: "tryton",
    operation: "createSale",
    sent: (body) => (body as { params: [[Tree]] }).params[0][0],
    booked: ({ lines }) =>
      list((lines as [[string, Tree[]]])[0][1]).map(({ quantity, unit_price }) => ({
        quantity: quantity as number,
        price: (unit_price as { decimal: string }).decimal,
      })),
    productCode: "code",
  },
  {
    id: "odoo",
    operation: "createSalesOrder",
    sent: (body) => (body as { params: { args: [Tree] } }).params.args[0],
    booked: ({ order_line }) =>
      (order_line as [number, number, Tree][]).map(([, , line]) => ({
        quantity: line.product_uom_qty as number,
        price: line.price_unit as number,
      })),
    productCode: "default_code",
  },
  {
    id: "erpnext",
    operation: "createSalesOrder",
    sent: (body) => body as Tree,
    booked: ({ items, taxes }) => [
      ...list(items).map(({ qty, rate }) => ({ quantity: qty as number, price: rate as number })),
      ...list(taxes).map(({ tax_amount }) => ({ quantity: 1, price: tax_amount as number })),
    ],
  },
  {
    id: "business-central",
    operation: "createSalesOrder",
    sent: (body) => body as Tree,
    booked: ({ salesOrderLines }) =>
      list(salesOrderLines).map(({ quantity, unitPrice }) => ({ quantity: quantity as number, price: unitPrice as number })),
  },
  {
    id: "sap-s4",
    operation: "createSalesOrder",
    sent: (body) => body as Tree,
    // A condition is over the whole quantity.
    booked: ({ to_Item, to_PricingElement }) => [
      ...list(to_Item).flatMap((item) => prices(item.to_PricingElement)),
      ...prices(to_PricingElement),
    ],
  },
];

export const erpOf = (id: string): Erp => erps.find((erp) => erp.id === id) as Erp;

/** Everything that orders are handed to here: the ERPs, a warehouse, which refuses what it has, and a tax service. */
export const systems = [
  ...[...erps, { id: "avalara" }].map(({ id }) => ({ id, refusesTwice: false })),
  { id: "extensiv", refusesTwice: true },
];

/** The request for an order, with its products attached where the ERP wants their ids. */
export async function post(erp: Erp, order: Order, connection: Tree = {}, node: Tree = {}): Promise<Tree> {
  const { config } = exampleOf(erp.id);
  const codes = [...order.lines.map(({ sku }) => sku), ...Object.values(config)].filter((code) => typeof code === "string");
  const products = [...new Set(codes)].map((code, index) => ({ id: index + 1, [erp.productCode ?? ""]: code, default_uom: 1 }));
  const { render } = exampleOperation(erp.id, erp.operation, { currency: order.currency, ...connection }, node);
  const call = await render(erp.productCode === undefined ? order : { ...order, products });
  return erp.sent(call.request.body);
}

export const amounts = (erp: Erp, sent: Tree): string[] =>
  erp.booked(sent).map(({ quantity, price }) => multiply(price, quantity));
export const canonical = async (body: string): Promise<Order> =>
  (await runMapping("shopify.order.jsonata", parseJson(body))) as Order;
export const sample = async (name: string): Promise<Order> => {
  const { input } = readJson(`../../flows/samples/shopify-order-to-cash/${name}.sample.json`) as { input: unknown };
  return (await runMapping("shopify.order.jsonata", input)) as Order;
};
