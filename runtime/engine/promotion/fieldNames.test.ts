import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { sampleCatalog, sampleFlow } from "#nodes/sample.fixture.ts";
import type { DifferenceGroup } from "#schemas/promotion.ts";
import { drawnNames, keptGroups } from "./fieldNames.ts";

const drawn = drawnNames([{ flow: sampleFlow, lock: makeLock(sampleFlow, sampleCatalog) }]);
const group = (field: string, messages = 1): DifferenceGroup => ({
  kind: "data",
  node: "clean",
  field,
  messages,
  examples: [{ runId: "r", documentKey: "7", before: "Dana", after: null }],
});
const kept = (fields: string[], messages = 10) =>
  keptGroups(
    fields.map((field) => group(field)),
    drawn,
    messages,
  ).map(({ field }) => field);

describe("what is kept of a review", () => {
  test("are the names of fields that somebody drew, of requests and of lists, and no document", () => {
    const fields = ["/body/number", "/out/amounts/*", "/headers/x-effect", "/query/replace", ""];
    expect(kept(fields)).toEqual(fields);
    expect(JSON.stringify(keptGroups([group("/body/number")], drawn, 10))).not.toContain("Dana");
  });

  test("is no key that a document has brought along: a star, which counts the messages of all", () => {
    const customers = [
      "/out/byCustomer/dana@example.com/total",
      "/out/byCustomer/Whitfield/total",
      "/out/byCustomer/11122004175550101",
    ];
    expect(kept(customers)).toEqual(["/out/*/*/total", "/out/*/*"]);
    expect(
      keptGroups(
        customers.slice(0, 2).map((field) => group(field, 3)),
        drawn,
        5,
      ),
    ).toMatchObject([{ messages: 5 }]);
    // Also where it looks like a name that is drawn somewhere.
    expect(kept(["/number@shop.example", "/number 12345"])).toEqual(["/*"]);
  });

  test("is a name that nobody drew where most documents have it: a field that passes through", () => {
    const fields = (count: number, messages: number) => keptGroups([group("/out/giftWrap", count)], drawn, messages)[0]?.field;
    expect(fields(200, 200)).toBe("/out/giftWrap");
    expect(fields(90, 200)).toBe("/out/*");
    expect(fields(3, 3)).toBe("/out/*");
    expect(keptGroups([group("/out/dana@example.com", 200)], drawn, 200)[0]?.field).toBe("/out/*");
  });

  test("never has a step that no version names, whatever documents are keyed by", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string({ minLength: 1 }), { maxLength: 4 }), { maxLength: 9 }), (pointers) => {
        const fields = pointers.map((steps) =>
          steps.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
        );
        for (const field of kept(fields))
          for (const step of field.split("/").slice(1))
            expect(step === "*" || drawn.has(step.replaceAll("~1", "/").replaceAll("~0", "~"))).toBe(true);
      }),
    );
  });
});
