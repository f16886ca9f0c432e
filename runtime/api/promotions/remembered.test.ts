import { expect, test } from "vitest";
import { remembering } from "./remembered.ts";

test("what was made is remembered for some minutes, of the last few; what failed is made again", async () => {
  let [passed, count] = [0, 0];
  const of = remembering<number>(() => passed);
  const made = (key: string) => of(key, async () => ++count);
  expect([await made("a"), await made("b"), await made("a")]).toEqual([1, 2, 1]);
  passed = 11 * 60_000;
  expect(await made("a")).toBe(3);
  passed = 0;
  for (const key of "bcdefghi") await made(key);
  expect([await made("a"), count]).toEqual([12, 12]);
  await expect(of("broken", () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await made("broken")).toBe(13);
});
