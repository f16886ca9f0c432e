import { expect, test } from "vitest";
import { type CanonicalSchema, canonicalSchema } from "#schemas/canonical/registry.ts";
import { schemasCompatible } from "./schemasCompatible.ts";

const name = "canonical/order/1";
const order = canonicalSchema(name) as CanonicalSchema;
const { version, schema } = order;
const here = (more: Partial<CanonicalSchema>) => () => ({ ...order, ...more });
const wider = { ...schema, properties: { ...(schema.properties as object), gift: { type: "boolean" } } };

test("a version's schemas get along with the same ones, and with nothing to compare", () => {
  expect(schemasCompatible({}, canonicalSchema)).toMatchObject({ outcome: "skipped" });
  expect(schemasCompatible({ [name]: { version, schema } }, canonicalSchema)).toEqual({
    outcome: "passed",
    detail: `${name} is ${version}`,
  });
  // What was published before versions kept their schemas.
  expect(schemasCompatible({ [name]: version }, canonicalSchema)).toMatchObject({ outcome: "passed" });
});

test("one that is missing, older or narrower here fails, with what to do", () => {
  const gone = schemasCompatible({ "canonical/order/9": { version, schema } }, canonicalSchema);
  expect(gone).toEqual({ outcome: "failed", detail: "There is no schema canonical/order/9 here." });
  for (const kept of ["1.4.0", { version: "1.4.0", schema: wider }])
    expect(schemasCompatible({ [name]: kept }, canonicalSchema)).toEqual({
      outcome: "failed",
      detail: `The version was made with ${name} 1.4.0; here is ${version}, which is older. Install the release it was made with.`,
    });
  // Under one number, and under a newer one too.
  for (const installed of [here({}), here({ version: "1.9.0" })]) {
    const found = schemasCompatible({ [name]: { version, schema: wider } }, installed);
    expect(found).toMatchObject({
      outcome: "failed",
      detail: expect.stringContaining("may refuse what it lets through, at /properties/gift."),
    });
  }
});

test("a newer one, or one that lets more through, is only said; what failed is said before it", () => {
  const newer = schemasCompatible({ [name]: { version, schema } }, here({ version: "1.9.0", schema: wider }));
  expect(newer).toMatchObject({ outcome: "warned", detail: expect.stringContaining("here is 1.9.0, and goes on with its own.") });
  expect(schemasCompatible({ [name]: version }, here({ version: "1.9.0" }))).toMatchObject({
    outcome: "warned",
    detail: expect.stringContaining("by which it checks documents too."),
  });
  expect(schemasCompatible({ [name]: { version, schema } }, here({ schema: wider }))).toMatchObject({ outcome: "warned" });
  const both = { "canonical/order/9": version, [name]: { version, schema } };
  const found = schemasCompatible(both, (each) => (each === name ? { ...order, version: "1.9.0" } : undefined));
  expect(found).toEqual({ outcome: "failed", detail: "There is no schema canonical/order/9 here." });
});
