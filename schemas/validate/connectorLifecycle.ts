import { objectOf } from "../isObject.ts";
import { majorOf } from "../nodeVersion.ts";
import { pointerOf } from "../pointer.ts";
import { compareVersions } from "../semver.ts";
import type { Report } from "./connectorContext.ts";
import { quote, suggestion } from "./wording.ts";

type Json = Record<string, unknown>;

const isVersion = (value: unknown): value is string => typeof value === "string" && /^\d+\.\d+\.\d+$/.test(value);

/** What a connector says of its age and its end, and of that of its operations. */
export function checkLifecycle(connector: Json, report: Report): void {
  checkDay(connector.lifecycle, ["lifecycle", "sunset"], "The connector", report);
  checkDeprecatedVersion(connector, report);
  checkMigrations(connector, report);
  checkDeprecatedOperations(connector, report);
  for (const [name, operation] of Object.entries(objectOf(connector.operations)))
    checkDay(objectOf(operation).lifecycle, ["operations", name, "lifecycle", "sunset"], `Operation ${quote(name)}`, report);
}

function checkDay(lifecycle: unknown, way: string[], subject: string, report: Report): void {
  const { sunset } = objectOf(lifecycle);
  if (typeof sunset !== "string" || !Number.isNaN(Date.parse(sunset))) return;
  const message = `${subject}: "lifecycle/sunset" is ${quote(sunset)}, which is no day.`;
  report({ code: "connector.noDay", pointer: pointerOf(...way), message, hint: "Write a day such as 2027-03-31." });
}

function checkDeprecatedVersion({ version, lifecycle }: Json, report: Report): void {
  const { deprecates } = objectOf(lifecycle);
  if (!isVersion(version) || !isVersion(deprecates) || compareVersions(deprecates, version) < 0) return;
  const message = `The connector ${version} says that ${deprecates} is deprecated: that is no older version of it.`;
  const hint =
    'Name the last older version, or raise "version"; a connector that should not be used at all has the state "deprecated".';
  report({ code: "connector.deprecatesItself", pointer: "/lifecycle/deprecates", message, hint });
}

function checkMigrations({ version, migrations, operations }: Json, report: Report): void {
  const known = Object.keys(objectOf(operations));
  for (const [major, byOperation] of Object.entries(objectOf(migrations))) {
    if (isVersion(version) && Number(major) > majorOf(version)) {
      const message = `The connector has a migration to version ${major}, but is version ${version}.`;
      report({ code: "connector.migrationAhead", pointer: pointerOf("migrations", major), message, hint: 'Raise "version".' });
    }
    for (const name of Object.keys(objectOf(byOperation)).filter((each) => !known.includes(each))) {
      const message = `The migration to version ${major} is for the operation ${quote(name)}, which does not exist.`;
      const pointer = pointerOf("migrations", major, name);
      report({ code: "connector.unknownOperation", pointer, message, hint: suggestion(name, known, "operations") });
    }
  }
}

function checkDeprecatedOperations({ operations }: Json, report: Report): void {
  const all = objectOf(operations);
  const taken = new Map<string, string>();
  for (const [name, operation] of Object.entries(all)) {
    const { deprecates } = objectOf(objectOf(operation).lifecycle);
    for (const old of Object.keys(objectOf(deprecates))) {
      const pointer = pointerOf("operations", name, "lifecycle", "deprecates", old);
      const subject = `Operation ${quote(name)} stands in the place of ${quote(old)}`;
      const other = taken.get(old);
      taken.set(old, name);
      if (!Object.hasOwn(all, old)) {
        const others = Object.keys(all).filter((each) => each !== name);
        const hint = suggestion(old, others, "operations");
        report({ code: "connector.unknownOperation", pointer, message: `${subject}, which does not exist.`, hint });
      } else if (old === name) {
        const hint = "Name the operation that should no longer be used.";
        report({ code: "connector.deprecatesItself", pointer, message: `${subject}: of itself.`, hint });
      } else if (other !== undefined) {
        const hint = "Keep it at one of the two.";
        report({ code: "connector.deprecatedTwice", pointer, message: `${subject}, and so does ${quote(other)}.`, hint });
      } else if (objectOf(all[old]).kind !== objectOf(operation).kind) {
        const hint = "A source can only be replaced by a source, a sink by a sink, a lookup by a lookup.";
        report({ code: "connector.otherKind", pointer, message: `${subject}, which is of another kind.`, hint });
      }
    }
  }
}
