import { describe, expect, it } from "vitest";
import { until } from "../../test/support/until.ts";
import { groupCommit } from "./groupCommit.ts";

/** What waits for it goes on once it is open. */
function aGate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("groupCommit", () => {
  it("puts calls of one moment into one group and answers each its own", async () => {
    const groups: number[][] = [];
    const call = groupCommit<number, number>(
      async (items) => {
        groups.push(items);
        return items.map((item) => item * 2);
      },
      { most: 10, lanes: 1 },
    );
    expect(await Promise.all([1, 2, 3].map(call))).toEqual([2, 4, 6]);
    expect(groups).toEqual([[1, 2, 3]]);
  });

  it("fails only the item that is bad", async () => {
    const call = groupCommit<number, number>(
      async (items) => {
        if (items.includes(2)) throw new Error("two");
        return items;
      },
      { most: 10, lanes: 2 },
    );
    const results = await Promise.allSettled([1, 2, 3].map(call));
    expect(results.map((each) => each.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await call.idle();
  });

  it("gathers while a group is under way and keeps to the bound", async () => {
    const sizes: number[] = [];
    const { opened, open } = aGate();
    const call = groupCommit<number, number>(
      async (items) => {
        sizes.push(items.length);
        if (sizes.length === 1) await opened;
        return items;
      },
      { most: 4, lanes: 1 },
    );
    const first = call(0);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const rest = Promise.all([1, 2, 3, 4, 5, 6].map(call));
    open();
    await Promise.all([first, rest]);
    expect(sizes).toEqual([1, 4, 2]);
  });

  it("lets a group have its lane to itself until its patience is over", async () => {
    const groups: number[][] = [];
    const { opened, open } = aGate();
    const call = groupCommit<number, number>(
      async (items) => {
        groups.push(items);
        if (items.includes(0)) await opened;
        return items;
      },
      { most: 4, lanes: 2, patienceMs: 40 },
    );
    const first = call(0);
    await until(async () => groups.length === 1);
    const begun = performance.now();
    await Promise.all([call(1), call(2)]);
    expect(performance.now() - begun).toBeGreaterThan(20);
    expect(groups).toEqual([[0], [1, 2]]);
    open();
    await first;
  });

  it("begins another group at once when a full one waits", async () => {
    const sizes: number[] = [];
    const { opened, open } = aGate();
    const call = groupCommit<number, number>(
      async (items) => {
        sizes.push(items.length);
        if (items.includes(0)) await opened;
        return items;
      },
      { most: 3, lanes: 2, patienceMs: 60_000 },
    );
    const first = call(0);
    await until(async () => sizes.length === 1);
    await Promise.all([1, 2, 3].map(call));
    expect(sizes).toEqual([1, 3]);
    open();
    await first;
    await call.idle();
  });

  it("fails the whole group at once when the other side is gone", async () => {
    const asked: number[] = [];
    const call = groupCommit<number, number>(
      async (items) => {
        asked.push(items.length);
        throw new Error("gone");
      },
      { most: 10, lanes: 1, worthAlone: () => false },
    );
    const results = await Promise.allSettled([1, 2, 3].map(call));
    expect(results.map((each) => each.status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(asked).toEqual([3]);
  });

  it("keeps to the size of a group, and takes one that is larger alone", async () => {
    const groups: number[][] = [];
    const call = groupCommit<number, number>(
      async (items) => {
        groups.push(items);
        return items;
      },
      { most: 10, lanes: 1, sizeOf: (item) => item, mostSize: 10 },
    );
    await Promise.all([4, 5, 6, 25, 1].map(call));
    expect(groups).toEqual([[4, 5], [6], [25], [1]]);
  });

  it("gathers what takes turns at one thing while another group has it, and keeps no one else from going on", async () => {
    const groups: string[][] = [];
    let release = (): void => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const call = groupCommit<string, string>(
      async (items) => {
        groups.push(items);
        if (groups.length === 1) await first;
        return items;
      },
      { most: 10, lanes: 3, turnOf: (item) => (item.startsWith("join") ? "join" : null) },
    );
    const calls = [call("join 1")];
    await until(() => groups.length === 1);
    calls.push(call("join 2"), call("other"), call("join 3"));
    await until(() => groups.length === 2);
    calls.push(call("join 4"));
    expect(groups).toEqual([["join 1"], ["other"]]);
    release();
    expect(await Promise.all(calls)).toEqual(["join 1", "join 2", "other", "join 3", "join 4"]);
    expect(groups).toEqual([["join 1"], ["other"], ["join 2", "join 3", "join 4"]]);
    await call.idle();
  });
});
