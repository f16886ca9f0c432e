import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "#schemas/json.ts";
import { sampleClock } from "../sample.fixture.ts";
import { checkExpression, EXPRESSION_SEQUENCE, evaluateExpression, type Surroundings } from "./expression.ts";
import { ExpressionError } from "./expressionError.ts";
import { functionNames } from "./functionNames.ts";
import { ownFunctionNames } from "./functions.ts";
import { LinearRegExp } from "./regex.ts";

const surroundings: Surroundings = {
  clock: sampleClock,
  salt: "node",
  variables: { source: { node: "orders", system: "shopify", account: "acme" }, run: { id: "run-1", now: sampleClock.now } },
};
const run = (text: string, input?: unknown, change: Partial<Surroundings> = {}) =>
  evaluateExpression(text, input, { ...surroundings, ...change });

const failure = async (text: string, input?: unknown): Promise<ExpressionError> => {
  const raw: unknown = await run(text, input).then(
    (value) => new Error(`It gave ${JSON.stringify(value)}.`),
    (error: unknown) => error,
  );
  if (raw instanceof ExpressionError) return raw;
  throw raw;
};

interface Golden {
  inputs: Record<string, unknown>;
  cases: { expression: string; input?: string; result?: unknown; error?: string }[];
}

describe("the golden corpus", () => {
  const { inputs, cases } = parseJson(readFileSync(new URL("./golden.json", import.meta.url), "utf8")) as Golden;

  it("is large enough to notice an upgrade that changes results", () => expect(cases.length).toBeGreaterThanOrEqual(60));

  it.each(cases)("$expression", async ({ expression, input = "order", result, error }) => {
    if (error === undefined) {
      const value = await run(expression, inputs[input]);
      expect(value === undefined ? "nothing" : value).toEqual(result);
    } else expect((await failure(expression, inputs[input])).code).toBe(error);
  });
});

describe("one run, one result", () => {
  it("fixes time and random numbers by run and node", async () => {
    const text =
      "[$now(), $string($millis()), $string($random()), $string($random()), $join($shuffle(['a','b','c','d','e','f']))]";
    const [now, millis, one, two] = (await run(text)) as string[];
    expect([now, millis]).toEqual(["2026-03-01T12:00:00.000Z", "1772366400000"]);
    expect(one).not.toBe(two);
    expect(await run(text)).toEqual(await run(text));
    expect(await run("$random()", null, { salt: "other" })).not.toBe(await run("$random()"));
    expect(await run("$random()", null, { clock: { ...sampleClock, seed: "seed-2" } })).not.toBe(await run("$random()"));
  });

  it("keeps runs apart that evaluate the same text at the same time", async () => {
    const years = Array.from({ length: 20 }, (_, index) => 2000 + index);
    const text = "[1..50].($now('[Y]'))";
    const all = await Promise.all(
      years.map((year) => run(text, null, { clock: { ...sampleClock, now: `${year}-06-01T00:00:00Z` } })),
    );
    for (const [index, values] of all.entries()) expect(new Set(values as string[])).toEqual(new Set([String(years[index])]));
  });

  it("shuffles without losing a member", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer(), { minLength: 2 }), fc.string(), async (values, salt) => {
        const shuffled = (await run("$shuffle($)", values, { salt })) as number[];
        expect([...shuffled].sort()).toEqual([...values].sort());
      }),
      { numRuns: 50 },
    );
  });

  it("does not change its input", async () => {
    const input = Object.freeze({ lines: Object.freeze([Object.freeze({ sku: "A" })]) });
    expect(await run("$ ~> |lines|{'sku':'B'}|", input)).toEqual({ lines: [{ sku: "B" }] });
    expect(input).toEqual({ lines: [{ sku: "A" }] });
  });
});

describe("limits", () => {
  it("is quick with patterns that would backtrack for ever", async () => {
    const hostile = `${"a".repeat(50_000)}!`;
    const started = performance.now();
    expect(await run("$contains(text, /(a+)+$/)", { text: hostile })).toBe(false);
    expect(await run("$match(text, /^(a|a)*$/)", { text: hostile })).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("incident: a recursion bomb, an endless loop, or an array that grows without end in an expression", async () => {
    expect((await failure("($f := function($x) { 1 + $f($x) }; $f(1))")).code).toBe("D1011");
    expect((await failure(`[1..${EXPRESSION_SEQUENCE + 1}]`)).code).toBe("D2015");
    const endless = await failure("($f := function($x) { $f($x + 1) }; $f(1))");
    expect(endless).toMatchObject({ code: "D1012", timedOut: true });
  }, 10_000);

  it("refuses results that are no JSON, too deep or too large", async () => {
    expect((await failure("function($x) { $x }")).message).toBe("The result holds a function, which is no data.");
    expect((await failure("{ 'f': $sum }")).code).toBe("expression.noData");
    expect((await failure("1 / 0")).code).toBe("expression.noData");
    expect((await failure("{ '__proto__': { 'polluted': true } }")).code).toBe("expression.forbiddenKey");
    expect((await failure("$reduce([1..100], function($a, $b) { [[$a]] })")).code).toBe("expression.tooDeep");
    expect(
      (await failure("($f := function($x) { [$x, $x, $x, $x, $x, $x, $x, $x, $x, $x] }; $f($f($f($f($f($f([1])))))))")).code,
    ).toMatch(/expression.tooLarge|D2015/);
    expect((await failure("$pad('a', 1000000000)")).code).toBe("expression.tooLarge");
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    "constructor",
    "$string.constructor",
    "(function($x) { $x }).constructor",
    "constructor.constructor('return process')()",
    "$sum.constructor('return process')()",
    "$lookup($, 'constructor')",
    "$lookup($string, 'constructor')",
    "$lookup($, '__proto__')",
    "`__proto__`",
    "`__proto__`.polluted",
    "$.`constructor`.`prototype`",
    "list.constructor",
    "$each($, function($v, $k) { $v.constructor })",
    "$spread($).constructor",
    "$clone($).constructor",
    "process",
    "$process",
    "globalThis",
    "$globalThis.process.env",
    "$`constructor`",
    "$now.`environment`",
    "$random.implementation.constructor",
  ])("incident: an escape from an expression to process, constructor or a prototype, by %s", async (text) => {
    const found = await run(text, { text: "x", list: [1] }).catch((error: unknown) => error);
    // Nothing is there, or it is no data; never a function, an object of the runtime or a word of the environment.
    if (found instanceof Error) expect(found).toBeInstanceOf(ExpressionError);
    else expect(found ?? []).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each([
    "{ '__proto__': { 'polluted': 1 } }",
    "{ 'constructor': { 'prototype': { 'polluted': 1 } } }",
    "$merge([{ '__proto__': { 'polluted': 1 } }, { 'a': 1 }])",
    "$ ~> |$|{ '__proto__': { 'polluted': 1 } }|",
    "list{ '__proto__': { 'polluted': $ } }",
  ])("incident: an escape from an expression to process, constructor or a prototype, writing %s", async (text) => {
    await run(text, { text: "x", list: [1] }).catch((error: unknown) => expect(error).toBeInstanceOf(ExpressionError));
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("never runs text from a document as code", async () => {
    expect((await failure("$eval(code)", { code: "1 + 1" })).code).toBe("expression.noEval");
  });
});

describe("errors", () => {
  it("are sentences with place and token, whatever was thrown", async () => {
    expect(await failure("$sum(lines.sku)", { lines: [{ sku: "A" }, { sku: "B" }] })).toMatchObject({
      code: "T0412",
      token: "sum",
      position: 5,
    });
    expect((await failure("$error('No SKU')")).message).toBe("No SKU.");
    expect(await failure("$dec(total)", { total: "12,50" })).toMatchObject({
      code: "decimal.notANumber",
      message: '"12,50" is not a decimal number.',
      token: "dec",
    });
    expect(await failure("$inZone(at, 'Mars/Base')", { at: "2026-07-15" })).toMatchObject({
      code: "zone.unknown",
      message: '"Mars/Base" is no time zone. Name one as the world does, such as Europe/Berlin.',
    });
    expect(await failure("$nosuch(1)")).toMatchObject({ code: "T1006" });
    expect((await failure("1 + 'a'")).message).toMatch(/\.$/);
  });

  it("are found before anything runs", () => {
    expect(checkExpression("{ 'a': lines[0].sku }")).toEqual({ ok: true });
    expect(checkExpression("lines[")).toMatchObject({ ok: false, position: 6 });
    expect(checkExpression("")).toMatchObject({ ok: false });
    expect(checkExpression(`$contains(a, /(?=b)c/)`)).toMatchObject({
      ok: false,
      message: expect.stringContaining("linear time"),
    });
    expect(checkExpression("$x := ".repeat(20_000))).toMatchObject({
      ok: false,
      message: expect.stringContaining("longer than"),
    });
    expect(checkExpression("(".repeat(60_000))).toMatchObject({ ok: false, message: expect.any(String) });
  });
});

describe("linear regular expressions", () => {
  it("find the same as RegExp does, wherever both can", () => {
    const patterns = [/\d+/, /(\w+)@(\w+)\.com/i, /^a|b$/m, /[^,;]+/, /x*/, /(a)|(b)/, /\bfoo\b/, /é+/u, /\s{2,}/];
    const texts = fc.stringMatching(/^[ab xfo,;@.\dé\n]{0,30}$/);
    fc.assert(
      fc.property(texts, fc.constantFrom(...patterns), fc.nat({ max: 30 }), (text, pattern, from) => {
        const native = new RegExp(pattern.source, `${pattern.flags}g`);
        const linear = new LinearRegExp(native);
        native.lastIndex = from;
        linear.lastIndex = from;
        const [expected, found] = [native.exec(text), linear.exec(text)];
        expect(found && { groups: [...found], index: found.index }).toEqual(
          expected && { groups: [...expected], index: expected.index },
        );
        expect(linear.lastIndex).toBe(native.lastIndex);
      }),
      { numRuns: 500 },
    );
  });
});

it("names every function that an expression may call, and no other", () => {
  const source = readFileSync(createRequire(import.meta.url).resolve("jsonata"), "utf8");
  const ofJsonata = [...source.matchAll(/staticFrame\.bind\('(\w+)'/g)].map(([, name = ""]) => name);
  expect(ofJsonata.length).toBeGreaterThan(50);
  const others = functionNames.filter((name) => !ownFunctionNames.includes(name) && !["now", "millis"].includes(name));
  expect(others.sort()).toEqual(ofJsonata.filter((name) => name !== "eval").sort());
});
