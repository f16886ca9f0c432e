import { type Static, Type } from "typebox";
import { canonicalJson } from "./canonicalJson.ts";
import { sha256Hex } from "./hash.ts";

const textOrNull = Type.Union([Type.String(), Type.Null()]);

/** One entry of the audit: who did what, when, from where; each holds the hash of the one before. */
export const AuditRow = Type.Object(
  {
    seq: Type.Integer({ description: "Rises; numbers may be left out." }),
    at: Type.String({ format: "date-time" }),
    actor: Type.String(),
    action: Type.String(),
    environment: textOrNull,
    subject: Type.String(),
    detail: Type.Unknown(),
    before: Type.Unknown({ description: "Null where nothing was changed; secrets stand as fingerprints." }),
    after: Type.Unknown(),
    address: Type.Union([Type.String(), Type.Null()], { description: "Null for what the server did by itself." }),
    agent: textOrNull,
    format: Type.Integer({ description: "How the hash is made: 1 for entries of older releases." }),
    previousHash: Type.String(),
    hash: Type.String(),
  },
  { additionalProperties: false },
);
export type AuditRow = Static<typeof AuditRow>;

export const AuditPage = Type.Object({ items: Type.Array(AuditRow), next: textOrNull });
export type AuditPage = Static<typeof AuditPage>;

/** The end of the chain. Kept elsewhere, it shows later that nothing before it was changed or taken away. */
export const AuditHead = Type.Object({
  seq: Type.Integer({ description: "0 while nothing was written." }),
  at: textOrNull,
  hash: Type.String(),
});
export type AuditHead = Static<typeof AuditHead>;

/** The format of what is written now. */
export const AUDIT_FORMAT = 2;

/** The hash of an entry: SHA-256 over all that it says and the hash before. */
export function auditHash(row: Omit<AuditRow, "seq" | "hash">): string {
  const { format, previousHash, at, actor, action, environment, subject, detail } = row;
  if (format === 1)
    return sha256Hex([previousHash, at, actor, action, environment ?? "", subject, canonicalJson(detail)].join("\n"));
  const { before, after, address, agent } = row;
  return sha256Hex(
    canonicalJson({ previousHash, at, actor, action, environment, subject, detail, before, after, address, agent }),
  );
}

/** What is wrong with an entry that follows another (null: it is the first), in a sentence; undefined when it fits. */
export function auditFault(before: AuditRow | null, row: AuditRow): string | undefined {
  if (row.format !== 1 && row.format !== AUDIT_FORMAT)
    return `Entry ${row.seq} is of format ${row.format}, which this release does not know.`;
  if (before && row.seq <= before.seq) return `Entry ${row.seq} stands behind entry ${before.seq}: the order was changed.`;
  if (row.previousHash !== (before?.hash ?? ""))
    return before
      ? `Entry ${row.seq} does not follow entry ${before.seq}: something between them was taken away or put in.`
      : `Entry ${row.seq} is not the first: what stood before it was taken away.`;
  if (row.format === 1 && [row.before, row.after, row.address, row.agent].some((each) => each !== null))
    return `Entry ${row.seq} was changed: an entry of format 1 says nothing of before, after, address or agent.`;
  return auditHash(row) === row.hash ? undefined : `Entry ${row.seq} was changed: its hash is not that of what it says.`;
}
