import { describe, expect, it } from "vitest";
import { perform } from "../preview/evaluation.ts";
import { failedAt, faultOf } from "./fault.ts";

/** The stretch of the text that a fault names. */
const told = (text: string) => {
  const fault = faultOf(text);
  return fault && { code: fault.code, at: text.slice(fault.from, fault.to) };
};
const fixed = (text: string) => {
  const fix = faultOf(text)?.fix;
  return fix && text.slice(0, fix.from) + fix.insert + text.slice(fix.to);
};

describe("why an expression cannot be read", () => {
  it("has nothing to say of a sound one", () => {
    expect(faultOf("lines.{ 'sku': sku }")).toBeUndefined();
    expect(faultOf("  ")).toBeUndefined();
  });

  it.each([
    ["a = 'abc", "openText", "'"],
    ["`abc", "openName", "`"],
    ["/* x", "openComment", "/"],
    ["f( [1,2", "openBracket", "["],
    ["a +", "endsEarly", "+"],
    ["1 := 2", "assignTarget", "1"],
    ["null.x", "literalStep", "l"],
    ["a b", "notAllowedHere", "b"],
    ['{ "a": total_price * , "b": 1 }', "valueMissing", ","],
    ["[1, , 2]", "valueMissing", ","],
    ["$sum(, 2)", "valueMissing", ","],
    ["a and or b", "notAllowedHere", "b"],
    ["{ 'a' b }", "missing", "b"],
    ["$map(x, function($l) { $l. })", "endsEarly", "}"],
    [")", "strayCloser", ")"],
    ["!a", "exclamation", "!"],
  ])("%s", (text, code, at) => {
    expect(told(text)).toEqual({ code, at });
  });

  it.each([
    ["a && b", "doubleAnd", "a and b"],
    ["a || b", "doubleOr", "a or b"],
    ["a == b", "doubleEquals", "a = b"],
    ['{ "a": 1, }', "trailingComma", '{ "a": 1 }'],
    ["$sum(lines.price", "openBracket", "$sum(lines.price)"],
  ])("%s has a fix that makes it sound", (text, code, after) => {
    expect(faultOf(text)?.code).toBe(code);
    expect(fixed(text)).toBe(after);
    expect(faultOf(after)).toBeUndefined();
  });
});

/** The stretch of the text at which it fails on an order. */
async function failing(text: string): Promise<string | undefined> {
  const source = { node: "orders", system: null, account: null };
  const outcome = await perform({ kind: "expression", text, input: { id: 7, total: "12.50" }, source });
  if (outcome.kind !== "expression" || outcome.result.ok) throw new Error(`“${text}” does not fail.`);
  const { message, position } = outcome.result;
  const place = failedAt({ text, message, position });
  return place && text.slice(place.from, place.to);
}

describe("an expression that fails on a sample", () => {
  it.each([
    ["{ 'id': id, 'twice': total * 2 }", "*"],
    ["{ 'id': id, 'short': $substring(id, 2) }", "$substring"],
    ["$nothing(id)", "$nothing"],
    ["$error('No.')", "$error"],
  ])("is marked at what failed: %s", async (text, at) => {
    expect(await failing(text)).toBe(at);
  });

  it("is not marked where nobody knows the place", () => {
    expect(failedAt({ text: "id", message: "It failed.", position: 99 })).toBeUndefined();
  });
});
