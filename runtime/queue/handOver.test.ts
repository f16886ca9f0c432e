import { expect, it } from "vitest";
import { handOver } from "./handOver.ts";
import type { Hint } from "./hint.ts";

const hint = (task: string, epoch = 0): Hint => ({ task, epoch });

/** A handler whose work ends when the test says so. */
function slowly() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const handler = ({ task }: Hint) => {
    begun.push(task);
    return new Promise<void>((resolve) => ends.push(resolve));
  };
  const endNext = async () => {
    ends.shift()?.();
    await new Promise(setImmediate);
  };
  return { begun, handler, endNext };
}

it("works on as many as it may, in order, keeps some waiting, and gives back the rest", async () => {
  const { begun, handler, endNext } = slowly();
  const to = handOver(2, 2, handler);
  expect(
    to.offer(
      ["a", "b"].map((task) => hint(task)),
      "first",
    ),
  ).toEqual([]);
  expect(
    to.offer(
      ["c", "d", "e"].map((task) => hint(task)),
      "first",
    ),
  ).toEqual([hint("e")]);
  expect([begun, to.depth]).toEqual([["a", "b"], 4]);
  await endNext();
  expect(begun).toEqual(["a", "b", "c"]);
  await endNext();
  await endNext();
  expect([begun, to.depth]).toEqual([["a", "b", "c", "d"], 1]);
});

it("takes a hint once that is given again while it waits", async () => {
  const { begun, handler, endNext } = slowly();
  const to = handOver(1, 9, handler);
  expect(to.offer([hint("a"), hint("b"), hint("b"), hint("b", 1)], "first")).toEqual([]);
  for (let count = 0; count < 3; count++) await endNext();
  expect(begun).toEqual(["a", "b", "b"]);
});

it("hands out everything when it is closed, ends with the last handler and takes nothing more", async () => {
  const { begun, handler, endNext } = slowly();
  const to = handOver(1, 9, handler);
  to.offer(
    ["a", "b", "c"].map((task) => hint(task)),
    "first",
  );
  let over = false;
  const closing = to.close().then(() => {
    over = true;
  });
  await new Promise(setImmediate);
  expect(begun).toEqual(["a", "b", "c"]);
  expect(to.offer([hint("d")], "first")).toEqual([hint("d")]);
  await endNext();
  await endNext();
  expect(over).toBe(false);
  await endNext();
  await closing;
});

it("hands out what is to go first before what waits for its turn, whenever it came", async () => {
  const seen: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const own = handOver(1, 10, async ({ task }) => {
    seen.push(task);
    await held;
  });
  own.offer([{ task: "a", epoch: 0 }], "turn");
  own.offer([{ task: "b", epoch: 0 }], "turn");
  own.offer([{ task: "c", epoch: 0 }], "first");
  expect(own.waiting).toBe(2);
  release();
  await own.close();
  expect(seen).toEqual(["a", "c", "b"]);
});
