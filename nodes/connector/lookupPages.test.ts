import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AfterLookupPage, afterLookupPage, type ReadPage } from "./lookupPages.ts";

const answer = (body: unknown) => ({ status: 200, headers: {}, body });
const follow = (before: ReadPage[], body: { list?: unknown; next?: unknown }, most = 9): Promise<AfterLookupPage> =>
  afterLookupPage(
    { next: "next", most },
    { before, result: body.list, answer: answer(body), system: "Shop" },
    async () => body.next,
  );

describe("an answer in pages", () => {
  it("is all that they hold, in their order, whatever they hold", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.integer(), { maxLength: 4 }), { minLength: 1, maxLength: 9 }), async (pages) => {
        let before: ReadPage[] = [];
        for (const [index, list] of pages.entries()) {
          const result = await follow(before, { list, next: index === pages.length - 1 ? null : `p${index}` });
          if ("done" in result) {
            expect(index).toBe(pages.length - 1);
            expect(result.done).toEqual(pages.flat());
          } else if ("before" in result) {
            expect(result.at).toBe(`p${index}`);
            before = result.before;
          } else expect.unreachable();
        }
      }),
    ));

  it("may be one record, or none", async () => {
    expect(await follow([], { list: { id: 1 } })).toEqual({ done: [{ id: 1 }] });
    expect(await follow([], {})).toEqual({ done: [] });
  });

  it("never ends in a circle, nor without an end, nor in more than an item may be", async () => {
    const read: ReadPage[] = [{ records: [1], next: "p1" }];
    expect(await follow(read, { list: [2], next: "p1" })).toMatchObject({
      ok: false,
      class: "bug",
      reason: { code: "answer.pageRepeats" },
    });
    expect(await follow(read, { list: [2], next: "p2" }, 2)).toMatchObject({
      ok: false,
      class: "tooLarge",
      reason: {
        code: "answer.tooManyPages",
        message: "Shop has a further page after 2, with 2 records so far; one document may not have more.",
      },
    });
    const long = { records: ["x".repeat(16_000_000)], next: "p1" };
    expect(await follow([long], { list: [2], next: "p2" })).toMatchObject({
      class: "tooLarge",
      reason: { code: "answer.pagesTooLarge" },
    });
  });
});
