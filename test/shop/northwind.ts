import type { Ask, Vendure } from "./vendure.ts";

/** What the shop sells: SKU and price in cents, without tax. */
export const products = [
  { sku: "NW-TENT-2P", price: 24_999 },
  { sku: "NW-STOVE-1", price: 2_450 },
  { sku: "NW-PEG-7", price: 33 },
] as const;

export const coupon = "AUTUMN";
/** 8.25 %: cents do not come out even. */
const TAX = 8.25;
const SHIPPING = "595";

const argument = (name: string, value: string) => ({ name, value });
const text = (name: string) => [
  { languageCode: "en", name, description: name, slug: name.toLowerCase(), customFields: undefined },
];

/** Makes a shop out of an empty Vendure, by its admin API: a country, a tax, products, a way to ship and one to pay. */
export async function openShop({ admin }: Vendure): Promise<{ variants: string[] }> {
  const made = async (mutation: string, type: string, input: unknown): Promise<string> => {
    const data = await admin<Record<string, { id: string }>>(
      `mutation ($input: ${type}!) { ${mutation}(input: $input) { ... on ${returned(mutation)} { id } } }`,
      { input },
    );
    return (Object.values(data)[0] as { id: string }).id;
  };
  const country = await made("createCountry", "CreateCountryInput", {
    code: "US",
    enabled: true,
    translations: [{ languageCode: "en", name: "United States" }],
  });
  const zone = await made("createZone", "CreateZoneInput", { name: "US", memberIds: [country] });
  const { activeChannel } = await admin<{ activeChannel: { id: string } }>("{ activeChannel { id } }");
  await made("updateChannel", "UpdateChannelInput", {
    id: activeChannel.id,
    availableCurrencyCodes: ["USD"],
    defaultCurrencyCode: "USD",
    pricesIncludeTax: false,
    defaultTaxZoneId: zone,
    defaultShippingZoneId: zone,
  });
  const categoryId = await made("createTaxCategory", "CreateTaxCategoryInput", { name: "Goods" });
  const tax = { name: "Sales tax", enabled: true, value: TAX, categoryId, zoneId: zone };
  await made("createTaxRate", "CreateTaxRateInput", tax);
  const variants: string[] = [];
  for (const { sku, price } of products) {
    const productId = await made("createProduct", "CreateProductInput", {
      enabled: true,
      translations: text(sku),
    });
    const variant = { productId, sku, price, taxCategoryId: categoryId, stockOnHand: 100_000 };
    const translations = [{ languageCode: "en", name: sku }];
    const { createProductVariants } = await admin<{ createProductVariants: { id: string }[] }>(
      "mutation ($input: [CreateProductVariantInput!]!) { createProductVariants(input: $input) { id } }",
      { input: [{ ...variant, translations }] },
    );
    variants.push(...createProductVariants.map(({ id }) => id));
  }
  await made("createShippingMethod", "CreateShippingMethodInput", {
    code: "parcel",
    fulfillmentHandler: "manual-fulfillment",
    checker: { code: "default-shipping-eligibility-checker", arguments: [argument("orderMinimum", "0")] },
    calculator: {
      code: "default-shipping-calculator",
      arguments: [argument("rate", SHIPPING), argument("includesTax", "exclude"), argument("taxRate", `${TAX}`)],
    },
    translations: [{ languageCode: "en", name: "Parcel", description: "Two to four days" }],
  });
  await made("createPaymentMethod", "CreatePaymentMethodInput", {
    code: "card",
    enabled: true,
    handler: { code: "dummy-payment-handler", arguments: [argument("automaticSettle", "true")] },
    translations: [{ languageCode: "en", name: "Card", description: "" }],
  });
  await made("createPromotion", "CreatePromotionInput", {
    enabled: true,
    couponCode: coupon,
    conditions: [],
    actions: [{ code: "order_percentage_discount", arguments: [argument("discount", "15")] }],
    translations: [{ languageCode: "en", name: "Autumn" }],
  });
  return { variants };
}

/** `createCountry` gives a `Country`. */
const returned = (mutation: string): string => mutation.replace(/^(create|update)/, "");

/** An order as the customer was told of it. */
export interface Placed {
  id: string;
  code: string;
  state: string;
  /** In cents, with tax and shipping. */
  totalWithTax: number;
}

/** What is bought: how many of each variant, and whether with the coupon. */
export interface Basket {
  lines: { variant: string; quantity: number }[];
  withCoupon: boolean;
}

/** Buys as a guest does: basket, address, shipping, coupon, payment. */
export async function placeOrder(visitor: Ask, { lines, withCoupon }: Basket, number: number): Promise<Placed> {
  const order = "__typename ... on Order { id } ... on ErrorResult { errorCode message }";
  for (const line of lines)
    await visitor(
      `mutation ($variant: ID!, $quantity: Int!) { addItemToOrder(productVariantId: $variant, quantity: $quantity) { ${order} } }`,
      line,
    );
  await visitor(`mutation ($input: CreateCustomerInput!) { setCustomerForOrder(input: $input) { ${order} } }`, {
    input: { firstName: "Dana", lastName: `Whitfield ${number}`, emailAddress: `dana.${number}@example.com` },
  });
  await visitor(`mutation ($input: CreateAddressInput!) { setOrderShippingAddress(input: $input) { ${order} } }`, {
    input: {
      fullName: `Dana Whitfield ${number}`,
      streetLine1: "418 Alder Street",
      streetLine2: "Unit 6",
      city: "Bend",
      province: "OR",
      postalCode: "97701",
      countryCode: "US",
      phoneNumber: "541-555-0142",
    },
  });
  const { eligibleShippingMethods } = await visitor<{ eligibleShippingMethods: { id: string }[] }>(
    "{ eligibleShippingMethods { id } }",
  );
  await visitor(`mutation ($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { ${order} } }`, {
    id: eligibleShippingMethods.slice(0, 1).map(({ id }) => id),
  });
  if (withCoupon)
    await visitor(`mutation ($code: String!) { applyCouponCode(couponCode: $code) { ${order} } }`, { code: coupon });
  await visitor(`mutation { transitionOrderToState(state: "ArrangingPayment") { ${order} } }`);
  const { addPaymentToOrder } = await visitor<{ addPaymentToOrder: Placed }>(
    `mutation ($input: PaymentInput!) {
      addPaymentToOrder(input: $input) { ... on Order { id code state totalWithTax } ... on ErrorResult { errorCode message } }
    }`,
    { input: { method: "card", metadata: {} } },
  );
  return addPaymentToOrder;
}
