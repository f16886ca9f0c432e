import { appendFile, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";

let file = "";
beforeEach(async () => {
  file = join(await mkdtemp(join(tmpdir(), "ledger-")), "a", "erp.salesOrders.jsonl");
});
const upsert = (key: string, amount: string) => ({ write: "upsert" as const, key, record: { amount }, amount });
const create = (key: string, amount: string) => ({ write: "create" as const, key, record: { amount }, amount });

describe("a ledger", () => {
  it("replaces on upsert, and shows a double create in count and money", async () => {
    const ledger = await Ledger.open(file);
    await ledger.write(upsert("a", "1.10"));
    await ledger.write(upsert("a", "0.30"));
    await ledger.write(create("b", "0.10"));
    await ledger.write(create("b", "0.20"));
    expect(ledger.rows()).toMatchObject([
      { key: "a", sequence: 1, writes: 2, creates: 1, amount: "0.30" },
      { key: "b", sequence: 2, writes: 2, creates: 2, amount: "0.30" },
    ]);
    expect(ledger.total()).toBe("0.60");
    await ledger.close();
  });

  it("makes a record once however often it is asked to, at once too", async () => {
    const ledger = await Ledger.open(file);
    const once = { write: "once" as const, key: "a", record: { id: "a" }, amount: "2.50" };
    await Promise.all([ledger.write(once), ledger.write(once), ledger.write({ ...once, amount: "9.00" })]);
    expect(ledger.rows()).toMatchObject([{ key: "a", writes: 1, creates: 1, amount: "2.50" }]);
    await ledger.close();
  });

  it("has a write in its file before the write resolves, a thousand at once too", async () => {
    const ledger = await Ledger.open(file);
    await ledger.write(upsert("first", "1"));
    expect(await readFile(file, "utf8")).toContain('"first"');
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => ledger.write(create(`k${index}`, "0.01"))));
    expect((await readFile(file, "utf8")).trim().split("\n")).toHaveLength(1_001);
    expect(ledger.total()).toBe("11.00");
    await ledger.close();
  });

  it("comes back the same after a restart, and drops a torn last line for good", async () => {
    const before = await Ledger.open(file);
    await before.write(upsert("a", "1.00"));
    await before.write(create("820982911946154508", "2.00"));
    const rows = before.rows();
    await before.close();
    await appendFile(file, '{"write":"create","key":"to');
    const after = await Ledger.open(file);
    expect(after.rows()).toEqual(rows);
    await after.write(create("c", "3.00"));
    await after.close();
    const again = await Ledger.open(file);
    expect(again.rows().map(({ key }) => key)).toEqual(["a", "820982911946154508", "c"]);
    await again.clear();
    expect([again.rows(), again.total(), await readFile(file, "utf8")]).toEqual([[], "0", ""]);
    await again.close();
  });
});
