import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonError, parseJson } from "./json.ts";

const refusal = (text: string, maxDepth?: number): JsonError => {
  try {
    parseJson(text, maxDepth === undefined ? {} : { maxDepth });
  } catch (raw) {
    if (raw instanceof JsonError) return raw;
    throw raw;
  }
  throw new Error("It was accepted.");
};

const nested = (depth: number): string => `${"[".repeat(depth)}1${"]".repeat(depth)}`;

describe("parseJson", () => {
  it("gives what JSON.parse gives wherever no number is at risk", () => {
    const safe = fc
      .jsonValue({ noUnicodeString: false })
      .filter((value) => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(safe, (value) => {
        expect(parseJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value), safeNumber));
      }),
    );
  });

  /** Doubles that are integers beyond 2^53 are the one thing that changes. */
  function safeNumber(_key: string, value: unknown): unknown {
    return typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER ? expect.any(String) : value;
  }

  it("keeps every digit of any integer", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), (id) => {
        const parsed = parseJson(`{"id":${id}}`) as { id: unknown };
        expect(String(parsed.id)).toBe(String(id));
        expect(typeof parsed.id).toBe(id > 9007199254740991n || id < -9007199254740991n ? "string" : "number");
      }),
    );
  });

  it.each([
    ["820982911946154508", "820982911946154508"],
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", "9007199254740992"],
    ["123456789012.123456", "123456789012.123456"],
    ["0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"],
    ["19.90", 19.9],
    ["1e3", 1000],
    ["1e400", "1e400"],
    ["1.5e-400", "1.5e-400"],
    ["-0.5", -0.5],
  ])("reads %s as %j", (text, expected) => {
    expect(parseJson(text)).toEqual(expected);
    expect(parseJson(`{"a":[${text}]}`)).toEqual({ a: [expected] });
    expect(parseJson(`{ "a" : ${text} }`)).toEqual({ a: expected });
  });

  it("leaves strings alone that look like numbers", () => {
    expect(parseJson('{"a":"820982911946154508","b":": 9007199254740993,"}')).toEqual({
      a: "820982911946154508",
      b: ": 9007199254740993,",
    });
  });

  it("takes the last of a key given twice, on either way", () => {
    expect(parseJson('{"a":1,"a":2}')).toEqual({ a: 2 });
    expect(parseJson('{"a":1,"a":2,"id":9007199254740993}')).toEqual({ a: 2, id: "9007199254740993" });
  });

  it.each(["__proto__", "constructor", "prototype"])("refuses the key %s wherever it stands", (key) => {
    expect(refusal(`{"${key}":1}`)).toMatchObject({ code: "json.forbiddenKey", path: `/${key}` });
    expect(refusal(`{"a/b":[{"x":{"${key}":{}}}]}`)).toMatchObject({ code: "json.forbiddenKey", path: `/a~1b/0/x/${key}` });
    expect(refusal(`{"id":9007199254740993,"x":{"${key}":1}}`).code).toBe("json.forbiddenKey");
    expect(refusal(`{"\\u005f\\u005fproto__":1}`).code).toBe("json.forbiddenKey");
  });

  it("refuses what is nested too deeply, without exhausting the stack", () => {
    expect(parseJson(nested(64))).toBeDefined();
    expect(refusal(nested(65)).code).toBe("json.tooDeep");
    expect(refusal(nested(4), 3).message).toMatch("deeper than 3 levels");
    expect(refusal(nested(200_000)).code).toBe("json.tooDeep");
  });

  it("says where the syntax is wrong", () => {
    expect(refusal('{"a":1,}')).toMatchObject({
      code: "json.syntax",
      position: 7,
      message: "The text is not JSON at line 1, column 8: nothing follows the comma before “}”.",
    });
    expect(refusal("  ").message).toBe("The text is empty where JSON is expected.");
    for (const text of ["{", "nope", "1 2", "{'a':1}", "[1,]", "\u0000", "NaN"]) expect(refusal(text).code).toBe("json.syntax");
  });
});
