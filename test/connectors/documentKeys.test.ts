import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { connectionOf, operationsOf } from "./everyConnector.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";

/** Documents that lack a part of their key would share one, and the second be taken for the first: they have none. */

type Tree = Record<string, unknown>;

const sinks = readdirSync(fromRoot("nodes", "connectors"))
  .filter((name) => name.endsWith(".connector.json"))
  .map((name) => connectorOf(name.slice(0, -".connector.json".length)))
  .flatMap((connector) =>
    operationsOf(connector).flatMap(([name, { kind, samples }]) =>
      kind === "sink" ? [{ of: `${connector.id}.${name}`, connector, name, sample: samples[0] ?? "" }] : [],
    ),
  );

/** The item once more without each of its fields, and each of theirs. */
function lacking(item: Tree): { without: string; item: Tree }[] {
  return Object.entries(item).flatMap(([name, value]) => {
    const { [name]: _, ...rest } = item;
    const inside = value !== null && typeof value === "object" && !Array.isArray(value) ? lacking(value as Tree) : [];
    const nested = inside.map(({ without, item: inner }) => ({
      without: `${name}.${without}`,
      item: { ...item, [name]: inner },
    }));
    return [{ without: name, item: rest }, ...nested];
  });
}

describe("the key of a document", () => {
  it.each(sinks)("of $of has no empty part", async ({ connector, name, sample }) => {
    const { item, config } = readJson(`./samples/${sample}`) as Exchange;
    if (item === null || typeof item !== "object" || Array.isArray(item)) return;
    const { render } = operationOf(connector, name, connectionOf(connector), config);
    for (const { without, item: less } of lacking(item as Tree)) {
      const key = await render(less).then(
        ({ documentKey }) => documentKey,
        // Refused, for this or for another reason: nothing is sent.
        () => "refused",
      );
      expect(key, `without ${without}`).not.toMatch(/^[:_=]|[:_=]$|::/);
    }
  });
});
