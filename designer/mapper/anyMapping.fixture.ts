import fc from "fast-check";

/** Messages that the generated expressions are tried on. */
export const messages: readonly unknown[] = [
  {
    a: "x",
    b: { c: 1, d: "two" },
    list: [
      { sku: "A", n: 1, inner: [{ v: 1 }, { v: 2 }] },
      { sku: "B", n: 2, inner: [] },
    ],
  },
  { a: "", b: null, list: [{ sku: "A" }] },
  { a: 5, b: { c: "1" }, list: [] },
  {},
];

const names = ["a", "b", "total", "shipTo", "lines", "sku", "x y", "né", 'q"uote'];
const comment = fc.constantFrom("", "", "", " /* kept */ ", "\n/* a line */\n");
const blank = fc.constantFrom("", " ", "\n", "\n  ", "  ");
const scalar = fc.constantFrom(
  "a",
  "b.c",
  "$string(b.c)",
  '"text, {x}"',
  "null",
  "1",
  "a = 5 ? true : false",
  "$$.a",
  "a & b.d",
  "{}",
  "[]",
  "$x",
);
const member = fc.constantFrom("sku", "$$.a", "n", '"k"', "$string(n)", "[inner.v]");

const pair = (name: string, value: string, quote: boolean): string =>
  quote && !name.includes("'") && !name.includes('"') ? `'${name}': ${value}` : `${JSON.stringify(name)}: ${value}`;

/** An object constructor over values, with comments and blanks wherever the language allows them. */
const objectOf = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .record({
      fields: fc.uniqueArray(fc.constantFrom(...names), { maxLength: 5 }),
      values: fc.array(value, { minLength: 5, maxLength: 5 }),
      gaps: fc.array(blank, { minLength: 12, maxLength: 12 }),
      remarks: fc.array(comment, { minLength: 12, maxLength: 12 }),
      quote: fc.boolean(),
      computed: fc.boolean(),
    })
    .map(({ fields, values, gaps, remarks, quote, computed }) => {
      const pairs = fields.map((name, index) => pair(name, values[index] ?? "a", quote));
      if (computed) pairs.push('("made" & "up"): 1');
      const parts = pairs.map((text, index) => {
        const comma = index === pairs.length - 1 ? "" : `${gaps[index + 5]},`;
        return `${gaps[index]}${remarks[index]}${text}${remarks[index + 6]}${comma}`;
      });
      return `{${parts.join("")}${gaps[11]}}`;
    });

const inList = objectOf(member);

const nested: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: objectOf(scalar) },
  { weight: 1, arbitrary: objectOf(fc.oneof(scalar, objectOf(scalar))) },
  { weight: 1, arbitrary: inList.map((object) => `list.${object}`) },
  { weight: 1, arbitrary: inList.map((object) => `[list[n > 0].${object}]`) },
  { weight: 1, arbitrary: inList.map((object) => `list.${object}[]`) },
  { weight: 1, arbitrary: inList.map((object) => `[$map(list, function($l) {${object}})]`) },
  { weight: 1, arbitrary: inList.map((object) => `[list.( $y := sku; ${object.replaceAll("$$.a", "$y")} )]`) },
  { weight: 1, arbitrary: inList.map((object) => `list#$at.( $y := $at; ${object} )[]`) },
  { weight: 1, arbitrary: objectOf(scalar).map((object) => `b ? ${object} : null`) },
  { weight: 1, arbitrary: objectOf(scalar).map((object) => `a = 5 ? $error("five") : ${object}`) },
  { weight: 1, arbitrary: objectOf(scalar).map((object) => `$sift(${object}, function($v) { $v != null })`) },
);

/** An expression that makes an object field by field, in every way that is drawn. */
export const anyMapping: fc.Arbitrary<string> = fc
  .record({ object: objectOf(nested), wrap: fc.constantFrom("plain", "block", "commented", "refused", "guarded") })
  .map(({ object, wrap }) => {
    if (wrap === "plain") return object.replaceAll("$x", "a");
    if (wrap === "refused") return `a = "x" ? ${object.replaceAll("$x", "a")} : /* why */ $error("not x")`;
    if (wrap === "guarded")
      return `(\n  $x := a;\n  $x = 5 ? $error("5: " & $x) : $exists(b.c) = false ? $error("no c") :\n  ${object}\n)`;
    return `${wrap === "commented" ? "/* before */\n" : ""}(\n  $x := a; /* bound */\n  ${object}\n)`;
  });
