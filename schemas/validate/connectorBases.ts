import { isObject } from "../isObject.ts";
import { pointerOf } from "../pointer.ts";
import type { Report } from "./connectorContext.ts";
import { quote, suggestion } from "./wording.ts";

type Json = Record<string, unknown>;

/** Where a request of the connector itself says below which base URL it goes. */
const ofConnector: readonly string[][] = [["auth", "login"], ["csrf"], ["restricted"], ["test"]];

/** Where one of an operation does. */
const ofOperation: readonly string[][] = [
  ["request"],
  ["fetch"],
  ["acknowledge"],
  ["verify"],
  ["idempotency", "lookup", "request"],
  ...["list", "create", "renew", "delete"].map((request) => ["subscription", request]),
  ...["list", "create"].map((request) => ["subscription", "destination", request]),
];

/** A request goes below a base URL that there is, and each that there is has a request. */
export function checkBases(connector: Json, report: Report): void {
  const declared = Object.keys(isObject(connector.baseUrls) ? connector.baseUrls : {});
  const named = placesOf(connector).flatMap((way): { way: string[]; base: string }[] => {
    const base = at(connector, way);
    return typeof base === "string" ? [{ way, base }] : [];
  });
  const unknown = named.filter(({ base }) => !declared.includes(base));
  for (const { way, base } of unknown) {
    const message = `The connector: ${quote(way.join("/"))} names the base URL ${quote(base)}, which "baseUrls" does not have.`;
    const hint = suggestion(base, declared, "base URLs");
    report({ code: "connector.unknownBase", pointer: pointerOf(...way), message, hint });
  }
  // One that is misspelt where it is named would be told of twice.
  for (const name of unknown.length > 0 ? [] : declared) {
    if (named.some(({ base }) => base === name)) continue;
    const message = `The connector: no request goes below the base URL ${quote(name)}.`;
    const hint = `Say "base": ${quote(name)} in the request that does, or take it out of "baseUrls".`;
    report({ code: "connector.unusedBase", pointer: pointerOf("baseUrls", name), message, hint });
  }
}

function placesOf(connector: Json): string[][] {
  const operations = Object.entries(isObject(connector.operations) ? connector.operations : {});
  const inside = operations.flatMap(([name, operation]) => {
    const steps = isObject(operation) && Array.isArray(operation.steps) ? operation.steps : [];
    const ofSteps = steps.map((_, index) => ["steps", String(index), "request"]);
    return [...ofOperation, ...ofSteps].map((way) => ["operations", name, ...way]);
  });
  return [...ofConnector, ...inside].map((way) => [...way, "base"]);
}

const at = (value: unknown, way: readonly string[]): unknown =>
  way.reduce<unknown>(
    (inside, step) =>
      typeof inside === "object" && inside !== null && Object.hasOwn(inside, step) ? (inside as Json)[step] : undefined,
    value,
  );
