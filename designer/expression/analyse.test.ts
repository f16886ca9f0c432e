import { describe, expect, it } from "vitest";
import eu from "#nodes/connectors/samples/shopify.orderCreated.eu.json" with { type: "json" };
import us from "#nodes/connectors/samples/shopify.orderCreated.us.json" with { type: "json" };
import { analyse } from "./analyse.ts";
import { complete } from "./complete.ts";

const order = {
  id: 7,
  currency: "EUR",
  total_price: "32.67",
  customer: { name: "Ada", email: null },
  line_items: [
    { sku: "A", price: "10.00", quantity: 2, tax_lines: [{ rate: 0.2, amount: 1.5 }] },
    { sku: "B", price: "4.05", quantity: 1, tax_lines: [] },
  ],
};
const surroundings = { samples: [order], variables: ["source", "run"] };

const findings = (text: string) =>
  analyse(text, surroundings).findings.map(({ code, from, to }) => `${code} ${text.slice(from, to)}`);
/** The text once its first finding's fix was made. */
const fixed = (text: string) => {
  const fix = analyse(text, surroundings).findings[0]?.fix;
  return fix && text.slice(0, fix.from) + fix.insert + text.slice(fix.to);
};

describe("a path that no sample has", () => {
  it("is told at its place, with the name that was probably meant", () => {
    const [found] = analyse("customer.nam", surroundings).findings;
    expect(found).toMatchObject({
      code: "noField",
      severity: "warning",
      params: { name: "nam", meant: "name" },
      from: 9,
      to: 12,
    });
    expect(fixed("customer.nam")).toBe("customer.name");
  });

  it("is found in filters, functions, transforms and objects, whichever way the value came there", () => {
    expect(findings("line_items[skuu = 'A'].price")).toContain("noField skuu");
    expect(findings("$map(line_items, function($l) { $l.prise })")).toContain("noField prise");
    expect(findings("( $lines := line_items; $lines.quantiti )")).toContain("noField quantiti");
    expect(findings("line_items ~> $filter(function($l) { $l.sk = 'A' })")).toContain("noField sk");
    expect(findings("$ ~> |line_items|{ 'sku': skv }|")).toContain("noField skv");
    expect(findings("{ 'a': { 'b': 1 } }.a.bb")).toContain("noField bb");
    expect(findings("line_items^(>prize).sku")).toContain("noField prize");
  });

  it("is not told where it is looked for on purpose, where nothing is known, or behind another one", () => {
    expect(findings("$exists(customer.phone)")).toEqual([]);
    expect(findings("$source.account.x.y")).toEqual([]);
    expect(findings("customer.nam.first.second")).toEqual(["noField nam"]);
    expect(analyse("anything.at.all", { samples: [], variables: [] }).findings).toEqual([]);
    expect(findings("**.whatever")).toEqual([]);
  });

  it("is not told where it goes to a function that asks whether it came, unless another name is near", () => {
    const asking = (argument: string) =>
      findings(
        `( $text := function($x) { $x != null ? $string($x) : null }; $f := function($k, $x) { $text($x) }; ${argument} )`,
      );
    expect(asking("$text(customer.loyaltyTier)")).toEqual([]);
    expect(asking("$f('a', customer.loyaltyTier)")).toEqual([]);
    expect(asking("$f(customer.loyaltyTier, 'a')")).toEqual(["noField loyaltyTier"]);
    expect(asking("$text(customer.nam)")).toEqual(["noField nam"]);
    expect(findings("'a' in [customer.loyaltyTier]")).toEqual([]);
  });

  it("is not taken for a field with a word more, or another of a row", () => {
    const given = { samples: [{ number: 7, addressLine1: "a", addressType: "b" }], variables: [] };
    const meant = (text: string) => analyse(text, given).findings.map(({ params }) => params.meant);
    expect(meant("po_number")).toEqual([undefined]);
    expect(meant("addressLine3")).toEqual([undefined]);
    expect(meant("numbr")).toEqual(["number"]);
  });

  it("that resembles none is only mentioned", () => {
    expect(analyse("customer.loyaltyTier", surroundings).findings[0]?.severity).toBe("info");
  });
});

describe("names that nobody gives", () => {
  it("are told for variables and for functions", () => {
    expect(findings("( $total := 1; $totl )")).toEqual(["noVariable $totl"]);
    expect(fixed("$uppercas(currency)")).toBe("$uppercase(currency)");
  });

  it("are not told for parameters, for what stands before, and for functions of the expression's own", () => {
    expect(findings("( $twice := function($x) { $x * 2 }; $twice(id) & $source.account & $run.id )")).toEqual([]);
    expect(findings("( $f := function($n) { $n = 0 ? 1 : $f($n - 1) }; $f(id) )")).toEqual([]);
  });
});

describe("money", () => {
  it("in arithmetic is told, with the decimal function as the fix", () => {
    expect(fixed("total_price + 1")).toBe("$add(total_price, 1)");
    expect(fixed("[$map(line_items, function($l) { $number($l.price) * $l.quantity })]")).toContain(
      "$mul($l.price, $l.quantity)",
    );
    expect(fixed("total_price / $count(line_items)")).toBe("$div(total_price, $count(line_items), 2)");
    expect(findings("$mul(total_price, 2)")).toEqual([]);
    expect(findings("line_items[0].quantity * 2")).toEqual([]);
  });

  it("is told when it is summed or rounded in floating point, numbers with a name that says so too", () => {
    expect(fixed("$sum(line_items.price)")).toBe("$addall(line_items.price)");
    expect(fixed("$round(total_price, 2)")).toBe("$fixed(total_price, 2)");
    expect(findings("$sum(line_items.tax_lines.amount)")).toEqual(["moneySum $sum"]);
    expect(findings("$sum(line_items.quantity)")).toEqual([]);
  });

  it("is no reason to speak of texts: those are joined with &", () => {
    expect(fixed("currency + customer.name")).toBe("currency & customer.name");
  });
});

describe("a result that may be one value or an array", () => {
  it("is told where it becomes data, with brackets as the fix", () => {
    expect(fixed("{ 'skus': line_items.sku }")).toBe("{ 'skus': [line_items.sku] }");
    expect(fixed("$map(line_items, function($l) { $l.sku })")).toBe("[$map(line_items, function($l) { $l.sku })]");
    expect(findings("line_items[quantity > 1]")).toEqual(["oneOrMany line_items[quantity > 1]"]);
  });

  it("is not told for a whole list, one member, brackets, and what takes both", () => {
    for (const text of [
      "line_items",
      "{ 'a': line_items }",
      "line_items[0].sku",
      "[line_items.sku]",
      "line_items[].sku",
      "$count(line_items.sku)",
      "$join(line_items.sku, ',')",
    ])
      expect(findings(text), text).toEqual([]);
  });
});

describe("completion", () => {
  /** `|` is the cursor. */
  const at = (marked: string) => complete(marked.replace("|", ""), marked.indexOf("|"), surroundings);
  const names = (marked: string) => at(marked)?.choices.map(({ insert }) => insert);

  it("offers the fields of what is at hand there", () => {
    expect(names("customer.|")).toEqual(["name", "email"]);
    expect(names("line_items[|]")?.slice(0, 4)).toEqual(["sku", "price", "quantity", "tax_lines"]);
    expect(names("$map(line_items, function($l) { $l.pr| })")).toEqual(["sku", "price", "quantity", "tax_lines"]);
    expect(names('{ "a": line_items.{ "x": | } }')?.slice(0, 1)).toEqual(["sku"]);
  });

  it("offers them in a text that cannot be read yet", () => {
    expect(names('{ "a": customer.|')).toEqual(["name", "email"]);
    expect(names("$sum(line_items.|")).toContain("price");
    expect(names("$sum(line_items.price) > customer.na|, 'x'")).toEqual(["name", "email"]);
  });

  it("offers variables and functions behind a $, those in sight alone", () => {
    const choices = names("( $lines := line_items; $|; $later := 1 )");
    expect(choices).toEqual(expect.arrayContaining(["$lines", "$source", "$sum", "$addall"]));
    expect(choices).not.toContain("$later");
    expect(at("$su|")?.from).toBe(0);
  });

  it("is silent in texts and comments", () => {
    expect(at("'a|b'")).toBeUndefined();
    expect(at("/* a| */ id")).toBeUndefined();
  });
});

describe("the mapping of the order flow", () => {
  const [mapping = ""] = Object.values(
    import.meta.glob<string>("../../nodes/connectors/shopify.order.jsonata", { query: "?raw", import: "default", eager: true }),
  );

  it("gives no false alarm of money, names and lists", () => {
    const { findings: found } = analyse(mapping, { samples: [us, eu], variables: ["source", "run"] });
    expect(found.filter(({ severity, code }) => severity === "warning" && code !== "noField")).toEqual([]);
  });
});
