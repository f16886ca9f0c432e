import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AUDIT_FORMAT, type AuditRow, auditHash } from "#schemas/audit.ts";
import { verifyAudit } from "./audit.ts";
import type { Io } from "./output.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-"));
});
afterAll(() => rm(folder, { recursive: true }));

function chain(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let seq = 1; seq <= length; seq++) {
    const said = { at: "2026-01-01T00:00:00.000Z", actor: "ada", action: "flow.made", environment: null, subject: "orders" };
    const empty = { detail: {}, before: null, after: null, address: null, agent: null, format: AUDIT_FORMAT };
    const row = { ...said, ...empty, previousHash: rows.at(-1)?.hash ?? "" };
    rows.push({ ...row, seq, hash: auditHash(row) });
  }
  return rows;
}

async function verify(rows: AuditRow[], head?: string) {
  const io: Io = { out: () => undefined, err: () => undefined, cwd: folder, root: folder, readStdin: async () => "" };
  await writeFile(join(folder, "audit.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  return verifyAudit({ url: "http://127.0.0.1:1", file: "audit.jsonl", ...(head === undefined ? {} : { head }) }, io);
}

it("an audit whose end was cut off is whole as far as it goes: without a head that is said, with one it is found", async () => {
  const rows = chain(3);
  const [cut, head] = [rows.slice(0, 2), rows[2]?.hash ?? ""];
  const unproven = /^2 entries in one whole chain\. Head: \w+\. No head was given .* is not proven\.$/;
  expect(await verify(cut)).toMatchObject({ ok: true, text: expect.stringMatching(unproven) });
  expect(await verify(cut, head)).toMatchObject({ ok: false, text: expect.stringContaining("taken away") });
  const whole = await verify(rows, head);
  expect([whole.ok, whole.text]).toEqual([true, `3 entries in one whole chain. Head: ${head}`]);
});
