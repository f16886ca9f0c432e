import { describe, expect, it } from "vitest";
import { exampleOperation, sampleOf, systems } from "./erp.fixture.ts";
import { connectorOf } from "./operation.fixture.ts";

const samples = systems.flatMap(({ id }) =>
  Object.entries(connectorOf(id).operations).flatMap(([name, { transport, samples: files }]) =>
    files.map((file) => ({ id, name, file, transport })),
  ),
);

describe("the own samples of ERPs and warehouses", () => {
  it.each(samples.filter(({ transport }) => transport === "http"))(
    "$file is a request that can be made and an answer that is understood",
    async ({ id, name, file }) => {
      const { item, config, answer } = sampleOf(file);
      const { render, read } = exampleOperation(id, name, {}, config);
      const { request } = await render(item);
      expect(JSON.stringify(request)).not.toMatch(/undefined|\[object/);
      expect(await read(item, answer)).toMatchObject({ ok: true, found: true, result: expect.anything() });
    },
  );

  it.each(samples.filter(({ transport }) => transport === "poll"))(
    "$file is told apart and dated",
    async ({ id, name, file }) => {
      const { readPage, operation } = exampleOperation(id, name);
      const record = sampleOf(file);
      const body = operation?.transport === "poll" && JSON.stringify(pageOf(operation.records, record));
      const read = await readPage({ body: body || "" });
      const told = { body: record, documentKey: expect.any(String), changedAt: expect.stringMatching(/^2026-09-1/) };
      expect(read).toMatchObject({ ok: true, page: { records: [told] } });
    },
  );
});

/** An answer with one record where `records` looks for them: at a plain path, or in Extensiv's way. */
const pageOf = (records: string, record: unknown): unknown =>
  records.startsWith("[")
    ? { _embedded: { orders: [record] } }
    : records
        .split(".")
        .slice(1)
        .reduceRight<unknown>((inner, name) => ({ [name]: inner }), [record]);
