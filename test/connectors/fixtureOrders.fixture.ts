import { existsSync, readFileSync } from "node:fs";
import { parseJson } from "#schemas/json.ts";
import { fixturesIn } from "./mapping.fixture.ts";

type Tree = Record<string, unknown>;

/** An order among the fixtures, and the mapping that is to make it canonical. */
export interface FixtureOrder {
  system: string;
  file: string;
  order: Tree;
  mapping: string;
}

const list = (value: unknown): Tree[] => (value === undefined || value === null ? [] : ([value].flat() as Tree[]));
const answersIn = (folder: string, name: RegExp): { file: string; answer: Tree }[] =>
  fixturesIn(folder)
    .filter((each) => name.test(each.name))
    .map(({ name: file, text }) => {
      const whole = parseJson(text) as Tree;
      return { file: `${folder}/${file}`, answer: (whole.response ?? whole) as Tree };
    });

/** Orders API 2026-01-01: whole orders. */
const amazonOrders = (): FixtureOrder[] =>
  ["examples/orders_2026-01-01", "sandbox/orders_2026-01-01"]
    .flatMap((folder) => answersIn(`amazon-sp-api/${folder}`, /\.200\b/))
    .flatMap(({ file, answer }) =>
      list(answer.orders ?? answer.order ?? answer).map((order) => ({
        system: "amazon",
        file,
        order,
        mapping: "amazon.order.jsonata",
      })),
    );

/** The answers that a public client's tests use, by operation. */
function frappe(): { file: string; answer: Tree }[] {
  const file = "amazon-sp-api/frappe/test_data.json";
  const place = new URL(`../../../shared/fixtures/${file}`, import.meta.url);
  if (!existsSync(place)) return [];
  const whole = parseJson(readFileSync(place, "utf8")) as Record<string, { json: Tree }>;
  return ["get_orders_200", "get_order_items_200"].map((name) => ({ file: `${file} ${name}`, answer: whole[name]?.json ?? {} }));
}

/** Orders API v0: orders, with their items attached where a fixture has them. */
function amazonV0(): FixtureOrder[] {
  const answers = [
    ...["examples/ordersV0", "sandbox/ordersV0"].flatMap((folder) =>
      answersIn(`amazon-sp-api/${folder}`, /^getOrder(s|Items)?\.200\b/),
    ),
    ...answersIn("amazon-sp-api/samples", /^orders-getOrder\.json$/),
    ...frappe(),
  ].map(({ file, answer }) => ({ file, payload: (answer.payload ?? {}) as Tree }));
  const items = new Map(
    answers.flatMap(({ payload }) => (payload.OrderItems ? [[payload.AmazonOrderId, payload.OrderItems]] : [])),
  );
  return answers
    .flatMap(({ file, payload }) =>
      list(payload.OrderItems ? undefined : (payload.Orders ?? payload)).map((order) => ({ file, order })),
    )
    .map(({ file, order }) => {
      const attached = items.get(order.AmazonOrderId);
      return {
        system: "amazon",
        file,
        order: attached ? { ...order, items: attached } : order,
        mapping: "amazon.orderV0.jsonata",
      };
    });
}

/** Lists of orders, and the order that other operations answer with. */
const walmart = (): FixtureOrder[] =>
  [
    ...answersIn("walmart/examples", /^us\..*\.response\.200.*\.json$/),
    ...answersIn("walmart/stubs", /^fetchOrder\.json$/),
  ].flatMap(({ file, answer }) =>
    list((answer.list as { elements?: Tree } | undefined)?.elements?.order ?? answer.order).map((order) => ({
      system: "walmart",
      file,
      order,
      mapping: "walmart.order.jsonata",
    })),
  );

const ebay = (): FixtureOrder[] =>
  answersIn("ebay", /^order_get\./).map(({ file, answer }) => ({
    system: "ebay",
    file,
    order: answer,
    mapping: "ebay.order.jsonata",
  }));

const etsy = (): FixtureOrder[] =>
  answersIn("etsy", /^getShopReceipts\./).flatMap(({ file, answer }) =>
    list(answer.results).map((order) => ({ system: "etsy", file, order, mapping: "etsy.order.jsonata" })),
  );

/** Requests stand beside orders there; an order has a total. */
const woocommerce = (): FixtureOrder[] =>
  fixturesIn("woocommerce")
    .filter(({ name }) => name.startsWith("orders."))
    .flatMap(({ name, text }) =>
      list(parseJson(text))
        .filter(({ total }) => typeof total === "string")
        .map((order) => ({ system: "woocommerce", file: `woocommerce/${name}`, order, mapping: "woocommerce.order.jsonata" })),
    );

const mercadoLibre = (): FixtureOrder[] =>
  answersIn("mercado-libre", /^order_get\./).map(({ file, answer }) => ({
    system: "mercado-libre",
    file,
    order: answer,
    mapping: "mercado-libre.order.jsonata",
  }));

const otto = (): FixtureOrder[] =>
  answersIn("otto", /^orders_v4\./).flatMap(({ file, answer }) =>
    list(answer.resources).map((order) => ({ system: "otto", file, order, mapping: "otto.order.jsonata" })),
  );

export const fixtureOrders = (): FixtureOrder[] => [
  ...amazonOrders(),
  ...amazonV0(),
  ...walmart(),
  ...ebay(),
  ...etsy(),
  ...woocommerce(),
  ...mercadoLibre(),
  ...otto(),
];
