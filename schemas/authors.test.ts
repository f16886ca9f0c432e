import fc from "fast-check";
import { expect, test } from "vitest";
import { type AuthoredVersion, authorsOf } from "./authors.ts";

const version = (number: number, createdBy: string, more: Partial<AuthoredVersion> = {}): AuthoredVersion => ({
  number,
  createdBy,
  authors: [],
  restoredFrom: [],
  ...more,
});
const brought = (number: number, base: number | null) => ({ version: number, base, requestedBy: "rita" });

test("what a draft was restored from is a part of the work, back to what ran before it", () => {
  const versions = [
    version(1, "ada"),
    version(2, "mallory"),
    version(3, "carol"),
    version(4, "dave", { authors: ["dora"], restoredFrom: [2] }),
    version(5, "erin"),
  ];
  expect(authorsOf(brought(4, 3), versions, [1, 3])).toEqual(["dave", "dora", "mallory", "rita"]);
  // Also where somebody went on from it, and where nothing came by a promotion.
  expect(authorsOf(brought(5, 3), versions, [1, 3])).toEqual(["dave", "dora", "erin", "mallory", "rita"]);
  expect(authorsOf(brought(4, 3), versions, [])).toEqual(["ada", "dave", "dora", "mallory", "rita"]);
  expect(authorsOf(brought(5, 4), versions, [1, 3, 4])).toEqual(["erin", "rita"]);
});

test("who began with what runs has taken nothing over from its authors", () => {
  const versions = [version(1, "mallory"), version(2, "dave"), version(3, "carol", { restoredFrom: [1] })];
  expect(authorsOf(brought(3, 1), versions, [1])).toEqual(["carol", "dave", "rita"]);
});

test("no edit that never ran there is without its author, whatever was published, restored and run in between", () => {
  const who = fc.constantFrom("ada", "bob", "carol", "dave", "erin");
  const at = fc.nat(20);
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ does: fc.constant("edit" as const), who, at }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constant("publish" as const), who, at }) },
    fc.record({ does: fc.constant("restore" as const), who, at }),
    fc.record({ does: fc.constant("run" as const), who, at }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const history = played(steps);
      const base = history.ran.at(-1) ?? null;
      const everRan = new Set(history.ran.flatMap((number) => [...(history.contents[number - 1] ?? [])]));
      for (const { number } of history.versions) {
        const authors = authorsOf(brought(number, base), history.versions, history.ran);
        for (const edit of history.contents[number - 1] ?? []) if (!everRan.has(edit)) expect(authors).toContain(edit.who);
      }
    }),
    { numRuns: 300 },
  );
});

interface Step {
  does: "edit" | "publish" | "restore" | "run";
  who: string;
  at: number;
}

/** The versions that come of it, the edits that each consists of, and which ran. */
function played(steps: readonly Step[]) {
  const versions: AuthoredVersion[] = [];
  const contents: Set<Step>[] = [];
  const ran: number[] = [];
  let draft = new Set<Step>();
  let editors: string[] = [];
  let restoredFrom: number[] = [];
  for (const step of steps) {
    const chosen = versions[step.at % Math.max(1, versions.length)]?.number;
    if (step.does === "edit") draft = new Set([...draft, step]);
    if (step.does === "edit") editors.push(step.who);
    if (step.does === "run" && chosen) ran.push(chosen);
    if (step.does === "restore" && chosen) {
      draft = new Set(contents[chosen - 1]);
      editors.push(step.who);
      restoredFrom.push(chosen);
    }
    const isNew = !contents.some((content) => content.size === draft.size && [...content].every((edit) => draft.has(edit)));
    if (step.does !== "publish" || !isNew) continue;
    versions.push(version(versions.length + 1, step.who, { authors: editors, restoredFrom }));
    contents.push(draft);
    editors = [];
    restoredFrom = [];
  }
  return { versions, contents, ran };
}
