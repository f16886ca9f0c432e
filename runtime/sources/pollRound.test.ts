import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PollPage } from "#nodes/connector/poll.ts";
import { afterPage, lookNext, newPoll, nextPage, type PollCursor } from "./pollRound.ts";

const rules = { page: { next: "", most: 1000 }, delta: { field: "", overlapMs: 60_000, lookBackMs: 3_600_000 } };
const iso = (ms: number): string => new Date(ms).toISOString();
const now = Date.parse("2026-11-24T10:00:00Z");

const pageOf = (changes: number[], next: unknown = null, watermark: string | null = null): PollPage => ({
  records: changes.map((at) => ({
    body: {},
    hash: "",
    dedupeKey: "",
    documentKey: null,
    documentVersion: null,
    changedAt: iso(at),
  })),
  next,
  watermark,
});

/** One round of the given pages, from a cursor on. */
function round(cursor: PollCursor, pages: PollPage[], at = now, more: object = {}): PollCursor {
  let kept = cursor;
  for (const page of pages) {
    const after = afterPage(kept, nextPage(kept, { ...rules, ...more }, iso(at)).round, page, { ...rules, ...more });
    kept = after.cursor;
  }
  return kept;
}

describe("the window of a round", () => {
  it("looks back at first, and then from what is known with the overlap before it", () => {
    expect(nextPage(newPoll, rules, iso(now)).at).toMatchObject({ since: iso(now - 3_600_000), until: iso(now), page: null });
    const known = round(newPoll, [pageOf([now - 5_000])]);
    expect(known.upTo).toBe(iso(now - 5_000));
    expect(nextPage(known, rules, iso(now + 1_000)).at.since).toBe(iso(now - 65_000));
  });

  it("stays where the first round began while nothing ever came, so that a long outage loses nothing", () => {
    const empty = round(newPoll, [pageOf([])]);
    expect(empty.upTo).toBe(iso(now - 3_600_000));
    const later = nextPage(empty, rules, iso(now + 86_400_000)).at;
    expect(Date.parse(later.since ?? "")).toBeLessThanOrEqual(now - 3_600_000);
  });

  it("moves through a long backlog in windows, empty ones included, even when the overlap is longer", () => {
    const delta = { ...rules.delta, windowMs: 1_000, overlapMs: 5_000, lookBackMs: 10_000 };
    let kept = newPoll;
    let rounds = 0;
    for (; rounds < 100; rounds++) {
      const { round: begun } = nextPage(kept, { delta }, iso(now));
      const after = afterPage(kept, begun, pageOf([]), { delta });
      kept = after.cursor;
      if (after.ok && after.next === "end") break;
    }
    expect(rounds).toBe(9);
    expect(kept.upTo).toBe(iso(now - 1_000));
  });

  it("is not led astray by a clock that is ahead over there", () => {
    expect(round(newPoll, [pageOf([now + 9_999_999])]).upTo).toBe(iso(now));
  });

  it("takes the system's own mark for its end where the operation has one", () => {
    const delta = { ...rules.delta, watermark: "body.upTo" };
    expect(round(newPoll, [pageOf([now - 1], null, iso(now - 120_000))], now, { delta }).upTo).toBe(iso(now - 120_000));
  });
});

describe("paging", () => {
  it("goes on at the page that was kept, whoever goes on", () => {
    const kept = round(newPoll, [pageOf([now - 10], "p2"), pageOf([now - 9], { after: 3 })]);
    expect(kept.upTo).toBeNull();
    expect(nextPage(kept, rules, iso(now + 50_000)).at).toMatchObject({ page: { after: 3 }, until: iso(now), now: iso(now) });
  });

  it.each<[string, PollPage[], string]>([
    ["a page comes again", [pageOf([], "a"), pageOf([], "b"), pageOf([], "a")], "poll.pageRepeats"],
    ["there are too many", Array.from({ length: 5 }, (_, i) => pageOf([], i)), "poll.tooManyPages"],
  ])("ends, and says so, when %s", (_what, pages, code) => {
    let kept: PollCursor = { upTo: iso(now - 100), asOf: null, round: null };
    const few = { ...rules, page: { next: "", most: 5 } };
    const results = pages.map((page) => {
      const after = afterPage(kept, nextPage(kept, few, iso(now)).round, page, few);
      kept = after.cursor;
      return after;
    });
    expect(results.at(-1)).toMatchObject({ ok: false, class: "bug", reason: { code } });
    expect(kept).toEqual({ upTo: iso(now - 100), asOf: null, round: null });
  });

  it("never moves the mark back, nor before the round's last page, whatever the pages hold", () => {
    const change = fc.integer({ min: -7_200_000, max: 60_000 });
    const rounds = fc.array(fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(rounds, (all) => {
        let kept = newPoll;
        all.forEach((pages, number) => {
          const before = kept.upTo;
          const at = now + number * 60_000;
          pages.forEach((changes, index) => {
            const last = index === pages.length - 1;
            kept = round(
              kept,
              [
                pageOf(
                  changes.map((ms) => at + ms),
                  last ? null : `${number}-${index}`,
                ),
              ],
              at,
            );
            if (!last) expect(kept.upTo).toBe(before);
          });
          expect(kept.round).toBeNull();
          if (before !== null) expect((kept.upTo ?? "") >= before).toBe(true);
          expect((kept.upTo ?? "") <= iso(at)).toBe(true);
        });
      }),
    );
  });
});

/** A list that is read by offset while others work on it. */
interface Kept {
  id: number;
  version: number;
}
type Change = { what: "remove" | "toEnd" | "toFront" | "addFirst" | "addLast"; at: number };

const applied = (list: Kept[], { what, at }: Change, id: number): Kept[] => {
  const place = list.length === 0 ? 0 : at % list.length;
  const rest = list.filter((_, index) => index !== place);
  const touched = list.slice(place, place + 1).map((each) => ({ ...each, version: each.version + 1 }));
  if (what === "addFirst") return [{ id, version: 0 }, ...list];
  if (what === "addLast") return [...list, { id, version: 0 }];
  return what === "toEnd" ? [...rest, ...touched] : what === "toFront" ? [...touched, ...rest] : rest;
};

describe("a list that is read by offset while it changes", () => {
  const change = fc.record<Change>({
    what: fc.constantFrom("remove", "toEnd", "toFront", "addFirst", "addLast"),
    at: fc.nat(50),
  });

  const offset = (size: number) => ({ type: "offset", size, most: 1_000 }) as const;
  const byCursor = { next: "next", most: 2_000, overlaps: true } as const;
  it.each([
    ["by offset", offset, (from: number) => from, (page: unknown) => Number(page ?? 0)],
    [
      "by cursors that overlap",
      () => byCursor,
      (from: number) => ({ from }),
      (page: unknown) => (page as { from?: number })?.from ?? 0,
    ],
  ])(
    "misses nothing that stood still, read %s, whatever left, came or moved between two pages",
    (_how, paging, cursorOf, fromOf) => {
      const rounds = fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 8 });
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 2, max: 6 }), rounds, (total, size, changes) => {
          const page = paging(size);
          let list = Array.from({ length: total }, (_, id): Kept => ({ id, version: 0 }));
          const still = new Set(list.map(({ id }) => id));
          const seen = new Set<number>();
          let cursor = newPoll;
          let made = total;
          for (let asked = 0; asked === 0 || cursor.round; asked++) {
            const { round, at } = nextPage(cursor, { page }, iso(now));
            const from = fromOf(at.page);
            const given = list.slice(from, from + size);
            for (const { id } of given) seen.add(id);
            const records = given.map(({ id, version }) => ({
              ...pageOf([now]).records[0],
              dedupeKey: `${id}`,
              changedAt: `${version}`,
            }));
            const next = given.length < size ? null : cursorOf(from + size - 1);
            const after = afterPage(cursor, round, { records, next, watermark: null } as PollPage, { page });
            expect(after.ok).toBe(true);
            cursor = after.cursor;
            for (const each of changes[asked] ?? []) list = applied(list, each, made++);
            for (const id of still) if (!list.some((each) => each.id === id && each.version === 0)) still.delete(id);
          }
          expect([...still].filter((id) => !seen.has(id))).toEqual([]);
        }),
        { numRuns: 500 },
      );
    },
  );

  it("goes back a page and then to the first, where the system gave what pages are asked for with", () => {
    const given = (cursor: PollCursor, keys: string[], next: string | null) => {
      const records = keys.map((dedupeKey) => ({ ...pageOf([now]).records[0], dedupeKey }));
      const { round } = nextPage(cursor, { page: byCursor }, iso(now));
      return afterPage(cursor, round, { records, next, watermark: null } as PollPage, { page: byCursor });
    };
    const second = given(given(newPoll, ["a", "b", "c"], "2").cursor, ["c", "d", "e"], "3");
    expect(second.cursor.round?.page).toBe("3");
    const moved = given(second.cursor, ["f", "g"], null);
    expect(moved).toMatchObject({ ok: true, next: "page", cursor: { round: { page: "2" } } });
    expect(given(moved.cursor, ["d", "e", "f"], "3")).toMatchObject({ cursor: { round: { page: "3", earlier: "2" } } });
    const further = given(moved.cursor, ["f", "g"], null);
    expect(further).toMatchObject({ ok: true, next: "page", cursor: { round: { page: null } } });
    expect(given(further.cursor, ["d", "e", "f"], "2").cursor.round).toMatchObject({ page: "2", earlier: null });
  });

  it("goes back to where the page before is, and no further than the first", () => {
    const page = { type: "offset", size: 3, most: 9 } as const;
    const records = (...keys: string[]) => keys.map((dedupeKey) => ({ ...pageOf([now]).records[0], dedupeKey }));
    const given = (cursor: PollCursor, keys: string[], next: number | null) =>
      afterPage(
        cursor,
        nextPage(cursor, { page }, iso(now)).round,
        { records: records(...keys), next, watermark: null } as PollPage,
        {
          page,
        },
      );
    const first = given(newPoll, ["a", "b", "c"], 2);
    // One of the first three is gone: the fourth stands where nobody looks.
    const shifted = given(first.cursor, ["e"], null);
    expect(shifted).toMatchObject({ ok: true, next: "page", cursor: { round: { page: 0 } } });
    expect(given(shifted.cursor, ["a", "c", "d"], 2)).toMatchObject({ cursor: { round: { page: 2 } } });
    expect(given(first.cursor, ["c", "d"], null)).toMatchObject({ ok: true, next: "end" });
  });
});

it("goes on at once, unless the system asks to be left alone", () => {
  const intervalMs = 60_000;
  expect(lookNext("page", { intervalMs })).toBe("goesOn");
  expect(lookNext("page", { intervalMs, waitMs: 5_000 })).toEqual({ afterMs: 5_000 });
  expect(lookNext("window", { intervalMs })).toEqual({ afterMs: 0 });
  expect(lookNext("end", { intervalMs, waitMs: 5_000 })).toEqual({ afterMs: 60_000 });
  expect(lookNext("end", { intervalMs, waitMs: 90_000 })).toEqual({ afterMs: 90_000 });
});
