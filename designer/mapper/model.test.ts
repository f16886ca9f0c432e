import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import order from "#schemas/canonical/order.schema.json" with { type: "json" };
import { analyse } from "../expression/analyse.ts";
import { checkOf, shapeAt } from "./checks.ts";
import { linesBetween } from "./lines.ts";
import {
  acceptAll,
  addField,
  fieldAt,
  type Model,
  mapField,
  modelOf,
  suggestAll,
  unmapField,
  wrapped,
  writeField,
} from "./model.ts";
import { pathOf, pathText } from "./path.ts";
import { rowsOf, searchFor } from "./rows.ts";
import { firstAt, runFields, sourceOf } from "./source.ts";
import { suggestionsFor } from "./suggest.ts";
import { coverageOf, type TargetField, targetOf } from "./target.ts";
import { literalOf, tableOf, tableText, transformed, transforms, withDefault } from "./transforms.ts";

const files = import.meta.glob<{ input: unknown }>("../../flows/samples/shopify-order-to-cash/*.json", {
  import: "default",
  eager: true,
});
const samples = Object.values(files).map(({ input }) => input);
const source = { node: "orders", system: "shopify", account: "northwind" };
const sources = [...sourceOf(samples).children, ...runFields(source)];
const target = targetOf(order);
const begin = (text = ""): Model => modelOf(text, target, sources);

const clock = { runId: "run", now: "2026-01-15T12:00:00.000Z", seed: "seed", sourceNode: "orders" };
const evaluate = (text: string, input: unknown): Promise<unknown> =>
  evaluateExpression(text, input, { clock, salt: "", variables: { source, run: { id: "run", now: clock.now } } });

const fieldOf = (model: Model, key: string): TargetField => {
  const found = fieldAt(model.target, pathOf(key));
  if (!found) throw new Error(`No target ${key}`);
  return found;
};

function map(model: Model, from: string, to: string): string {
  const found = model.fields.get(from);
  const done = found && mapField(model, found, fieldOf(model, to));
  if (!done) throw new Error(`${from} cannot be mapped to ${to}`);
  return done.text;
}

describe("the source", () => {
  it("says of each field its kinds, its examples and how many of the samples have it", () => {
    const { fields } = begin();
    expect(fields.get("line_items")).toMatchObject({ list: true, seen: samples.length, of: samples.length });
    expect(fields.get("cancelled_at")).toMatchObject({ seen: 1 });
    expect(fields.get("total_price")).toMatchObject({ money: true });
    expect(fields.get("line_items/sku")?.examples.length).toBeGreaterThan(1);
  });
});

describe("the target", () => {
  it("follows references and tells what is required, and in which form", () => {
    expect(fieldOf(begin(), "totals/grand")).toMatchObject({ required: true, form: "decimal" });
    expect(fieldOf(begin(), "orderedAt")).toMatchObject({ required: true, form: "instant" });
    expect(fieldOf(begin(), "status").choices).toContain("cancelled");
    expect(fieldOf(begin(), "lines").list).toBe(true);
    expect(fieldOf(begin(), "schemaVersion").constant).toBe("1.1.0");
  });

  it("counts the required fields of an optional object once it is mapped, and all of one that an expression gives", () => {
    const { required } = coverageOf(target, undefined);
    const partly = begin('{ "shipTo": { "name": "x" } }').coverage;
    expect(partly.required).toBe(required + 1);
    expect(partly.open.map(({ key }) => key)).toContain("shipTo/countryCode");
    const whole = begin('{ "totals": sums, "lines": [] }').coverage;
    expect(whole.open.map(({ key }) => key).filter((key) => /^(totals|lines)/.test(key))).toEqual([]);
  });

  it("shows also what it does not know", () => {
    const model = begin('{ "mine": { "own": 1 } }');
    expect(fieldOf(model, "mine/own").extra).toBe(true);
  });
});

describe("mapping a source onto a target", () => {
  it("writes what the target wants of it", () => {
    expect(map(begin(), "id", "externalId")).toBe('{\n  "externalId": $string(id)\n}');
    expect(map(begin(), "total_price", "totals/grand")).toBe('{\n  "totals": {\n    "grand": $dec(total_price)\n  }\n}');
    expect(map(begin(), "$source/account", "channel/account")).toContain("$source.account");
    expect(map(begin(), "line_items/sku", "externalNumber")).toContain("line_items[0].sku");
  });

  it("goes through the list that the source is in, inside it by plain names, and beside it by the whole input", async () => {
    let text = map(begin(), "line_items/sku", "lines/sku");
    text = map(begin(text), "line_items/tax_lines/price", "lines/taxes/amount");
    text = map(begin(text), "currency", "lines/title");
    expect(text.replaceAll(/\s+/g, " ")).toBe(
      '{ "lines": [line_items.{ "sku": sku, "taxes": [tax_lines.{ "amount": $dec(price) }], "title": $$.currency }] }',
    );
    const input = { currency: "EUR", line_items: [{ sku: "A", tax_lines: [{ price: "1.00" }] }] };
    expect(await evaluate(text, input)).toEqual({ lines: [{ sku: "A", taxes: [{ amount: "1.00" }], title: "EUR" }] });
  });

  it("keeps to the variable of a $map that stands there", () => {
    const text = '{ "lines": [$map(line_items, function($l) {{ "sku": $l.sku }})] }';
    expect(map(begin(text), "line_items/quantity", "lines/quantity")).toContain('"quantity": $l.quantity');
    expect(map(begin(text), "currency", "lines/title")).toContain('"title": currency');
  });

  it("maps what goes together when an object or a list is dropped on one of its kind", () => {
    const address = map(begin(), "shipping_address", "shipTo");
    for (const line of ['"city": shipping_address.city', '"postalCode": shipping_address.zip']) expect(address).toContain(line);
    expect(map(begin(), "line_items", "lines")).toContain('"unitPrice": $dec(price)');
  });

  it("finds no place inside what an expression gives as a whole", () => {
    const model = begin('{ "shipTo": $address(shipping_address) }');
    const city = model.fields.get("shipping_address/city");
    expect(city && mapField(model, city, fieldOf(model, "shipTo/city"))).toBeUndefined();
    expect(writeField(model, fieldOf(model, "shipTo/city"), '"x"')).toBeUndefined();
  });

  it("any two fields: gives a sound expression, says where the value comes from, and is undone by unmapping", () => {
    const { fields } = begin();
    const leaves: TargetField[] = [];
    const collect = (field: TargetField): void => {
      if (field.children.length === 0) leaves.push(field);
      for (const child of field.children) collect(child);
    };
    collect(target);
    const before = '{\n  "externalNumber": name /* kept */\n}';
    fc.assert(
      fc.property(fc.constantFrom(...fields.values()), fc.constantFrom(...leaves), (from, to) => {
        fc.pre(to.key !== "externalNumber");
        const model = begin(before);
        const done = mapField(model, from, to);
        const after = begin(done?.text);
        expect(after.reading.kind).toBe("drawn");
        expect((after.reads.get(to.key) ?? []).map(pathText), done?.text).toEqual([pathText(from.path)]);
        // The comma goes where the value ends, and comes back from there.
        expect(unmapField(after, to.path)).toBe(before);
      }),
      { numRuns: 150 },
    );
  });
});

describe("suggestions", () => {
  const model = begin();
  const found = new Map(suggestAll(model).map((one) => [one.target.key, one]));

  it.each([
    ["externalId", "id", "synonym"],
    ["currency", "currency", "sameName"],
    ["shipTo/postalCode", "shipping_address/zip", "synonym"],
    ["billTo/postalCode", "billing_address/zip", "synonym"],
    ["lines", "line_items", "synonym"],
    ["lines/sku", "line_items/sku", "sameName"],
    ["lines/unitPrice", "line_items/price", "synonym"],
    ["totals/tax", "total_tax", "withParent"],
    ["paymentStatus", "financial_status", "choices"],
    ["orderedAt", "created_at", "form"],
  ] as const)("offers for %s the source %s, because: %s", (to, from, reason) => {
    expect(found.get(to)?.source.key).toBe(from);
    expect(found.get(to)?.reasons).toContain(reason);
  });

  it("never crosses kinds, nor offers a source twice", () => {
    const used = [...found.values()].map(({ source: from }) => from.key);
    expect(new Set(used).size).toBe(used.length);
    for (const { source: from, target: to } of found.values()) expect(from.list).toBe(to.list);
  });

  it("taken over, give an order that has only what nobody could know against it", async () => {
    const sure = [...found.values()].filter((one) => one.sure);
    const text = acceptAll(model, sure);
    const after = begin(text);
    expect(after.coverage.mapped).toBeGreaterThan(12);
    const [first] = samples;
    const faults = canonicalFaults("canonical/order/1", await evaluate(text, first)) ?? [];
    expect(faults.filter(({ code }) => code !== "schema.required")).toEqual([]);
  });

  it("stay quick for five hundred fields against two hundred", () => {
    const sample = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field_${index}_name`, `value ${index}`]));
    const properties = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`field${index}Name`, { type: "string" }]));
    const many = targetOf({ type: "object", properties });
    const start = performance.now();
    const all = suggestionsFor(many.children, sourceOf([sample]).children, []);
    expect(all.filter(({ sure }) => sure)).toHaveLength(200);
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});

describe("what is written by press of a button", () => {
  it("is sound on any expression", () => {
    const texts = ["a", "a.b", "a & b", "a ? b : c", "$f(a)", "[a, b]", '"x"', "(a; b)", "-1"];
    for (const text of texts)
      for (const transform of transforms)
        expect(begin(`{ "externalId": ${transformed(text, transform)} }`).reading.kind, `${transform} of ${text}`).toBe("drawn");
  });

  it("keeps the whole expression under its default", async () => {
    const text = withDefault('a & "!"', '"none"');
    expect(await evaluate(text, { a: "x" })).toBe("x!");
    expect(await evaluate(withDefault("b", '"none"'), { a: "x" })).toBe("none");
    expect(await evaluate(withDefault("b", "0"), { b: 0 })).toBe(0);
  });

  it("makes a literal of the kind that the field wants", () => {
    expect(literalOf("12", { kinds: new Set(["number"]) })).toBe("12");
    expect(literalOf("12", { kinds: new Set(["text"]) })).toBe('"12"');
    expect(literalOf("true", { kinds: new Set(["boolean"]) })).toBe("true");
    expect(literalOf('a "b"', { kinds: new Set(["text"]) })).toBe('"a \\"b\\""');
  });

  it("reads any lookup table back as it was written", async () => {
    const rows = fc.uniqueArray(fc.record({ from: fc.string(), to: fc.string() }), {
      selector: ({ from }) => from,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(rows, fc.option(fc.string({ minLength: 1 })), async (lines, otherwise) => {
        const table = { rows: lines, key: "status", otherwise };
        const text = tableText(table);
        expect(tableOf(text)).toEqual(table);
        for (const { from, to } of lines.filter((line) => line.to !== ""))
          expect(await evaluate(text, { status: from })).toBe(to);
      }),
      { numRuns: 60 },
    );
    expect(tableOf('$lookup({ "a": b }, c)')).toBeUndefined();
    expect(tableOf("$lookup(x, y)")).toBeUndefined();
  });

  it("adds fields of one's own and keeps what makes no object as a variable", async () => {
    expect(addField(begin('{ "a": 1 }'), [], "b", "null")).toBe('{ "a": 1, "b": null }');
    expect(await evaluate(wrapped("line_items.sku"), {})).toEqual({});
    expect(begin(wrapped("line_items.sku")).reading.kind).toBe("drawn");
  });
});

describe("the type check", () => {
  const check = (key: string, value: string) => {
    const path = pathOf(key);
    const text = path.reduceRight((inner, name) => `{ "${name}": ${inner} }`, value);
    const { result } = analyse(text, { samples, variables: [] });
    return checkOf(fieldOf(begin(text), key), shapeAt(result, path))?.code;
  };

  it.each([
    ["externalId", "$number(name)", "numberAsText"],
    ["totals/grand", "$number(total_price)", "amountAsNumber"],
    ["totals/grand", "$dec(total_price)", undefined],
    ["externalId", "taxes_included", "wrongKind"],
    ["externalId", "[name]", "manyForOne"],
    ["externalId", "name", undefined],
  ])("of %s given by %s says %s", (key, value, code) => expect(check(key, value)).toBe(code));
});

describe("what is seen", () => {
  it("folds, searches, and leads a line to what its field is folded into", () => {
    const open = rowsOf(target.children, { isOpen: () => true });
    const folded = rowsOf(target.children, { isOpen: () => false });
    expect(folded.every(({ depth }) => depth === 0)).toBe(true);
    expect(open.length).toBeGreaterThan(folded.length * 2);
    const find = searchFor("postal");
    const searched = rowsOf(target.children, { isOpen: () => false, wanted: (field) => find?.(field.name) ?? true });
    expect(searched.map(({ field }) => field.key)).toEqual(["shipTo", "shipTo/postalCode", "billTo", "billTo/postalCode"]);

    const side = (rows: readonly { field: { key: string } }[], scrollTop = 0) => ({
      places: new Map(rows.map(({ field }, index) => [field.key, index])),
      rowHeight: 10,
      scrollTop,
    });
    const links = [
      { from: "a", to: "shipTo/name", suggested: false },
      { from: "a", to: "shipTo/city", suggested: false },
    ];
    const from = side([{ field: { key: "a" } }]);
    expect(linesBetween(links, from, side(open), 5_000)).toHaveLength(2);
    // Both end at the folded address: one line, and it says that it is not the field itself.
    expect(linesBetween(links, from, side(folded), 5_000)).toMatchObject([{ y1: 5, loose: true }]);
    expect(linesBetween(links, side([{ field: { key: "a" } }], 100), side(open, 4_000), 50)).toEqual([]);
  });

  it("finds a field's value in a message, in lists the first one's", () => {
    expect(firstAt({ a: [{ b: 1 }, { b: 2 }] }, ["a", "b"])).toBe(1);
    expect(firstAt({ a: null }, ["a", "b"])).toBeUndefined();
  });
});
