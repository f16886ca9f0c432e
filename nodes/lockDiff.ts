import { type Change, changesBetween } from "#schemas/diff.ts";
import { comparedSchemas, schemaVersion } from "./lockedSchema.ts";
import type { Lock } from "./plan.ts";

/** One thing that a version was made with, and that another was made with otherwise. */
export interface LockChange {
  kind: "connector" | "mapping" | "nodeType" | "schema";
  /** A connector's id, a mapping's `connector/file`, a node type, a schema. */
  name: string;
  /** `added` and `removed` are of what only one of the two uses. */
  change: "added" | "removed" | "changed";
  /** Versions before and after, where it has one. */
  before: string | null;
  after: string | null;
  changes: Change[];
}

/** What differs between the connectors, mappings, node types and schemas that two versions were made with. */
export function diffLocks(a: Lock, b: Lock): LockChange[] {
  // The operations of connectors follow from these.
  const own = ({ manifests }: Lock) => Object.fromEntries(Object.entries(manifests).filter(([, { connector }]) => !connector));
  return [
    ...diffRecord("connector", a.connectors, b.connectors, ({ version }) => version),
    ...diffRecord("mapping", a.mappings, b.mappings, () => null),
    ...diffRecord("nodeType", own(a), own(b), () => null),
    ...diffRecord("schema", a.schemas, b.schemas, (kept) => schemaVersion(kept) ?? null, comparedSchemas),
  ];
}

function diffRecord<T>(
  kind: LockChange["kind"],
  a: Readonly<Record<string, T>>,
  b: Readonly<Record<string, T>>,
  versionOf: (value: T) => string | null,
  compared: (old: T | undefined, now: T | undefined) => [unknown, unknown] = (old, now) => [old, now],
): LockChange[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return names.flatMap((name): LockChange[] => {
    const [old, now] = [own(a, name), own(b, name)];
    const changes = changesBetween(...compared(old, now));
    if (changes.length === 0) return [];
    const change = old === undefined ? "added" : now === undefined ? "removed" : "changed";
    const [before, after] = [old, now].map((value) => (value === undefined ? null : versionOf(value)));
    return [{ kind, name, change, before: before ?? null, after: after ?? null, changes: change === "changed" ? changes : [] }];
  });
}

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
