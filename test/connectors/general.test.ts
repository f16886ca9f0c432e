import { describe, expect, it } from "vitest";
import { general } from "./general.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, type Known, operationOf, sent } from "./operation.fixture.ts";

const samples = Object.keys(general).flatMap((id) =>
  Object.entries(connectorOf(id).operations).flatMap(([name, { kind, samples: files }]) =>
    files.map((file) => ({ id, name, file, kind })),
  ),
);
const known = (id: string): Known => general[id] as Known;
const order = { externalId: "5901234567001", externalNumber: "#1501", lines: [{ sku: "A", quantity: 2 }] };

describe("the general connectors' own samples", () => {
  it.each(samples.filter(({ kind }) => kind !== "source"))(
    "$file is a request that can be made and an answer that is understood",
    async ({ id, name, file, kind }) => {
      const { item, config, answer } = readJson(`./samples/${file}`) as Exchange;
      const { render, read } = operationOf(id, name, known(id), config);
      const call = await render(item);
      expect(JSON.stringify(call.request)).not.toMatch(/undefined|\[object|\{\{/);
      if (kind === "sink") expect(call.documentKey).toBe("5901234567001");
      expect(await read(item, answer)).toMatchObject({ ok: true, found: true });
    },
  );
});

describe("HTTP", () => {
  it("makes any request out of the node's config", async () => {
    const { render, connector } = operationOf("http", "send", known("http"), {
      method: "PUT",
      path: "/orders/{{ externalId }}",
      query: { notify: "{{ $exists(lines) }}" },
      headers: { "x-number": "{{ externalNumber }}" },
      body: "{ 'Order': { 'Id': externalId } }",
      format: "xml",
      documentKey: "externalNumber",
      idempotency: "key",
      keyHeader: "X-Once",
    });
    const { request, documentKey, idempotency, effectKey } = await render(order);
    expect({ documentKey, idempotency }).toEqual({ documentKey: "#1501", idempotency: "key" });
    const { method, url, headers, body } = await sent(connector, known("http"), request);
    expect(`${method} ${url.pathname}${url.search}`).toBe("PUT /orders/5901234567001?notify=true");
    expect(headers).toMatchObject({
      "x-number": "#1501",
      "X-Once": effectKey,
      "content-type": "application/xml; charset=utf-8",
      Authorization: "Bearer token",
    });
    expect(body).toContain("<Id>5901234567001</Id>");
  });

  it("judges the answer by the node's own rule, and asks before it sends again", async () => {
    const config = {
      path: "/",
      success: "body.state = 'ok'",
      idempotency: "lookup",
      lookupPath: "/orders/{{ externalId }}",
      found: "body.id",
    };
    const { render, read } = operationOf("http", "send", known("http"), config);
    expect((await render(order)).lookup).toMatchObject({ method: "GET", path: "/orders/5901234567001" });
    expect(await read(order, { body: '{"state":"busy"}' })).toMatchObject({ ok: false });
    expect(await read(order, { body: '{"state":"ok"}' })).toMatchObject({ ok: true });
    expect(await read(order, { body: '{"id":7}' }, "lookup")).toMatchObject({ found: true, result: 7 });
    expect(await read(order, { status: 404 }, "lookup")).toMatchObject({ ok: true, found: false });
  });
});

describe("GraphQL", () => {
  const config = { query: "query Q($id: ID!) { order(id: $id) { id } }", variables: "{ 'id': externalId }" };
  const { render, read } = operationOf("graphql", "query", known("graphql"), config);

  it("sends what varies as variables", async () => {
    const { request } = await render({ externalId: '"} evil' });
    expect(request.body).toEqual({ query: config.query, variables: { id: '"} evil' } });
  });

  it.each([
    ['{"errors":[{"message":"Slow down","extensions":{"code":"THROTTLED"}}]}', "rateLimited", "Slow down"],
    ['{"errors":[{"message":"Who are you?","extensions":{"code":"UNAUTHENTICATED"}}]}', "auth", "Who are you?"],
    ['{"errors":[{"message":"No field x"},{"message":"No field y"}],"data":null}', "rejected", "No field x; No field y"],
    ['{"data":{"tag":{"userErrors":[{"message":"Too long"}]}}}', "rejected", "Too long"],
    ["{}", "transient", "without data"],
  ])("reads %s as a failure under status 200", async (body, kind, message) => {
    expect(await read(order, { body })).toMatchObject({
      ok: false,
      class: kind,
      reason: { message: expect.stringContaining(message) },
    });
  });
});

describe("SQL", () => {
  it("puts values beside the statements, never into them", async () => {
    const { render } = operationOf("sql", "write", known("sql"), {
      statements: [
        { statement: "insert into orders values ($1)", values: "[externalId]" },
        { statement: "insert into lines values ($1, $2, $3)", values: "lines.[$$.externalId, sku, quantity]", each: true },
      ],
      documentKey: "externalId",
      idempotency: "key",
    });
    const { request, effectKey } = await render({ ...order, externalId: "'; drop table orders" });
    expect(request).toMatchObject({ transport: "sql", method: "WRITE" });
    expect(request.body).toEqual({
      statements: [
        { statement: "insert into orders values ($1)", rows: [["'; drop table orders"]] },
        { statement: "insert into lines values ($1, $2, $3)", rows: [["'; drop table orders", "A", 2]] },
      ],
      onceUnder: effectKey,
    });
  });

  it("polls by the columns that the node names", async () => {
    const { ask, readPage } = operationOf("sql", "rowsChanged", known("sql"), {
      statement: "select * from t where changed >= $1 and changed < $2 order by changed, id offset $3 limit 500",
      changed: "changed",
      key: "$string(id)",
    });
    expect((await ask()).body).toMatchObject({
      statements: [{ rows: [["2026-11-20T10:00:00.000Z", "2026-11-20T16:00:00.000Z", 0]] }],
    });
    const row = { id: 7, changed: "2026-11-20T11:00:00.000Z" };
    expect(await readPage({ body: JSON.stringify({ rows: [row], rowCount: 1 }) })).toMatchObject({
      ok: true,
      page: { records: [{ body: row, dedupeKey: expect.stringContaining("7"), changedAt: row.changed }], next: null },
    });
  });

  it("gives a value for every placeholder, or none of it", async () => {
    const { render } = operationOf("sql", "read", known("sql"), { statement: "select $1", values: "missing" });
    await expect(render(order)).rejects.toMatchObject({ class: "invalid", reason: { code: "request.values" } });
  });
});

it.each(["slack", "teams"])("%s: the secret address is in no request that is kept", async (id) => {
  const { render, connector } = operationOf(id, "post", known(id), {
    text: "Order {{ externalNumber }}",
    documentKey: "externalId",
  });
  const { request } = await render(order);
  expect(JSON.stringify(request)).toContain("Order #1501");
  expect(JSON.stringify(request)).not.toMatch(/secret|services/);
  expect(connector.auth.type).toBe("path");
});
