import { existsSync, readdirSync, readFileSync } from "node:fs";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import type { RunClock } from "#nodes/plan.ts";
import { parseJson } from "#schemas/json.ts";

/** What the tests of the connectors share: files read losslessly, and expressions run as the product runs them. */

const clock: RunClock = { runId: "run", now: "2026-11-23T10:00:00.000Z", seed: "seed", sourceNode: "orders" };
export const shop = "northwind-outdoor.myshopify.com";
const source = { node: "orders", system: "shopify", account: shop };

const connectors = new URL("../../nodes/connectors/", import.meta.url);

/** A file by its path from the connectors' folder. */
export const readText = (path: string): string => readFileSync(new URL(path, connectors), "utf8");
export const readJson = (path: string): unknown => parseJson(readText(path));

export const evaluate = (text: string, input: unknown, variables: Record<string, unknown> = {}): Promise<unknown> =>
  evaluateExpression(text, input, {
    clock,
    salt: "test",
    variables: { source, run: { id: clock.runId, now: clock.now }, ...variables },
  });

/** Runs a mapping file; the result is plain JSON. */
export const runMapping = (file: string, input: unknown, variables: Record<string, unknown> = {}): Promise<unknown> =>
  evaluate(readText(`./${file}`), input, variables);

const fixtures = new URL("../../../shared/fixtures/", import.meta.url);

/** Real payloads that stand outside the project; says so once where they are not there. */
export function fixturesIn(folder: string): { name: string; text: string }[] {
  const place = new URL(`${folder}/`, fixtures);
  if (!existsSync(place)) {
    console.warn(`Skipped: the fixtures ${folder} are not on this machine.`);
    return [];
  }
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "SOURCES.md")
    .map(({ name }) => name)
    .sort()
    .map((name) => ({ name, text: readFileSync(new URL(name, place), "utf8") }));
}
