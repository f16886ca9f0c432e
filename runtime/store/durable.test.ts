import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { transact } from "./durable.ts";
import { openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const fails = (code: string) => sql`do ${sql.raw(`$$ begin raise exception 'x' using errcode = '${code}'; end $$`)}`;

const positionOf = async (environment: string): Promise<number> => {
  const row = await store.db.selectFrom("environment").select("position").where("id", "=", environment).executeTakeFirst();
  return row?.position ?? Number.NaN;
};

const move = (environment: string, by: number) =>
  sql`update environment set position = position + ${by} where id = ${environment}`;

/** Moves `dev` by ten and then fails as told; answers how often it was tried, and what it came to. */
async function moving(codes: readonly string[]): Promise<{ tries: number; error: unknown }> {
  let tries = 0;
  const moved = transact(store.db, "environment.put", async (tx) => {
    await move("dev", 10).execute(tx);
    const code = codes[tries++];
    if (code) await fails(code).execute(tx);
  });
  const error = await moved.then(
    () => null,
    (raw: unknown) => raw,
  );
  return { tries, error };
}

describe("a transaction", () => {
  it("that was ended for the sake of another is done anew, and writes once", async () => {
    const before = await positionOf("dev");
    expect(await moving(["40P01", "40001", "40P01"])).toEqual({ tries: 4, error: null });
    expect(await positionOf("dev")).toBe(before + 10);
  });

  it("is not tried for ever, and writes nothing then", async () => {
    const before = await positionOf("dev");
    const { tries, error } = await moving(Array.from({ length: 100 }, () => "40001"));
    expect([tries, error]).toEqual([4, expect.objectContaining({ code: "40001" })]);
    expect(await positionOf("dev")).toBe(before);
  });

  it("is tried once when it is at fault itself", async () => {
    expect(await moving(["23505", "23505"])).toEqual({ tries: 1, error: expect.objectContaining({ code: "23505" }) });
  });

  it("within another is a part of it: nothing of either is left where one of them fails", async () => {
    const before = await positionOf("dev");
    const both = (code?: string) =>
      transact(store.db, "environment.put", async (tx) => {
        await transact(tx, "environment.put", (inner) => move("dev", 10).execute(inner));
        if (code) await fails(code).execute(tx);
      });
    await expect(both("23505")).rejects.toMatchObject({ code: "23505" });
    expect(await positionOf("dev")).toBe(before);
    await both();
    expect(await positionOf("dev")).toBe(before + 10);
  });

  it("goes through though it waits for another that waits for it", async () => {
    const before = await Promise.all(["dev", "staging"].map(positionOf));
    let [begun, tries] = [0, 0];
    let bothHold: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      bothHold = resolve;
    });
    const both = ([first, second]: readonly [string, string]) =>
      transact(store.db, "environment.put", async (tx) => {
        tries++;
        await move(first, 1).execute(tx);
        if (++begun === 2) bothHold();
        await held;
        await move(second, 1).execute(tx);
      });
    await Promise.all([both(["dev", "staging"]), both(["staging", "dev"])]);
    expect(tries).toBeGreaterThan(2);
    expect(await Promise.all(["dev", "staging"].map(positionOf))).toEqual(before.map((position) => position + 2));
  });
});
