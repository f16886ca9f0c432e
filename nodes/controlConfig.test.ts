import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configured, configuredKey, configuredMs, configuredNumber } from "./controlConfig.ts";
import type { PureContext } from "./pureNode.ts";

const giving = (value: unknown): PureContext => ({
  table: () => undefined,
  schema: () => undefined,
  evaluate: async () => value,
});
const throwing: PureContext = {
  table: () => undefined,
  schema: () => undefined,
  evaluate: async () => {
    throw new Error("no such function");
  },
};

describe("an expression of a control node's config", () => {
  it("gives what it evaluates to over the item", async () => {
    const context: PureContext = {
      table: () => undefined,
      schema: () => undefined,
      evaluate: async (expression, item) => ({ expression, item }),
    };
    expect(await configured({ key: "sku" }, "key", { sku: 1 }, context)).toEqual({
      ok: true,
      value: { expression: "sku", item: { sku: 1 } },
    });
  });

  it("fails with the place of the expression, never by throwing", async () => {
    expect(await configured({ key: "$(" }, "key", {}, throwing)).toMatchObject({
      ok: false,
      reason: { path: "/config/key", message: expect.stringContaining('"key"') },
    });
    expect(await configuredKey({ key: "$(" }, "key", {}, throwing)).toMatchObject({ ok: false, reason: { path: "/config/key" } });
  });
});

describe("a key", () => {
  it("is any text of 1 to 512 characters, or a number as text", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ minLength: 1, maxLength: 512 }), fc.integer(), fc.double({ noNaN: true })),
        async (value) => {
          expect(await configuredKey({ key: "k" }, "key", {}, giving(value))).toEqual({ ok: true, key: String(value) });
        },
      ),
    );
  });

  it.each([
    ["nothing", undefined, undefined],
    ["null", null, null],
    ["an empty text", "", ""],
    ["a text that fits no index", "x".repeat(513), "x".repeat(513)],
    ["true", true, true],
    ["an object, which is not shown whole", { secret: 1 }, "an object or array"],
  ])("is not %s", async (_what, value, found) => {
    const result = await configuredKey({ key: "k" }, "key", {}, giving(value));
    expect(result).toMatchObject({ ok: false, class: "invalid", reason: { code: "control.key", path: "/config/key" } });
    expect(!result.ok && result.reason.found).toEqual(found);
  });
});

it("takes seconds as milliseconds and numbers as they are, and what stands in their place otherwise", () => {
  expect(configuredMs({ seconds: 0.25 }, "seconds", 9)).toBe(250);
  expect(configuredMs({ seconds: "1" }, "seconds", 9)).toBe(9_000);
  expect(configuredNumber({ count: 0 }, "count", 5)).toBe(0);
  expect(configuredNumber({}, "count", 5)).toBe(5);
});
