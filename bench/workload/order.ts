import { createHmac } from "node:crypto";

/** The secret with which the benchmark's store signs its webhooks. */
export const webhookSecret = "bench-webhook-secret";

const money = (amount: string) => ({
  shop_money: { amount, currency_code: "USD" },
  presentment_money: { amount, currency_code: "USD" },
});

const taxLine = (price: string) => ({
  title: "CO State Tax",
  rate: 0.029,
  price,
  price_set: money(price),
  channel_liable: false,
});

interface Line {
  title: string;
  sku: string;
  price: string;
  quantity: number;
  grams: number;
  discount: string;
  tax: string;
}

const lineItem = ({ title, sku, price, quantity, grams, discount, tax }: Line, place: number) => ({
  id: 14_200_000_000_000 + place,
  admin_graphql_api_id: `gid://shopify/LineItem/${14_200_000_000_000 + place}`,
  product_id: 8_100_000_000_000 + place,
  variant_id: 44_900_000_000_000 + place,
  variant_inventory_management: "shopify",
  variant_title: null,
  vendor: "Cedar Ridge Outfitters",
  sku,
  title,
  name: title,
  quantity,
  current_quantity: quantity,
  fulfillable_quantity: quantity,
  fulfillment_service: "manual",
  fulfillment_status: null,
  requires_shipping: true,
  gift_card: false,
  product_exists: true,
  taxable: true,
  grams,
  price,
  price_set: money(price),
  total_discount: "0.00",
  properties: [],
  duties: [],
  tax_lines: [taxLine(tax)],
  discount_allocations: [{ amount: discount, amount_set: money(discount), discount_application_index: 0 }],
});

const address = (line1: string, line2: string | null) => ({
  first_name: "Marta",
  last_name: "Okafor",
  name: "Marta Okafor",
  company: null,
  address1: line1,
  address2: line2,
  city: "Boulder",
  zip: "80302",
  province: "Colorado",
  province_code: "CO",
  country: "United States",
  country_code: "US",
  phone: "+1-303-555-0117",
  latitude: 40.0189,
  longitude: -105.2747,
});

const lines: Line[] = [
  { title: "Ridge Tent 2", sku: "CR-TENT2-OLV", price: "249.00", quantity: 1, grams: 2150, discount: "37.35", tax: "6.14" },
  { title: "Down Quilt -5 C", sku: "CR-QUILT-M", price: "189.50", quantity: 1, grams: 780, discount: "28.43", tax: "4.67" },
  { title: "Gas Stove Mini", sku: "CR-STOVE-MN", price: "42.00", quantity: 2, grams: 95, discount: "12.60", tax: "2.07" },
];

const order = {
  id: 0,
  bench_t0: 0,
  admin_graphql_api_id: "gid://shopify/Order/6100000000000",
  app_id: 580_111,
  browser_ip: "198.51.100.42",
  buyer_accepts_marketing: true,
  cancel_reason: null,
  cancelled_at: null,
  cart_token: "hWN4tb0c8Jm2Qk6yXr1sVz5a",
  checkout_id: 38_400_000_000_001,
  checkout_token: "7f0d1c5b9e3a4862b1d4c6e8f0a29374",
  client_details: {
    accept_language: "en-US,en;q=0.9",
    browser_ip: "198.51.100.42",
    browser_height: null,
    browser_width: null,
    session_hash: null,
    user_agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  },
  closed_at: null,
  company: null,
  confirmation_number: "KJ71QH4MZ",
  confirmed: true,
  contact_email: "Marta.Okafor@example.com",
  created_at: "2026-06-11T18:04:37-06:00",
  currency: "USD",
  presentment_currency: "USD",
  current_subtotal_price: "444.12",
  current_total_discounts: "78.38",
  current_total_price: "466.95",
  current_total_tax: "12.88",
  customer_locale: "en-US",
  device_id: null,
  discount_codes: [{ code: "SUMMIT15", amount: "78.38", type: "percentage" }],
  discount_applications: [
    {
      type: "discount_code",
      target_type: "line_item",
      target_selection: "all",
      allocation_method: "across",
      value: "15.0",
      value_type: "percentage",
      code: "SUMMIT15",
    },
  ],
  email: "Marta.Okafor@example.com",
  estimated_taxes: false,
  financial_status: "paid",
  fulfillment_status: null,
  landing_site: "/collections/shelter?utm_source=partner&utm_medium=banner",
  location_id: null,
  merchant_of_record_app_id: null,
  name: "#20731",
  note: "Please ring twice, the dog is friendly.",
  note_attributes: [
    { name: "gift_wrap", value: "no" },
    { name: "delivery_day", value: "Saturday" },
  ],
  number: 19_731,
  order_number: 20_731,
  order_status_url: "https://cedar-ridge.example.com/71520034/orders/7f0d1c5b9e3a4862b1d4c6e8f0a29374/authenticate?key=9d41c7",
  payment_gateway_names: ["shopify_payments"],
  payment_terms: null,
  phone: "+1-303-555-0117",
  po_number: null,
  processed_at: "2026-06-11T18:04:35-06:00",
  referring_site: "https://partner.example.com/summer",
  source_name: "web",
  subtotal_price: "444.12",
  subtotal_price_set: money("444.12"),
  tags: "summer, vip, wholesale-lead",
  tax_exempt: false,
  tax_lines: [taxLine("12.88")],
  taxes_included: false,
  test: false,
  token: "7f0d1c5b9e3a4862b1d4c6e8f0a29374",
  total_discounts: "78.38",
  total_discounts_set: money("78.38"),
  total_line_items_price: "522.50",
  total_line_items_price_set: money("522.50"),
  total_outstanding: "0.00",
  total_price: "466.95",
  total_price_set: money("466.95"),
  total_shipping_price_set: money("9.95"),
  total_tax: "12.88",
  total_tax_set: money("12.88"),
  total_tip_received: "0.00",
  total_weight: 3120,
  updated_at: "2026-06-11T18:04:41-06:00",
  user_id: null,
  billing_address: address("1450 Alpine Avenue", null),
  shipping_address: address("77 Foothill Trail", "Cabin 4"),
  customer: {
    id: 7_650_000_000_019,
    email: "marta.okafor@example.com",
    first_name: "Marta",
    last_name: "Okafor",
    created_at: "2023-09-18T09:22:10-06:00",
    state: "enabled",
    verified_email: true,
    tags: "vip",
    currency: "USD",
    phone: "+1-303-555-0117",
    tax_exempt: false,
  },
  line_items: lines.map(lineItem),
  shipping_lines: [
    {
      id: 4_710_000_000_003,
      carrier_identifier: "a1d9c03f7be2486c9f51e0d7",
      code: "GROUND",
      title: "Ground, 2 to 4 days",
      delivery_category: null,
      price: "9.95",
      price_set: money("9.95"),
      discounted_price: "9.95",
      discounted_price_set: money("9.95"),
      requested_fulfillment_service_id: null,
      source: "shopify",
      phone: null,
      tax_lines: [],
      discount_allocations: [],
    },
  ],
  fulfillments: [],
  refunds: [],
};

const [head = "", tail = ""] = JSON.stringify(order).split('"id":0,"bench_t0":0');

/**
 * The text of one order webhook of about 8 KB. `t0` is when it is sent, in milliseconds on the clock that all processes
 * share (`now`); it travels through the mapping, so that the WMS stub can tell how long the order took.
 */
export const orderText = (id: number, t0: number): string => `${head}"id":${id},"bench_t0":${t0.toFixed(1)}${tail}`;

/** Milliseconds since 1970, finer than `Date.now()`. */
export const now = (): number => performance.timeOrigin + performance.now();

/** Base64 HMAC-SHA256 of the raw body, as Shopify signs. */
export const signature = (body: string): string => createHmac("sha256", webhookSecret).update(body).digest("base64");

/** Headers of one delivery; the event id is the same for every delivery of an order. */
export const deliveryHeaders = (id: number, body: string): Record<string, string> => ({
  "content-type": "application/json",
  "x-shopify-topic": "orders/create",
  "x-shopify-event-id": `bench-${id}`,
  "x-shopify-hmac-sha256": signature(body),
});
