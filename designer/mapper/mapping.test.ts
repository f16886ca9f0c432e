import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import golden from "#nodes/expression/golden.json" with { type: "json" };
import { isObject } from "#schemas/isObject.ts";
import { piecesOf } from "../expression/pieces.ts";
import { tokenize } from "../expression/tokens.ts";
import type { Range } from "../expression/tree.ts";
import { anyMapping, messages } from "./anyMapping.fixture.ts";
import { applyEdit, changeFields, setField, type TextEdit, unsetField, writeGuard } from "./edit.ts";
import { allEntries, entriesOf, fieldsChangedWith, guardsOf, type Made, type Mapping, slice } from "./mapping.ts";
import { keyOf, type Path, pathText } from "./path.ts";
import { readMapping } from "./read.ts";

const shipped = import.meta.glob<string>("../../nodes/connectors/*.jsonata", { query: "?raw", import: "default", eager: true });
const samples = import.meta.glob<unknown>(["../../nodes/connectors/samples/*.json", "../../flows/samples/*/*.json"], {
  import: "default",
  eager: true,
});

const clock = { runId: "run", now: "2026-01-15T12:00:00.000Z", seed: "seed", sourceNode: "source" };
const variables = {
  source: { node: "source", system: "shopify", account: "shop" },
  run: { id: "run", now: clock.now },
  config: {},
  connection: { taxItemId: "1", shippingItemId: "2", discountItemId: "3", fallbackItemId: "4", customerId: "5" },
};

/** What an expression gives, or that it fails. */
async function outcome(text: string, input: unknown): Promise<unknown> {
  try {
    return { value: await evaluateExpression(text, input, { clock, salt: "", variables }) };
  } catch (raw) {
    return { failed: raw instanceof Error ? raw.message : String(raw) };
  }
}

const mappingOf = (text: string): Mapping => {
  const reading = readMapping(text);
  if (reading.kind !== "drawn") throw new Error(`Not drawn: ${reading.kind}\n${text}`);
  return reading.mapping;
};

/** The messages that a connector's mapping may meet: its own samples, and the documents that its sinks are given. */
function messagesFor(file: string): unknown[] {
  const system = file.split("/").at(-1)?.split(".")[0] ?? "";
  return Object.entries(samples).flatMap(([name, sample]) => {
    if (!name.includes(`/${system}.`) && !name.includes(`/samples/${system}-`)) return [];
    return isObject(sample) ? [sample.item ?? sample.input ?? sample] : [];
  });
}

/** A test of all mappings on all their messages would be longer than it is telling. */
const MESSAGES_TRIED = 3;
const FIELDS_TRIED = 10;

/** About so many of a list, spread over all of it. */
const some = <Item>(items: readonly Item[], most: number): Item[] =>
  items.filter((_, index) => index % Math.ceil(items.length / most) === 0);

const cases = Object.entries(shipped).flatMap(([file, text]) => {
  const inputs = messagesFor(file);
  return readMapping(text).kind === "drawn" ? [{ file: file.split("/").at(-1) ?? "", text, inputs }] : [];
});

/**
 * The expression written anew from what was read: names, values, members whose name is computed; all else between the
 * braces of a drawn object is left out.
 */
function printed(mapping: Mapping): string {
  const made = new Map<number, Made>();
  for (const one of [mapping.root, ...[...allEntries(mapping.root)].flatMap(({ entry }) => entry.made ?? [])])
    made.set(one.braces.from, one);
  const all = [...made.values()].sort((a, b) => a.braces.from - b.braces.from);
  const print = ({ from, to }: Range): string => {
    let text = "";
    let at = from;
    for (const { braces, members, entries } of all) {
      if (braces.from < at || braces.to > to) continue;
      const parts = members.map((member, index) => {
        const entry = entries.find((one) => one.index === index);
        return entry ? `${JSON.stringify(entry.name)}: ${print(entry.value)}` : slice(mapping, member);
      });
      text += `${mapping.text.slice(at, braces.from)}{ ${parts.join(", ")} }`;
      at = braces.to;
    }
    return text + mapping.text.slice(at, to);
  };
  return print({ from: 0, to: mapping.text.length });
}

/** A result without what stands at a path; of lists each member. */
function without(value: unknown, path: Path): unknown {
  const [name, ...rest] = path;
  if (Array.isArray(value)) return value.map((one) => without(one, path));
  if (name === undefined || !isObject(value)) return value;
  const { [name]: inner, ...others } = value;
  const left = rest.length === 0 || inner === undefined ? undefined : without(inner, rest);
  // What sifts leaves an object out that has nothing in it.
  return left === undefined || (isObject(left) && Object.keys(left).length === 0) ? others : { ...others, [name]: left };
}

/** What brings the text before an edit back. */
const inverseOf = (text: string, { from, to, insert }: TextEdit): TextEdit => ({
  from,
  to: from + insert.length,
  insert: text.slice(from, to),
});

const leavesOf = (mapping: Mapping) => [...allEntries(mapping.root)].filter(({ entry }) => entry.made === null);

/** Fields that an expression does not give yet, one in each object that it makes. */
const freePaths = (mapping: Mapping): Path[] => [
  ["brandNew"],
  ...[...allEntries(mapping.root)].flatMap(({ path, entry }) =>
    entry.made && entry.made.members.length > 0 ? [[...path, "brandNew"]] : [],
  ),
];

const levelsOf = (path: Path) => path.map((name) => ({ name }));

describe("every mapping of the house", { timeout: 30_000 }, () => {
  it("is drawn, with what refuses an item before it", () => {
    const drawn = new Set(cases.map(({ file }) => file));
    const others = Object.keys(shipped).map((file) => file.split("/").at(-1) ?? "");
    // What makes the text of a form, or what joins parts of which one is made only at times, has no fields to draw.
    const undrawn = ["stripe.refund.jsonata", "walmart.inventoryFeed.jsonata", "woocommerce.tracking.jsonata"];
    expect(others.filter((file) => !drawn.has(file))).toEqual(undrawn);
    const guarded = cases.filter(({ text }) => guardsOf(mappingOf(text)).length > 0).map(({ file }) => file.split(".")[0]);
    expect(guarded).toEqual(["easypost", "mirakl", "odoo", "tryton"]);
  });

  it("means the same when it is written anew from what was read", async () => {
    let found = 0;
    for (const { file, text, inputs } of cases)
      for (const input of inputs.slice(0, MESSAGES_TRIED)) {
        const before = await outcome(text, input);
        if (isObject(before) && "value" in before) found += 1;
        expect(await outcome(printed(mappingOf(text)), input), file).toEqual(before);
      }
    expect(found).toBeGreaterThan(25);
  });

  it("keeps every byte outside the field that is changed, and comes back by the inverse", () => {
    for (const { text } of cases) {
      const mapping = mappingOf(text);
      for (const { path, entry } of allEntries(mapping.root)) {
        const same = setField(mapping, levelsOf(path), slice(mapping, entry.value));
        expect(same && applyEdit(text, same)).toBe(text);
        const edit = unsetField(mapping, path);
        expect(edit && applyEdit(applyEdit(text, edit), inverseOf(text, edit))).toBe(text);
      }
      for (const path of freePaths(mapping)) {
        const added = changeFields(text, [{ levels: levelsOf(path), value: '"new"' }]).text;
        expect(added).not.toBe(text);
        expect(changeFields(added, [{ path, value: null }]).text, pathText(path)).toBe(text);
      }
    }
  });

  it("gives every other field the same value after one was changed, but for those named beforehand", async () => {
    for (const { file, text, inputs } of cases) {
      const mapping = mappingOf(text);
      const before = await Promise.all(inputs.slice(0, 1).map((input) => outcome(text, input)));
      for (const { path } of some(leavesOf(mapping), FIELDS_TRIED)) {
        const edit = setField(mapping, levelsOf(path), '"changed"');
        const after = edit ? applyEdit(text, edit) : text;
        const others = [path, ...fieldsChangedWith(mapping, path)];
        const rest = (value: unknown) => others.reduce<unknown>(without, isObject(value) ? value.value : value);
        for (const [index, input] of inputs.slice(0, 1).entries()) {
          const now = await outcome(after, input);
          // A field that is calculated with may refuse a text; what it is then is not the mapper's doing.
          if ([before[index], now].some((one) => isObject(one) && "failed" in one)) continue;
          expect(rest(now), `${file} ${pathText(path)}`).toEqual(rest(before[index]));
        }
      }
    }
  });
});

describe("any expression that makes an object", { timeout: 30_000 }, () => {
  it("means the same when it is written anew from what was read", async () => {
    await fc.assert(
      fc.asyncProperty(anyMapping, async (text) => {
        const again = printed(mappingOf(text));
        for (const message of messages) expect(await outcome(again, message), again).toEqual(await outcome(text, message));
      }),
      { numRuns: 40 },
    );
  });

  it("gets a new field and loses it again without a byte of difference", () => {
    fc.assert(
      fc.property(anyMapping, (text) => {
        const mapping = mappingOf(text);
        const paths = mapping.root.members.length > 0 ? freePaths(mapping) : [];
        for (const path of paths) {
          const added = changeFields(text, [{ levels: levelsOf(path), value: '"new"' }]).text;
          expect(entriesOf(mappingOf(added)).has(keyOf(path)), added).toBe(true);
          expect(changeFields(added, [{ path, value: null }]).text, added).toBe(text);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("keeps its comments and all other tokens when a field is set or taken away", () => {
    fc.assert(
      fc.property(anyMapping, (text) => {
        const mapping = mappingOf(text);
        for (const { path, entry, owner } of allEntries(mapping.root)) {
          const gone = changeFields(text, [{ path, value: null }]).text;
          expect(readMapping(gone).kind, gone).not.toBe("unreadable");
          expect(piecesOf(gone).length).toBeGreaterThan(0);
          const inside = ({ from, to }: Range) => from >= entry.from && to <= entry.to;
          const outside = mapping.comments.filter((one) => !inside(one));
          // An object that loses its only field goes with it, and with nothing else.
          if (owner.members.length > 1) expect(commentsOf(gone)).toEqual(outside.map(({ text: comment }) => comment));
          const set = changeFields(text, [{ levels: levelsOf(path), value: '"set"' }]).text;
          expect(set.startsWith(text.slice(0, entry.value.from)) && set.endsWith(text.slice(entry.value.to))).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it("gives every other field the same value after one was changed", async () => {
    await fc.assert(
      fc.asyncProperty(anyMapping, fc.nat(), async (text, pick) => {
        const mapping = mappingOf(text);
        const leaves = leavesOf(mapping);
        const leaf = leaves[pick % Math.max(1, leaves.length)];
        if (!leaf) return;
        const edit = setField(mapping, levelsOf(leaf.path), '"changed"');
        const after = edit ? applyEdit(text, edit) : text;
        for (const message of messages) {
          const [before, now] = [await outcome(text, message), await outcome(after, message)];
          if (!isObject(before) || !isObject(now) || "failed" in before || "failed" in now) continue;
          expect(without(now.value, leaf.path), after).toEqual(without(before.value, leaf.path));
        }
      }),
      { numRuns: 40 },
    );
  });
});

/** What stands before the object, as text. */
const guardTexts = (text: string): string[] => {
  const mapping = mappingOf(text);
  return guardsOf(mapping).map(({ condition, refusal }) => `${slice(mapping, condition)} | ${slice(mapping, refusal)}`);
};

describe("what refuses an item instead of making an object", { timeout: 30_000 }, () => {
  it("is read on either side, and of several the outermost first", () => {
    expect(guardTexts('(a or b) ? $error("no") : { "x": 1 }')).toEqual(['(a or b) | $error("no")']);
    expect(guardTexts('a ? { "x": 1 } : $error("no " & a)')).toEqual(['a | $error("no " & a)']);
    expect(guardTexts('a ? $error("a") : b ? { "x": c ? 1 : 2 } : $error("b")')).toEqual(['a | $error("a")', 'b | $error("b")']);
    for (const other of ['a ? $error("no") & "" : { "x": 1 }', '$y := a ? $error("no") : { "x": 1 }', 'a ? $error : { "x": 1 }'])
      expect(readMapping(other).kind, other).toBe("other");
  });

  it("stays byte for byte whatever is done to the fields behind it", () => {
    fc.assert(
      fc.property(anyMapping, fc.array(fc.nat(), { maxLength: 4 }), (text, picks) => {
        const before = guardTexts(text);
        let now = text;
        for (const pick of picks) {
          const mapping = mappingOf(now);
          const paths = [...allEntries(mapping.root)].map(({ path }) => path);
          const path = paths[pick % Math.max(1, paths.length)] ?? ["brandNew"];
          now = changeFields(now, [pick % 2 === 0 ? { path, value: null } : { levels: levelsOf(path), value: '"set"' }]).text;
          expect(guardTexts(now), now).toEqual(before);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is written by hand, and means for every item what was written", async () => {
    const condition = fc.constantFrom("a", "a = 5", "b ? a : false", "($z := a; $z = 5)", "$exists(list) /* any */", "$not(b)");
    await fc.assert(
      fc.asyncProperty(anyMapping, condition, async (text, value) => {
        const [guard] = guardsOf(mappingOf(text));
        const after = writeGuard(text, 0, "condition", value);
        if (!guard) {
          expect(after).toBeUndefined();
          return;
        }
        const mapping = mappingOf(after ?? "");
        expect(slice(mapping, mapping.root.braces)).toBe(slice(mappingOf(text), mappingOf(text).root.braces));
        for (const message of messages) {
          const held = await outcome(`$boolean(${value})`, message);
          const refuses = isObject(held) && held.value === guard.refusesWhen;
          const result = await outcome(after ?? "", message);
          if (refuses) expect(result, after).toHaveProperty("failed");
        }
      }),
      { numRuns: 60 },
    );
  });

  it("is not written where it would become something else", () => {
    const text = 'a ? $error("no") : { "x": 1 }';
    for (const bad of ["", "a :", "a) ? 1 : (b", '"', "$y := 1 : 2"])
      expect(writeGuard(text, 0, "condition", bad)).toBeUndefined();
    for (const bad of ["null", '$error("no") : 1', "{}", '"no"']) expect(writeGuard(text, 0, "refusal", bad)).toBeUndefined();
    expect(writeGuard(text, 1, "condition", "b")).toBeUndefined();
    expect(writeGuard(text, 0, "condition", "$y := b")).toBe('($y := b) ? $error("no") : { "x": 1 }');
    expect(writeGuard(text, 0, "refusal", ' $error("never " & a) ')).toBe('a ? $error("never " & a) : { "x": 1 }');
  });
});

describe("what is no mapping", () => {
  it("is said so, and never throws", () => {
    for (const { expression } of golden.cases)
      expect(["drawn", "empty", "other", "unreadable"]).toContain(readMapping(expression).kind);
    expect(readMapping("").kind).toBe("empty");
    expect(readMapping("lines.sku").kind).toBe("other");
    expect(readMapping("lines{ sku: qty }").kind).toBe("other");
    expect(readMapping('{ "a": }').kind).toBe("unreadable");
  });

  it("stays text in its field when it cannot be drawn", () => {
    const mapping = mappingOf('{ "a": $merge([{ "b": 1 }, c]), "d": x ? { "e": 1 } : { "f": 2 }, "g": list{ sku: n } }');
    expect([...allEntries(mapping.root)].map(({ path, entry }) => [pathText(path), entry.made])).toEqual([
      ["a", null],
      ["d", null],
      ["g", null],
    ]);
    expect(setField(mapping, [{ name: "a" }, { name: "b" }], "2")).toBeUndefined();
  });
});

const commentsOf = (text: string): string[] => tokenize(text).flatMap(({ kind, text: one }) => (kind === "comment" ? [one] : []));
