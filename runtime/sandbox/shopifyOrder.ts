import { createHash, createHmac } from "node:crypto";
import { stringify } from "lossless-json";
import { buyers, firstNames, lastNames, type Market, markets, products } from "./storefrontCatalogue.ts";

/** A Shopify order webhook made up for the sandbox, and what is known of it without reading it. */
export interface MadeOrder {
  /** Shopify's order id; sometimes beyond 2^53, and then still a number in `body`. */
  id: string;
  /** The JSON text, exactly what is signed and sent. */
  body: string;
  /** False when its figures were made not to add up. */
  valid: boolean;
  /** Decimal string in `currency`. */
  grand: string;
  currency: string;
  /** Whether a warehouse of the merchant has anything to ship for it. */
  ships: boolean;
  /** Same on every delivery of this event. */
  eventId: string;
  webhookId: string;
}

export interface MakeOptions {
  /** ISO 8601: when the order was placed. Default: a time that follows from the number. */
  at?: string;
  /** Make the total wrong by one unit of the currency. */
  invalid?: boolean;
}

/** Base64 HMAC-SHA256 over the raw body: the value of `x-shopify-hmac-sha256`. */
export const signShopify = (body: string, secret: string): string => createHmac("sha256", secret).update(body).digest("base64");

type Random = () => number;

/** mulberry32: small, fast and the same everywhere. */
function seeded(seed: string): Random {
  let state = createHash("sha256").update(seed).digest().readUInt32LE(0);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const between = (random: Random, low: number, high: number): number => low + Math.floor(random() * (high - low + 1));

function pick<T>(random: Random, list: readonly T[]): T {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new Error("There is nothing to pick from.");
  return found;
}

/** `part` of `whole` in whole minor units, half up. All numbers stay far below 2^53. */
const share = (amount: number, part: number, whole: number): number => Math.floor((2 * amount * part + whole) / (2 * whole));

/** Everything about one order that its parts share; amounts are minor units. */
interface Draft {
  market: Market;
  id: bigint;
  random: Random;
  /** Percent off all products; 0 for none. */
  percentOff: number;
  text: (minor: number) => string;
}

interface Part {
  json: Record<string, unknown>;
  gross: number;
  discount: number;
  tax: number;
  ships: boolean;
}

function taxLines({ market, text }: Draft, base: number): { lines: Record<string, unknown>[]; total: number } {
  const all = market.taxes.reduce((sum, { ppm }) => sum + ppm, 0);
  const taxes = market.taxes.map(({ title, ppm }) => {
    const price = market.inclusive ? share(base, ppm, 1_000_000 + all) : share(base, ppm, 1_000_000);
    return { title, ppm, price };
  });
  return {
    lines: taxes.map(({ title, ppm, price }) => ({ title, rate: ppm / 1_000_000, price: text(price), channel_liable: false })),
    total: taxes.reduce((sum, { price }) => sum + price, 0),
  };
}

function productLine(draft: Draft, index: number, kind: "product" | "digital" | "giftCard", service: string): Part {
  const { random, market, text, id, percentOff } = draft;
  const product = pick(random, products);
  const quantity = kind === "product" ? between(random, 1, 3) : 1;
  const price =
    kind === "giftCard"
      ? between(random, 1, 4) * 25 * 10 ** market.digits
      : between(random, 500, 30_000) * 10 ** Math.max(0, market.digits - 2);
  const gross = price * quantity;
  const discount = kind === "giftCard" ? 0 : share(gross, percentOff, 100);
  const taxes = kind === "giftCard" ? { lines: [], total: 0 } : taxLines(draft, gross - discount);
  const ships = kind === "product";
  const title = kind === "giftCard" ? "Gift card" : kind === "digital" ? `${product.title}, route guide (PDF)` : product.title;
  return {
    gross,
    discount,
    tax: taxes.total,
    ships: ships && service === "manual",
    json: {
      id: id * 10n + BigInt(index),
      variant_id: 40_000_000_000_000 + product.number,
      product_id: 8_000_000_000_000 + product.number,
      sku: kind === "giftCard" ? "" : kind === "digital" ? `${product.sku}-PDF` : product.sku,
      title,
      name: title,
      quantity,
      current_quantity: quantity,
      fulfillable_quantity: quantity,
      price: text(price),
      total_discount: text(0),
      discount_allocations: discount === 0 ? [] : [{ amount: text(discount), discount_application_index: 0 }],
      tax_lines: taxes.lines,
      taxable: kind !== "giftCard",
      requires_shipping: ships,
      gift_card: kind === "giftCard",
      fulfillment_service: kind === "giftCard" ? "gift_card" : service,
      fulfillment_status: null,
      grams: ships ? product.grams : 0,
      properties: [],
    },
  };
}

function productLines(draft: Draft): Part[] {
  const { random } = draft;
  const service = random() < 0.03 ? "partner-logistics" : "manual";
  if (random() < 0.04) return [productLine(draft, 1, "giftCard", service)];
  return Array.from({ length: between(random, 1, 4) }, (_, index) => {
    const kind = random();
    return productLine(draft, index + 1, kind < 0.05 ? "giftCard" : kind < 0.1 ? "digital" : "product", service);
  });
}

function shippingLine(draft: Draft): Part {
  const { random, market, text, id, percentOff } = draft;
  const method = pick(random, market.methods);
  const free = random() < 0.2;
  const gross = free ? 0 : between(random, 390, 1_990) * 10 ** Math.max(0, market.digits - 2);
  const discount = random() < 0.1 ? share(gross, 50, 100) : 0;
  const taxes = market.taxesShipping ? taxLines(draft, gross - discount) : { lines: [], total: 0 };
  return {
    gross,
    discount,
    tax: taxes.total,
    ships: false,
    json: {
      id: id * 10n + 9n,
      title: method.title,
      code: method.code,
      source: "shopify",
      price: text(gross),
      discounted_price: text(gross - discount),
      discount_allocations:
        discount === 0 ? [] : [{ amount: text(discount), discount_application_index: percentOff > 0 ? 1 : 0 }],
      tax_lines: taxes.lines,
    },
  };
}

function addressOf(market: Market, random: Random, first: string, last: string): Record<string, unknown> {
  const place = pick(random, market.places);
  return {
    first_name: first,
    last_name: last,
    name: `${first} ${last}`,
    company: random() < 0.15 ? pick(random, buyers) : null,
    address1: `${between(random, 1, 240)} ${pick(random, market.streets)}`,
    address2: random() < 0.2 ? `Unit ${between(random, 1, 40)}` : null,
    city: place.city,
    province: place.province,
    province_code: place.provinceCode,
    zip: place.zip,
    country: market.country,
    country_code: market.countryCode,
    phone: random() < 0.5 ? `+1 555 01${between(random, 10, 99)}` : null,
  };
}

/** The discounts that the allocations point to, in the order of their indexes. */
function applicationsOf({ percentOff }: Draft, shippingDiscount: number): Record<string, unknown>[] {
  const code = {
    type: "discount_code",
    code: `TRAIL${percentOff}`,
    title: `TRAIL${percentOff}`,
    value: `${percentOff}.0`,
    value_type: "percentage",
  };
  const shipping = {
    type: "automatic",
    title: "Half shipping",
    value: "50.0",
    value_type: "percentage",
    target_type: "shipping_line",
  };
  return [...(percentOff > 0 ? [{ ...code, target_type: "line_item" }] : []), ...(shippingDiscount > 0 ? [shipping] : [])];
}

function customerOf(address: Record<string, unknown>, number: number): Record<string, unknown> {
  const [first, last] = [String(address.first_name), String(address.last_name)];
  const email = `${first}.${last}.${number}@example.com`.toLowerCase().replace(/\s/g, "");
  return { id: 7_000_000_000_000 + number, first_name: first, last_name: last, email };
}

const uuid = (text: string): string => {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Orders of different seeds and numbers have different ids. Every 17th is as long as Shopify's own sample id. */
function orderId(seed: string, number: number): bigint {
  const family = createHash("sha256").update(seed).digest().readUInt32LE(0) % 1_000_000;
  const small = 6_000_000_000_000n + BigInt(family) * 1_000_000n + BigInt(number);
  return number % 17 === 0 ? 820_000_000_000_000_000n + small : small;
}

const sum = (parts: readonly Part[], field: "gross" | "discount" | "tax"): number =>
  parts.reduce((total, part) => total + part[field], 0);

function draftOf(seed: string, number: number): Draft {
  const random = seeded(`${seed}/${number}`);
  const market = pick(random, markets);
  const unit = 10 ** market.digits;
  return {
    random,
    market,
    id: orderId(seed, number),
    percentOff: random() < 0.35 ? pick(random, [5, 10, 15, 20]) : 0,
    text: (minor) =>
      market.digits === 0 ? String(minor) : `${Math.floor(minor / unit)}.${String(minor % unit).padStart(market.digits, "0")}`,
  };
}

/**
 * Makes order `number` of a made-up store: consistent to the last cent, different in lines, discounts, taxes, currency and
 * state. A pure function: the same seed, number and options give the same bytes.
 */
export function makeShopifyOrder(seed: string, number: number, options: MakeOptions = {}): MadeOrder {
  const draft = draftOf(seed, number);
  const { random, market, id, text } = draft;
  const lines = productLines(draft);
  const physical = lines.some(({ json }) => json.requires_shipping === true);
  const shipping = physical ? [shippingLine(draft)] : [];
  const parts = [...lines, ...shipping];
  const tip = market.tips && random() < 0.1 ? between(random, 100, 900) : 0;
  const [discount, tax] = [sum(parts, "discount"), sum(parts, "tax")];
  const exact = sum(parts, "gross") - discount + (market.inclusive ? 0 : tax) + tip;
  const grand = text(options.invalid ? exact + 10 ** market.digits : exact);
  const address = addressOf(market, random, pick(random, firstNames), pick(random, lastNames));
  const customer = random() < 0.1 ? null : customerOf(address, number);
  const at = options.at ?? new Date(Date.UTC(2026, 0, 5, 8) + number * 41_000).toISOString().replace(".000Z", "Z");
  const cancelled = random() < 0.03;
  const money = {
    shop_money: { amount: grand, currency_code: market.currency },
    presentment_money: { amount: grand, currency_code: market.currency },
  };
  const body = stringify({
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#${1000 + number}`,
    order_number: 1000 + number,
    created_at: at,
    processed_at: at,
    updated_at: at,
    cancelled_at: cancelled ? at : null,
    cancel_reason: cancelled ? "customer" : null,
    closed_at: null,
    confirmed: true,
    test: false,
    source_name: "web",
    currency: market.currency,
    presentment_currency: market.currency,
    taxes_included: market.inclusive,
    financial_status: cancelled ? "voided" : pick(random, ["paid", "paid", "paid", "authorized", "authorized"]),
    fulfillment_status: null,
    email: customer?.email ?? null,
    total_line_items_price: text(sum(lines, "gross")),
    total_discounts: text(discount),
    subtotal_price: text(sum(lines, "gross") - sum(lines, "discount")),
    total_tax: text(tax),
    total_tip_received: text(tip),
    total_price: grand,
    total_price_set: money,
    payment_gateway_names: ["shopify_payments"],
    discount_applications: applicationsOf(draft, sum(shipping, "discount")),
    discount_codes: [],
    customer,
    shipping_address: physical ? address : null,
    billing_address: address,
    line_items: lines.map(({ json }) => json),
    shipping_lines: shipping.map(({ json }) => json),
    tax_lines: [],
    fulfillments: [],
    refunds: [],
  });
  if (body === undefined) throw new Error("The order could not be written as JSON.");
  return {
    id: String(id),
    body,
    valid: !options.invalid,
    grand,
    currency: market.currency,
    ships: !cancelled && lines.some((line) => line.ships),
    eventId: uuid(`${seed}/${number}/event`),
    webhookId: uuid(`${seed}/${number}/webhook`),
  };
}
