import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Migration } from "#schemas/lifecycle.ts";
import { pointerOf } from "#schemas/pointer.ts";
import type { Problem } from "#schemas/problem.ts";
import { checkAgainst } from "#schemas/validate/schemaFaults.ts";
import { operationManifest } from "../connector/manifest.ts";
import { migrated } from "./updates.ts";

interface Placed {
  way: string[];
  migration: Migration;
  /** The operation whose settings come out; only what the newest migration makes has to fit them as they are. */
  fits: string | undefined;
}

/** The migrations of a connector that is sound otherwise, each tried on its examples. */
export async function migrationProblems(connector: Connector): Promise<Problem[]> {
  const found = await Promise.all(placedIn(connector).map((placed) => problemsOf(connector, placed)));
  return found.flat();
}

function placedIn({ migrations = {}, operations }: Connector): Placed[] {
  const byVersion = Object.entries(migrations).flatMap(([major, byOperation]) =>
    Object.entries(byOperation).map(([operation, migration]) => {
      const later = Object.entries(migrations).some(
        ([other, also]) => Number(other) > Number(major) && Object.hasOwn(also, operation),
      );
      return { way: ["migrations", major, operation], migration, fits: later ? undefined : operation };
    }),
  );
  const byOperation = Object.entries(operations).flatMap(([operation, { lifecycle }]) =>
    Object.entries(lifecycle?.deprecates ?? {}).map(([old, migration]) => ({
      way: ["operations", operation, "lifecycle", "deprecates", old],
      migration,
      fits: operation,
    })),
  );
  return [...byVersion, ...byOperation];
}

async function problemsOf(connector: Connector, { way, migration, fits }: Placed): Promise<Problem[]> {
  const schema = fits === undefined ? undefined : operationManifest(connector, fits).config;
  const found = migration.examples.map(async ({ before, after }, index): Promise<Problem[]> => {
    const problem = (code: string, what: string, hint: string): Problem[] => [
      {
        code,
        severity: "error",
        pointer: pointerOf(...way, "examples", index),
        message: `Example ${index + 1} of the migration ${way.join("/")} ${what}.`,
        hint,
      },
    ];
    try {
      const made = await migrated(migration, before);
      if (!same(made, after))
        return problem("migration.otherResult", `gives ${canonicalJson(made)}`, "Correct the expression or the example.");
      if (!same(await migrated(migration, made), made)) {
        const hint = "Leave a config as it is that has the later shape already.";
        return problem("migration.notIdempotent", "comes out otherwise when it is migrated twice", hint);
      }
      const check = schema && checkAgainst(schema, made);
      const [fault] = check?.ok ? check.faults : [];
      return fault
        ? problem(
            "migration.unfitting",
            `does not fit the operation's config: ${fault.subject.slice(1)} ${fault.predicate}`,
            "Correct it.",
          )
        : [];
    } catch (raw) {
      return problem("migration.fails", `fails: ${raw instanceof Error ? raw.message : String(raw)}`, "Correct the expression.");
    }
  });
  return (await Promise.all(found)).flat();
}

const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);
