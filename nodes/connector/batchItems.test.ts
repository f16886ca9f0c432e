import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentsIn, inTheirPlaces, type RefusedItem, resultsByItem, takenOf, withDocuments } from "./batchItems.ts";

const documents = fc.array(fc.record({ sku: fc.string() }), { minLength: 1, maxLength: 12 });
const refusedAt = (places: number[]) => ({
  answer: null,
  refused: places.map((place): RefusedItem => ({ place, key: "", class: "rejected", message: "no" })),
});

describe("the documents of an item", () => {
  it("are parted into those taken and those refused, none lost and none twice, in whatever form they come", () => {
    fc.assert(
      fc.property(documents, fc.boolean(), fc.func(fc.boolean()), (all, bare, isRefused) => {
        const item = bare ? all : { batchId: "b", items: all };
        const places = all.flatMap((document, place) => (isRefused(document, place) ? [place] : []));
        const taken = takenOf(item, "items", refusedAt(places));
        const alone = places.map((place) => withDocuments(item, "items", [all[place]]));
        const kept = taken === undefined ? [] : documentsIn(taken, "items");
        expect(kept).toEqual(all.filter((_, place) => !places.includes(place)));
        expect(alone.flatMap((each) => documentsIn(each, "items"))).toEqual(places.map((place) => all[place]));
        if (!bare) for (const each of alone) expect(each).toMatchObject({ batchId: "b" });
      }),
    );
  });

  it("are the item itself where it has no list", () => {
    expect(documentsIn({ sku: "a" }, "items")).toEqual([{ sku: "a" }]);
    expect(documentsIn([1, 2], undefined)).toEqual([[1, 2]]);
    expect(withDocuments({ sku: "a" }, "items", [])).toBeUndefined();
    expect(takenOf({ sku: "a" }, "items", null)).toEqual({ sku: "a" });
  });
});

describe("documents that were refused before", () => {
  const keyed = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 8 });

  it("are found again in whatever order they come, each once, and where they were when nothing has moved", () => {
    fc.assert(
      fc.property(keyed, fc.func(fc.boolean()), fc.func(fc.nat()), (keys, isRefused, rank) => {
        const refused = keys.flatMap((key, place): RefusedItem[] =>
          isRefused(place) ? [{ place, key, class: "rejected", message: "no" }] : [],
        );
        expect(inTheirPlaces(refused, keys)).toEqual(refused);
        const moved = keys.toSorted((a, b) => rank(a) - rank(b));
        const found = inTheirPlaces(refused, moved);
        expect(new Set(found.map(({ place }) => place)).size).toBe(refused.length);
        for (const { place, key } of found) expect(moved[place]).toBe(key);
      }),
    );
  });

  it("are left out where they are not there", () => {
    expect(inTheirPlaces([{ place: 1, key: "b", class: "rejected", message: "no" }], ["a"])).toEqual([]);
  });
});

describe("the results of an answer", () => {
  const read = async (expression: string, input: unknown, { place }: { place?: number } = {}) =>
    expression === "place" ? (place ?? 0) + 1 : (input as Record<string, unknown>)[expression];
  const isGood = async (result: unknown) => (result as { ok?: boolean }).ok === true;
  const results = [{ id: 2, ok: true }, { id: 1, ok: true }, { id: 2, ok: false }, { ok: false }];

  it("are their documents' by key, the worst where there are two; none where the answer has none", async () => {
    const found = await resultsByItem({ key: "place", of: "id" }, ["a", "b", "c"], results, read, isGood);
    expect(found).toEqual([
      { key: "1", result: results[1] },
      { key: "2", result: results[2] },
      { key: "3", result: undefined },
    ]);
  });

  it("are their documents' by order where they have no key", async () => {
    const found = await resultsByItem({ key: "sku" }, [{ sku: "a" }, {}], results, read, isGood);
    expect(found).toEqual([
      { key: "a", result: results[0] },
      { key: "1", result: results[1] },
    ]);
  });
});
