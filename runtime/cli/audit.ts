import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { type AuditRow, auditFault } from "#schemas/audit.ts";
import { parseJson } from "#schemas/json.ts";
import { type Io, type Report, UserError } from "./output.ts";
import { type ServerOptions, stream } from "./server.ts";

export interface VerifyOptions extends ServerOptions {
  /** An export to check in the place of the server's audit. */
  file?: string;
  /** A head that was kept: the chain must still hold it. */
  head?: string;
}

/** A chain whose end was cut off is whole as far as it goes. */
const END_OPEN = ". No head was given that was kept elsewhere: that no entries are missing at the end is not proven.";

/** Makes every hash of the audit anew, from its export, and compares; nothing the server says of itself is believed. */
export async function verifyAudit(options: VerifyOptions, io: Io): Promise<Report> {
  const from = options.file === undefined ? await stream(options, "/audit/export") : openFile(resolve(io.cwd, options.file));
  let before: AuditRow | null = null;
  let entries = 0;
  let met = options.head === undefined;
  for await (const line of createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    const row = entryOf(line, entries + 1);
    const fault = auditFault(before, row);
    if (fault !== undefined) return told(false, fault, entries, before);
    entries += 1;
    before = row;
    met ||= row.hash === options.head;
  }
  if (!met)
    return told(false, `No entry has the head ${options.head}: entries at the end were taken away or changed.`, entries, before);
  const whole = `${entries} ${entries === 1 ? "entry" : "entries"} in one whole chain. Head: ${before?.hash ?? "none yet"}`;
  return told(true, options.head === undefined ? `${whole}${END_OPEN}` : whole, entries, before);
}

function told(ok: boolean, text: string, entries: number, last: AuditRow | null): Report {
  const json = { ok, entries, head: last?.hash ?? "", ...(ok ? {} : { fault: text }) };
  return { ok, text, json };
}

function entryOf(line: string, number: number): AuditRow {
  try {
    return parseJson(line) as AuditRow;
  } catch {
    throw new UserError(
      `Line ${number} is no entry of an audit. Give a file that GET /api/v1/audit/export or the designer has made.`,
    );
  }
}

function openFile(path: string): Readable {
  const lines = createReadStream(path, "utf8");
  return Readable.from(
    (async function* () {
      try {
        yield* lines;
      } catch (error) {
        throw new UserError(`The file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      }
    })(),
  );
}
