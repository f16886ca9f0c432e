import { expect, test } from "vitest";
import { reviewTurns } from "./reviewTurns.ts";

/** Reviews that end when they are told to, by the order in which they were asked for. */
function reviews() {
  const turns = reviewTurns();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const gone = new Set<string>();
  const ask = (who: string, name = who) =>
    turns({ who, gone: () => gone.has(name) }, async () => {
      begun.push(name);
      await new Promise<void>((end) => ends.set(name, end));
      return name;
    }).catch((error: Error) => error.message);
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { begun, gone, ask, end };
}

test("of one person one review is made at a time, and of all people two", async () => {
  const { begun, ask, end } = reviews();
  const all = [ask("ada", "ada 1"), ask("ada", "ada 2"), ask("bob"), ask("cy")];
  await end("nobody");
  expect(begun).toEqual(["ada 1", "bob"]);
  await end("bob");
  expect(begun).toEqual(["ada 1", "bob", "cy"]);
  await end("ada 1");
  expect(begun).toEqual(["ada 1", "bob", "cy", "ada 2"]);
  for (const name of ["ada 2", "cy"]) await end(name);
  expect(await Promise.all(all)).toEqual(["ada 1", "ada 2", "bob", "cy"]);
});

test("more than may wait are refused, of one and of all; what nobody waits for is not made", async () => {
  const { begun, gone, ask, end } = reviews();
  const first = ask("ada", "ada 0");
  for (const name of ["ada 1", "ada 2", "ada 3"]) void ask("ada", name);
  expect(await ask("ada", "ada 4")).toMatch(/under way/);
  for (const name of ["ada 1", "ada 2"]) gone.add(name);
  const last = ask("ada", "ada 5");
  await end("ada 0");
  await end("ada 3");
  await end("ada 5");
  expect([await first, await last, begun]).toEqual(["ada 0", "ada 5", ["ada 0", "ada 3", "ada 5"]]);

  void ask("bob");
  void ask("cy");
  for (let index = 0; index < 12; index++) void ask(`other ${index}`);
  expect(await ask("eve")).toMatch(/under way/);
});

test("one that fails makes room", async () => {
  const turns = reviewTurns();
  const turn = { who: "ada", gone: () => false };
  await expect(turns(turn, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await turns(turn, async () => 7)).toBe(7);
});
