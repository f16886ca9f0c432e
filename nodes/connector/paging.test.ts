import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextOf, pagedRequest, pageVariable } from "./paging.ts";

const request = { method: "GET", path: "/v3/orders", query: { limit: "200" }, headers: {}, timeoutMs: 1 };
const base = () => "https://api.example.com/shop/";
const answer = (link?: string) => ({ status: 200, headers: link === undefined ? {} : { link }, body: {} });
const next = (page: Parameters<typeof nextOf>[0], count = 0, at: unknown = null, link?: string) =>
  nextOf(page, { answer: answer(link), at, count, overlap: 1 }, async (expression) => `read ${expression}`);

describe("what the next page is asked for with", () => {
  it.each([
    ['<https://x/a?page=1>; rel="previous", <https://x/a?page_info=b,c;d>; rel="next"', "https://x/a?page_info=b,c;d"],
    ["<https://x/2>;rel=next", "https://x/2"],
    ['<https://x/2>; title="a, b; rel=prev"; rel="last next"', "https://x/2"],
    ['<https://x/2>; rel="prev"', undefined],
    ["nonsense", undefined],
    [undefined, undefined],
  ])("is in the link header %s", async (header, expected) => {
    expect(await next({ type: "link", most: 9 }, 0, null, header)).toBe(expected);
  });

  it("is counted until a page is short", async () => {
    const offset = { type: "offset", size: 50, most: 9 } as const;
    const number = { type: "number", first: 1, size: 50, most: 9 } as const;
    expect([pageVariable(offset, null), pageVariable(number, null), pageVariable(number, 3)]).toEqual([0, 1, 3]);
    // Each page begins with the last record of the one before.
    expect([await next(offset, 50), await next(offset, 50, 49), await next(offset, 49, 98)]).toEqual([49, 98, undefined]);
    expect([await next(number, 50), await next(number, 50, 2), await next(number, 0, 3)]).toEqual([2, 3, undefined]);
  });

  it("is what the expression says otherwise", async () => {
    expect(await next({ next: "body.next", most: 9 })).toBe("read body.next");
    expect(await next({ type: "url", next: "body.url", most: 9 })).toBe("read body.url");
    expect(await next(undefined)).toBeUndefined();
  });

  it("of a list read by offset gives every record, whatever the sizes", () => {
    return fc.assert(
      fc.asyncProperty(fc.nat(40), fc.integer({ min: 2, max: 9 }), async (total, size) => {
        const records = Array.from({ length: total }, (_, at) => at);
        const seen = new Set<number>();
        let at: unknown = null;
        do {
          const from = Number(pageVariable({ type: "offset", size, most: 99 }, at));
          const page = records.slice(from, from + size);
          for (const record of page) seen.add(record);
          at = await next({ type: "offset", size, most: 99 }, page.length, at);
        } while (at !== undefined);
        expect([...seen]).toEqual(records);
      }),
    );
  });
});

describe("the request of a next page", () => {
  it.each([
    ["an address", "url", "https://api.example.com/shop/v3/orders?cursor=a%2Fb&limit=2", "/v3/orders?cursor=a%2Fb&limit=2"],
    ["a path", "url", "/shop/v3/orders?page=2", "/v3/orders?page=2"],
    ["a query alone", "url", "?page=2", "/v3/orders?page=2"],
    ["a link header", "link", "https://api.example.com/shop/v4/orders", "/v4/orders"],
    [
      "a query string, as Walmart gives it",
      "query",
      "?limit=2&nextCursor=a%3D&nextCursor=b",
      "/v3/orders?limit=2&nextCursor=a%3D&nextCursor=b",
    ],
  ] as const)("follows %s", (_what, type, at, path) => {
    const page = type === "link" ? ({ type, most: 9 } as const) : ({ type, next: "x", most: 9 } as const);
    expect(pagedRequest(request, page, at, base)).toEqual({ ...request, path, query: {} });
    expect(pagedRequest(request, page, null, base)).toEqual(request);
  });

  it.each([
    "https://evil.example.com/shop/v3/orders",
    "http://api.example.com/shop/v3/orders",
    "https://api.example.com:8443/shop/x",
    "https://api.example.com/other",
    "https://api.example.com/shop/../other",
    "https://api.example.com/shopping",
    "//evil.example.com/shop/",
    "https://u:p@api.example.com/shop/x",
    "http://[",
  ])("never goes to %s", (at) => {
    expect(() => pagedRequest(request, { type: "url", next: "x", most: 9 }, at, base)).toThrow("not below the address");
  });

  it("stays as it is where the request names the page itself", () => {
    expect(pagedRequest(request, { next: "x", most: 9 }, "token", base)).toEqual(request);
    expect(pagedRequest(request, { type: "offset", size: 2, most: 9 }, 2, base)).toEqual(request);
  });
});
