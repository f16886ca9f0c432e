import fc from "fast-check";
import { expect, test } from "vitest";
import { checkAgainst } from "../validate/schemaFaults.ts";
import { narrowerPlaces } from "./narrower.ts";
import { canonicalSchemas } from "./registry.ts";

type Schema = Record<string, unknown>;

test("no canonical schema is narrower than itself, nor than itself with fields and words added", () => {
  for (const { schema } of canonicalSchemas()) {
    expect(narrowerPlaces(schema, structuredClone(schema))).toEqual([]);
    const wider = structuredClone(schema) as { title: string; properties: Schema; required: string[] };
    wider.title = "Otherwise said";
    wider.properties.added = { type: "string" };
    const [, ...fewer] = wider.required;
    expect(narrowerPlaces(schema, { ...wider, required: fewer })).toEqual([]);
    // Back again it is, and says where.
    expect(narrowerPlaces(wider, schema)).toEqual(["/properties/added"]);
    expect(narrowerPlaces({ ...wider, required: fewer }, wider)).toContain("/required");
  }
});

test.each<[string, Schema, Schema, string[]]>([
  ["a field must be there", { required: ["a"] }, { required: ["a", "b"] }, ["/required"]],
  ["a value is gone", { enum: ["a", "b"] }, { enum: ["b"] }, ["/enum"]],
  ["a value came", { enum: ["a"] }, { enum: ["b", "a"] }, []],
  ["nothing is no more allowed", { type: ["string", "null"] }, { type: "string" }, ["/type"]],
  ["numbers with a fraction came", { type: "integer" }, { type: ["number", "null"] }, []],
  ["a text is shorter", { maxLength: 9 }, { maxLength: 8 }, ["/maxLength"]],
  ["a bound came", {}, { minimum: 0 }, ["/minimum"]],
  ["a bound is gone", { minimum: 0 }, {}, []],
  ["a pattern is another", { pattern: "^a" }, { pattern: "^b" }, ["/pattern"]],
  ["others are refused", {}, { additionalProperties: false }, ["/additionalProperties"]],
  ["a shared part", { $defs: { m: { type: ["string", "null"] } } }, { $defs: { m: { type: "string" } } }, ["/$defs/m/type"]],
])("where %s", (_what, before, after, places) => expect(narrowerPlaces(before, after)).toEqual(places));

const leaf = fc.record(
  {
    type: fc.constantFrom("string", "integer", "number", ["string", "null"]),
    enum: fc.uniqueArray(fc.constantFrom("a", "bb", 1, 2.5, null), { minLength: 1 }),
    minLength: fc.integer({ min: 0, max: 2 }),
    maximum: fc.integer({ min: 0, max: 3 }),
  },
  { requiredKeys: [] },
);
const object = fc.record(
  {
    type: fc.constant("object"),
    properties: fc.dictionary(fc.constantFrom("x", "y"), leaf),
    required: fc.uniqueArray(fc.constantFrom("x", "y")),
    additionalProperties: fc.oneof(fc.boolean(), leaf),
  },
  { requiredKeys: [] },
);
const value = fc.constantFrom("a", "bb", 1, 2.5, 3, null);
const document = fc.oneof(value, fc.dictionary(fc.constantFrom("x", "y", "z"), value));
const isGood = (schema: Schema, given: unknown): boolean => {
  const check = checkAgainst(schema, given);
  return check.ok && check.faults.length === 0;
};

test("what is good by a schema is good by one that is nowhere narrower", () => {
  fc.assert(
    fc.property(object, object, fc.array(document, { maxLength: 20 }), (before, after, documents) => {
      if (narrowerPlaces(before, after).length > 0) return;
      for (const each of documents) if (isGood(before, each)) expect(isGood(after, each)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
