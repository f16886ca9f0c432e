import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { add, addAll } from "#schemas/decimal.ts";
import { parseJson } from "#schemas/json.ts";

/** What a system of the sandbox holds under one key. */
export interface LedgerRow {
  key: string;
  /** The row's ordinal number, counted from 1: its id in the system. */
  sequence: number;
  /** How often it was written, repeated upserts included. */
  writes: number;
  /** How many records were made under the key; more than one is a double post. */
  creates: number;
  /** The record written last. */
  record: unknown;
  /** Of an upsert the last amount, of creates their sum; null when the system knows no money for it. */
  amount: string | null;
}

/** One line of the file. */
interface Write {
  write: "upsert" | "create" | "once";
  key: string;
  record: unknown;
  amount: string | null;
}

function applyWrite(rows: Map<string, LedgerRow>, { write, key, record, amount }: Write): LedgerRow {
  const known = rows.get(key);
  const row: LedgerRow = known
    ? {
        ...known,
        writes: known.writes + 1,
        creates: known.creates + (write === "create" ? 1 : 0),
        record,
        amount: write === "create" && known.amount !== null && amount !== null ? add(known.amount, amount) : amount,
      }
    : { key, sequence: rows.size + 1, writes: 1, creates: 1, record, amount };
  rows.set(key, row);
  return row;
}

/** The whole lines of a file, and their length in bytes: what follows was torn by a crash in the middle of a write. */
function wholeLines(bytes: Buffer): { lines: string[]; length: number } {
  const length = bytes.lastIndexOf(0x0a) + 1;
  return { lines: bytes.subarray(0, length).toString("utf8").split("\n").filter(Boolean), length };
}

/**
 * The append-only record of what a system of the sandbox was told to do, one JSON line per write. It outlives the process:
 * a write that was answered is in the file (in the page cache at least; a crash of the machine is not what it guards).
 */
export class Ledger {
  readonly #file: FileHandle;
  readonly #rows: Map<string, LedgerRow>;
  #waiting: { line: string; done: () => void; failed: (error: unknown) => void }[] = [];
  #flushing: Promise<void> | undefined;

  private constructor(file: FileHandle, rows: Map<string, LedgerRow>) {
    this.#file = file;
    this.#rows = rows;
  }

  /** Opens or makes the file and reads it back; a torn last line is cut off. */
  static async open(path: string): Promise<Ledger> {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(path, "a+");
    const { lines, length } = wholeLines(await readFile(path));
    await file.truncate(length);
    const rows = new Map<string, LedgerRow>();
    for (const line of lines) applyWrite(rows, parseJson(line) as Write);
    return new Ledger(file, rows);
  }

  get(key: string): LedgerRow | undefined {
    return this.#rows.get(key);
  }

  rows(): LedgerRow[] {
    return [...this.#rows.values()];
  }

  /** The money of all rows as a decimal string, whatever their currencies. */
  total(): string {
    return addAll(this.rows().flatMap(({ amount }) => (amount === null ? [] : [amount])));
  }

  /** Resolves once the write is in the file. */
  async write(write: Write): Promise<LedgerRow> {
    const known = write.write === "once" ? this.#rows.get(write.key) : undefined;
    if (known) return known;
    const row = applyWrite(this.#rows, write);
    await new Promise<void>((done, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(write)}\n`, done, failed });
      this.#flushing ??= this.#flush();
    });
    return row;
  }

  /** Writes that arrive while one is under way share the next: thousands of orders cost few system calls. */
  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#file.appendFile(batch.map(({ line }) => line).join(""));
        for (const { done } of batch) done();
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    this.#flushing = undefined;
  }

  async clear(): Promise<void> {
    await this.#flushing;
    this.#rows.clear();
    await this.#file.truncate(0);
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#file.close();
  }
}
