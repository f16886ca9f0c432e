import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { parseJson } from "#schemas/json.ts";
import { maskPersonal } from "./mask.ts";

/** Whether a value can be read out of a text, as it is said; the product looks for all of them in one pass. */
function appears(value: string, text: string): boolean {
  const [needle, hay] = [value.trim().toLowerCase(), text.toLowerCase()];
  if (needle.length > 3) return hay.includes(needle);
  return hay.split(/[^\p{L}\p{N}]+/u).includes(needle) || hay === needle;
}

type Tree = Record<string, unknown>;

const salt = "one flow";

/** Letters that no field name, list of pseudonyms or sum is made of: what is read afterwards was not masked. */
const letters = fc.constantFrom(..."\u0436\u0448\u044f\u0444\u044d\u0416\u042f");
const word = fc.string({ unit: letters, minLength: 2, maxLength: 9 });
const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 8, maxLength: 11 });
const address = fc.record({
  first_name: word,
  last_name: word,
  company: word,
  address1: fc.tuple(word, fc.nat(99)).map(([street, number]) => `${street} ${number}`),
  city: fc.constantFrom("Berlin", "Montreal"),
  zip: fc.constantFrom("10115", "H2Y 1C6"),
  country_code: fc.constantFrom("DE", "CA"),
  phone: digits.map((number) => `+4${number}`),
});
const order = fc
  .record({
    email: fc.tuple(word, fc.constantFrom("mail.example", "post.example")).map(([name, host]) => `${name}${name}q@${host}`),
    shipping_address: address,
    buyerVatNumber: digits.map((number) => `DE${number}`),
    note: fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(" ")),
    customer: fc.record({ name: fc.tuple(word, word).map((names) => names.join(" ")), id: fc.nat() }),
    line_items: fc.array(
      fc.record({ sku: fc.constantFrom("NW-1", "NW-2"), quantity: fc.nat(9), price: fc.constantFrom("1.00", "19.99") }),
    ),
    total_price: fc.constantFrom("20.99", "0.00"),
    tags: word,
  })
  .map((made) => ({
    ...made,
    source_text: `Sent to ${made.customer.name} (${made.email})`,
    contact: { ...made.shipping_address },
  }));

const leaves = (value: unknown): unknown[] =>
  typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [value];

/** Names and kinds of all values, in their order. */
const shape = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== "object" || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]));
};

describe("a masked message", () => {
  it("has no personal value anywhere, and all of its shape", () => {
    fc.assert(
      fc.property(order, (made) => {
        const { value } = maskPersonal(made, { salt });
        const { first_name, last_name, company, address1, phone } = made.shipping_address;
        const personal = [
          made.email,
          first_name,
          last_name,
          company,
          address1,
          phone,
          made.buyerVatNumber,
          made.note,
          made.customer.name,
        ];
        for (const leaf of leaves(value))
          for (const one of personal) expect(appears(one, String(leaf)), `${one} in ${leaf}`).toBe(false);
        expect(shape(value)).toEqual(shape(made));
      }),
      { numRuns: 400 },
    );
  });

  it("keeps sums, goods, quantities, countries and areas as they are", () => {
    fc.assert(
      fc.property(order, (made) => {
        const value = maskPersonal(made, { salt }).value as typeof made;
        expect([value.line_items, value.total_price, value.customer.id]).toEqual([
          made.line_items,
          made.total_price,
          made.customer.id,
        ]);
        const { city, country_code, zip } = value.shipping_address;
        expect([city, country_code]).toEqual([made.shipping_address.city, made.shipping_address.country_code]);
        expect(["10100", "H2Y 0A0"]).toContain(zip);
      }),
    );
  });

  it("is the same for the same salt, and another for another; equal values stay equal", () => {
    fc.assert(
      fc.property(order, (made) => {
        const once = maskPersonal(made, { salt });
        expect(maskPersonal(structuredClone(made), { salt })).toEqual(once);
        const value = once.value as typeof made;
        expect(value.contact).toEqual(value.shipping_address);
        const other = maskPersonal(made, { salt: "another" }).value as typeof made;
        expect(other.email).not.toBe(value.email);
      }),
    );
  });

  it("has forms that still hold", () => {
    const value = maskPersonal(
      {
        buyer: { EmailAddress: "jane.doe@shop.test", Name: "Jane Doe", Phone: 4155550132 },
        ship_to: { name: "Jane Doe", street: ["12 Long Road", "Flat 3"], postalCode: "SW1A 1AA", latitude: 51.5007 },
        vat_id: "DE123456789",
        birthday: "1984-06-21",
        order_status_url: "https://shop.test/orders/1?key=abcdef",
        by: { "jane.doe@shop.test": 1 },
      },
      { salt },
    ).value as Tree & { buyer: Tree; ship_to: Tree; by: Tree };
    expect(value.buyer.EmailAddress).toMatch(/^[a-z]+\.[0-9a-f]{8}@example\.com$/);
    expect(value.buyer.Name).toBe(value.ship_to.name);
    expect(String(value.buyer.Name)).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    expect(value.buyer.Phone).toEqual(expect.any(Number));
    expect(value.ship_to).toMatchObject({ postalCode: "SW1A 0AA", latitude: 51.5 });
    expect(value.vat_id).toMatch(/^DE\d{9}$/);
    expect(value.birthday).toBe("1984-01-01");
    expect(value.order_status_url).toBe("https://shop.test/orders/1");
    expect(Object.keys(value.by)).toEqual([value.buyer.EmailAddress]);
  });

  it("says what was masked, masks what a person adds, and leaves what a person keeps", () => {
    const made = { email: "jane.doe@shop.test", colour: "blue", lines: [{ engraving: "For Jane" }], amount: "1.00" };
    const found = maskPersonal(made, { salt });
    expect(found.masked).toEqual([{ pointer: "/email", kind: "email" }]);
    const { value, masked } = maskPersonal(made, { salt, mask: ["/lines"], keep: ["/email"] });
    expect(value).toMatchObject({ email: made.email, colour: "blue", amount: "1.00" });
    expect(JSON.stringify(value)).not.toContain('Jane"');
    expect(masked).toEqual([{ pointer: "/lines/0/engraving", kind: "note" }]);
  });

  it("takes nothing from a product, a carrier or a shop that has a name", () => {
    const made = {
      line_items: [{ name: "Trail pack", title: "Trail pack", vendor: "Northwind" }],
      shipping_lines: [{ title: "Post Regular", carrier: { name: "Post" } }],
      shop: { name: "Northwind", currency: "EUR" },
      vat: "3.80",
      mail_class: "priority",
      company_code: "1000",
      name: "#1507",
    };
    expect(maskPersonal(made, { salt })).toEqual({ value: made, masked: [] });
  });

  it("still passes through the flow's mapping: the samples of the house keep their sums and lines", () => {
    const folder = fromRoot("flows", "samples", "shopify-order-to-cash");
    for (const file of readdirSync(folder)) {
      const { input } = parseJson(readFileSync(`${folder}/${file}`, "utf8")) as { input: Tree };
      const { value } = maskPersonal(input, { salt });
      const { line_items, total_price, tax_lines, shipping_lines } = value as Tree;
      expect({ line_items, total_price, tax_lines, shipping_lines }, file).toEqual({
        line_items: input.line_items,
        total_price: input.total_price,
        tax_lines: input.tax_lines,
        shipping_lines: input.shipping_lines,
      });
      const shipping = input.shipping_address as Tree | null;
      for (const one of [shipping?.last_name, shipping?.address1].filter((text) => typeof text === "string" && text.length > 3))
        expect(JSON.stringify(value), file).not.toContain(one);
    }
  });

  it.each([
    ["one that is nearly an e-mail address", { text: "x".repeat(900_000) }],
    ["one that is nearly an address of the web", { text: `http://${"?".repeat(900_000)} ` }],
    ["one of very many half addresses", { text: "a@".repeat(400_000), other: `a@${"b.".repeat(400_000)}` }],
    ["a note in itself", { note: "ab".repeat(200_000), text: "ba".repeat(200_000) }],
    [
      "very many people",
      Array.from({ length: 9_000 }, (_, at) => ({ email: `person${at}@mail.example`, text: `Sent to person${at}@mail.example` })),
    ],
  ])("incident: a long text takes the time of its length: %s", (_what, made) => {
    const began = performance.now();
    maskPersonal(made, { salt });
    // A quarter of an hour when each end is tried with each beginning.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
