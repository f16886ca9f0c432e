import jsonata from "jsonata";
import { describe, expect, it } from "vitest";
import golden from "#nodes/expression/golden.json" with { type: "json" };
import { formatExpression } from "./format.ts";

/** The syntax tree without places. */
const meaning = (text: string): unknown =>
  JSON.parse(
    JSON.stringify(jsonata(text).ast(), (key, value: unknown) =>
      key === "position" ? undefined : value instanceof RegExp ? String(value) : value,
    ),
  );

const mappings = Object.values(
  import.meta.glob<string>("../../nodes/connectors/*.jsonata", { query: "?raw", import: "default", eager: true }),
);
const sound = [...mappings, ...golden.cases.map(({ expression }) => expression)].filter((text) => {
  try {
    return jsonata(text) !== undefined;
  } catch {
    return false;
  }
});

const comments = (text: string) => text.match(/\/\*[\s\S]*?\*\//g) ?? [];

describe("the formatter", () => {
  it("has enough to try", () => expect(sound.length).toBeGreaterThan(60));

  it("changes nothing of what any expression of the house says, keeps its comments, and is content with its own work", () => {
    for (const text of sound) {
      const once = formatExpression(text);
      expect(meaning(once), text).toEqual(meaning(text));
      expect(comments(once)).toEqual(comments(text));
      expect(formatExpression(once), text).toBe(once);
    }
  });

  it("breaks what is long, one entry or statement to a line", () => {
    expect(
      formatExpression(
        "($lines:=items[qty>0];{'number':$string(id),'lines':[$map($lines,function($l){{'sku':$l.sku,'price':$l.price,'quantity':$l.quantity}})]})",
      ),
    ).toBe(
      `(
  $lines := items[qty > 0];
  {
    'number': $string(id),
    'lines': [$map($lines, function($l) {{
      'sku': $l.sku,
      'price': $l.price,
      'quantity': $l.quantity
    }})]
  }
)`,
    );
  });

  it("keeps what is short on its line, and an object that the author spread out spread out", () => {
    expect(formatExpression("a.b[ c=1 ]. {'x':-1 , 'y' : $f( ?,2)}")).toBe("a.b[c = 1].{ 'x': -1, 'y': $f(?, 2) }");
    expect(formatExpression('{\n"a":1}')).toBe('{\n  "a": 1\n}');
  });

  it("puts each choice and each part of a long chain on its own line", () => {
    expect(
      formatExpression(
        "status = 'cancelled' ? 'cancelled' : fulfillment_status = 'fulfilled' ? 'fulfilled' : fulfillment_status",
      ),
    ).toBe(`status = 'cancelled' ? 'cancelled'
  : fulfillment_status = 'fulfilled' ? 'fulfilled'
  : fulfillment_status`);
    expect(
      formatExpression(
        "status != 'cancelled' and fulfilledBy = 'merchant' and $count(lines[requiresShipping = true and quantity > 0]) > 0",
      ),
    ).toBe(`status != 'cancelled'
  and fulfilledBy = 'merchant'
  and $count(lines[requiresShipping = true and quantity > 0]) > 0`);
  });

  it("leaves a text alone whose brackets do not match", () => {
    expect(formatExpression("f(  [1")).toBe("f(  [1");
    expect(formatExpression("a )")).toBe("a )");
  });
});
