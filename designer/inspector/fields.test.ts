import { describe, expect, it } from "vitest";
import { defaultRetryPolicy } from "#schemas/outcomeClass.ts";
import { manifests, validFlow } from "#schemas/sampleFlow.fixture.ts";
import { choicesOf, controlOf, fieldsOf, isUnder, problemsOf, titleFrom } from "./fields.ts";
import { waits } from "./waits.ts";

describe("the form of a config's schema", () => {
  it("has a control for each kind of value", () => {
    expect(controlOf({ type: "string", "x-widget": "jsonata" })).toBe("expression");
    expect(controlOf({ type: "array", "x-widget": "cases" })).toBe("cases");
    expect(controlOf({ type: "string", enum: ["a", "b"] })).toBe("choice");
    expect(controlOf({ type: "integer" })).toBe("number");
    expect(controlOf({ type: "boolean" })).toBe("boolean");
    expect(controlOf({ type: "array", items: { type: "string" } })).toBe("texts");
    expect(controlOf({ type: "array", items: { type: "string", enum: ["A", "B"] } })).toBe("choices");
    expect(controlOf({ type: "object", properties: { a: { type: "string" } } })).toBe("group");
    expect(controlOf({ type: "object" })).toBe("json");
    expect(controlOf({ type: "object", additionalProperties: { type: "string" } })).toBe("pairs");
    expect(controlOf({ type: "array", items: { type: "object", properties: { a: { type: "string" } } } })).toBe("list");
    expect(controlOf({ type: "array", items: { type: "integer" } })).toBe("list");
    expect(controlOf({ type: "array", items: {} })).toBe("json");
    expect(controlOf({ type: "string", "x-widget": "cron" })).toBe("cron");
    expect(controlOf({})).toBe("json");
  });

  it("follows the schema's order, titles and required list", () => {
    const config = manifests.switch?.config ?? {};
    expect(fieldsOf(config)).toMatchObject([{ name: "cases", title: "Cases", required: true }]);
    expect(fieldsOf({ type: "object" })).toEqual([]);
    expect(titleFrom("externalIdPrefix")).toBe("External id prefix");
  });

  it("reads choices from enum and from constants with titles", () => {
    expect(choicesOf({ enum: ["x"] })).toEqual([{ value: "x", label: "x" }]);
    expect(choicesOf({ oneOf: [{ const: "a", title: "Approve" }, { const: "b" }] })).toEqual([
      { value: "a", label: "Approve" },
      { value: "b", label: "b" },
    ]);
  });

  it("brings the server's problems to their fields", () => {
    const problem = { code: "c", severity: "error" as const, message: "m" };
    const problems = [
      { ...problem, pointer: "/nodes/1/config/expression", node: "canonical" },
      { ...problem, pointer: "/nodes/10/config/expression" },
      { ...problem, pointer: "/edges/0", node: "canonical" },
    ];
    expect(problemsOf(validFlow(), "canonical", problems).map(({ pointer }) => pointer)).toEqual(["/config/expression", ""]);
    expect(isUnder("/config/ab", "/config/a")).toBe(false);
  });
});

describe("the waits of a retry policy", () => {
  it("double up to the cap", () => {
    const rows = waits({ ...defaultRetryPolicy, attempts: 5, baseMs: 1_000, capMs: 5_000 });
    expect(rows.map(({ waitMs }) => waitMs)).toEqual([0, 1_000, 2_000, 4_000, 5_000]);
    expect(rows.at(-1)?.totalMs).toBe(12_000);
  });

  it("are all the same when fixed, and end with the age limit", () => {
    const policy = { ...defaultRetryPolicy, attempts: 10, backoff: "fixed" as const, baseMs: 1_000, maxAgeMs: 3_500 };
    expect(waits(policy).map(({ waitMs }) => waitMs)).toEqual([0, 1_000, 1_000, 1_000]);
  });

  it("stay finite for a hundred attempts", () => {
    expect(waits({ ...defaultRetryPolicy, attempts: 100, maxAgeMs: 0 }).at(-1)?.waitMs).toBe(300_000);
  });
});
