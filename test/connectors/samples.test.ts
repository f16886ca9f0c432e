import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";

const operations = Object.entries(marketplaces).flatMap(([id, { operations: tested }]) =>
  Object.keys(connectorOf(id).operations).map((name) => ({ id, name, tested: tested[name] })),
);

const source = (id: string) => ({ source: { node: "orders", system: id, account: "account" } });

describe("the marketplaces' own samples", () => {
  it("belong to operations that are all tested", () => {
    expect(operations.filter(({ tested }) => tested === undefined)).toEqual([]);
  });

  it.each(operations)("$id: $name does with its samples what it should", async ({ id, name, tested }) => {
    const known = marketplaces[id] as (typeof marketplaces)[string];
    const { operation, render, read, readPage } = operationOf(id, name, known);
    expect(operation?.samples.length).toBeGreaterThan(0);
    for (const file of operation?.samples ?? []) {
      const sample = readJson(`./samples/${file}`);
      if (operation?.transport === "http") {
        const { item, answer } = sample as Exchange;
        const call = await render(item);
        if (operation.kind === "sink") expect(call.documentKey, file).not.toBe("");
        expect(await read(item, { ...answer, last: true }), file).toMatchObject({ ok: true, result: expect.anything() });
      } else if (operation?.transport === "poll") {
        const answer = await readPage({ body: JSON.stringify(tested?.page?.(sample) ?? sample) });
        expect(answer, file).toMatchObject({ ok: true, page: { records: [{ body: sample, changedAt: expect.any(String) }] } });
      }
      if (tested?.mapping) {
        const order = await runMapping(tested.mapping, sample, source(id));
        expect(canonicalFaults("canonical/order/1", order), file).toEqual([]);
        expect(order, file).toMatchObject({ channel: { system: id, account: "account" } });
      }
    }
  });
});
