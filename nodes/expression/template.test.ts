import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleClock } from "../sample.fixture.ts";
import { checkTemplate, plainPathTemplate, renderTemplate } from "./template.ts";

const surroundings = { clock: sampleClock, salt: "n", variables: { config: { prefix: "A" } } };
const render = (template: string, input: unknown, encode?: (text: string) => string) =>
  renderTemplate(template, input, surroundings, encode);

describe("renderTemplate", () => {
  it("fills in expressions and keeps the text between them", async () => {
    expect(await render("/orders/{{ id }}/{{ $config.prefix & '-' & $string(n + 1) }}?x", { id: 7, n: 1 })).toBe(
      "/orders/7/A-2?x",
    );
    expect(await render("plain } text {", {})).toBe("plain } text {");
    expect(await render("{{ nothing }}{{ null }}{{ false }}{{ 0 }}", {})).toBe("false0");
  });

  it("encodes what comes from the item, not its own text", async () => {
    expect(await render("/a b/{{ id }}", { id: "x/../y?z=ü" }, encodeURIComponent)).toBe("/a b/x%2F..%2Fy%3Fz%3D%C3%BC");
  });

  it("never fills in twice: what an item says is text", async () => {
    expect(await render("{{ note }}", { note: "{{ $config.prefix }}" })).toBe("{{ $config.prefix }}");
  });

  it("leaves any text without braces as it is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string().filter((text) => !text.includes("{{")),
        async (text) => {
          expect(await render(text, {})).toBe(text);
        },
      ),
    );
  });

  it("refuses objects where text is needed, and braces that do not close", async () => {
    await expect(render("{{ $ }}", { a: 1 })).rejects.toThrow("gives an object, where text is needed.");
    await expect(render("a {{ b", {})).rejects.toMatchObject({ code: "template.open", position: 2 });
  });
});

describe("checkTemplate", () => {
  it("counts the place from the template's start", () => {
    expect(checkTemplate("/a/{{ b }}")).toEqual({ ok: true });
    expect(checkTemplate("/a/{{ b }}/{{ c[ }}")).toMatchObject({ ok: false, position: expect.any(Number) });
    expect(checkTemplate("/a/{{ b")).toMatchObject({ ok: false, position: 3 });
  });
});

describe("plainPathTemplate", () => {
  it("reads paths with plain and quoted names", () => {
    const read = plainPathTemplate("{{ headers.'x-shopify-event-id' }}:{{ body.lines.0.id }}:{{body.`a b`}}");
    expect(read({ headers: { "x-shopify-event-id": "e1" }, body: { lines: [{ id: 5 }], "a b": true } })).toBe("e1:5:true");
    const plain = plainPathTemplate('{{ headers."x-id" }}/{{body.id}}');
    expect(plain({ headers: { "x-id": "e1" }, body: { id: 5 } })).toBe("e1/5");
    expect(plain.paths).toEqual(["headers.x-id", "body.id"]);
  });

  it("gives nothing at all when a path finds nothing, and never looks at what is inherited", () => {
    const read = plainPathTemplate("order-{{ body.id }}");
    for (const body of [{}, null, { id: null }, { id: "" }, { id: {} }, { id: [1] }]) expect(read({ body })).toBe("");
    expect(plainPathTemplate("{{ body.constructor.name }}")({ body: {} })).toBe("");
    expect(plainPathTemplate("{{ body.toString }}")({ body: {} })).toBe("");
  });

  it.each([
    "{{ $uppercase(a) }}",
    "{{ a + b }}",
    "{{ a[0] }}",
    "{{ }}",
    "{{ a..b }}",
    "{{ a. }}",
    "{{ 'a }}",
    "{{ a b }}",
    "{{ a",
  ])("refuses %s", (template) => expect(() => plainPathTemplate(template)).toThrow(/plain path|no "}}"/));

  it("gives text without paths as it is", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((text) => !text.includes("{{")),
        (text) => {
          expect(plainPathTemplate(text)({})).toBe(text);
        },
      ),
    );
  });
});
