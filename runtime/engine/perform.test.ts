import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RenderedRequest } from "#nodes/plan.ts";
import { bookConnector } from "#nodes/sample.fixture.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Tokens } from "#runtime/tokens/tokens.ts";
import type { Connector } from "#schemas/connector.ts";
import { type HttpPerformer, httpPerformer } from "./perform.ts";
import { openWire } from "./wire.ts";

const wire = openWire(openReaches(["loopback"]));
// Neither tokens nor expressions are asked for by a connector without auth.
const none = () => Promise.reject(new Error("Nothing of this kind is asked for."));
let http: HttpPerformer;
let received: { headers: IncomingMessage["headers"]; body: string } | undefined;
const server = createServer(async (request, response) => {
  received = { headers: request.headers, body: await text(request) };
  response.statusCode = request.url === "/refused" ? 422 : 200;
  response.end(request.url === "/packed" ? gzipSync(Buffer.from([0xe9, 0x80])) : "plain é");
});

beforeAll(async () => {
  http = httpPerformer({ wire, evaluate: none, tokens: { hold: none } });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await wire.close();
  await new Promise((resolve) => server.close(resolve));
});

const send = (request: Partial<RenderedRequest>) => {
  const { port } = server.address() as AddressInfo;
  const connection: Partial<OpenConnection> = {
    name: "book",
    config: { baseUrl: `http://127.0.0.1:${port}` },
    secrets: {},
    reach: [],
  };
  return http.perform({ ...bookConnector, auth: { type: "none" } }, connection as OpenConnection, {
    method: "POST",
    path: "/",
    query: {},
    headers: {},
    timeoutMs: 5_000,
    ...request,
  });
};

it("sends a body that is written already as it is, any other as JSON", async () => {
  await send({ body: "ISA*00~", contentType: "application/edi-x12" });
  expect(received).toMatchObject({ body: "ISA*00~", headers: { "content-type": "application/edi-x12" } });
  await send({ body: "ISA*00~" });
  expect(received).toMatchObject({ body: '"ISA*00~"', headers: { "content-type": "application/json" } });
});

it("unpacks a good answer as declared, and reads an error as plain text", async () => {
  const decode = { packed: "gzip", charset: "windows-1252" } as const;
  expect(await send({ path: "/packed", decode })).toMatchObject({ ok: true, response: { status: 200, body: "é€" } });
  expect(await send({ path: "/refused", decode })).toMatchObject({ ok: true, response: { status: 422, body: "plain é" } });
  expect(await send({ path: "/", decode })).toMatchObject({
    ok: false,
    applied: "maybe",
    failure: { class: "transient", reason: { code: "answerNotUnpacked" } },
  });
});

it("incident: a path in a flow that takes a connection's secrets to another host", async () => {
  const { port } = server.address() as AddressInfo;
  const thief = { config: { baseUrl: "http://book.example" }, secrets: { key: "canary" }, reach: [], name: "book" };
  const auth = { type: "apiKey", header: "x-key", value: "{{ secrets.key }}" } as const;
  received = undefined;
  for (const path of [`@127.0.0.1:${port}/`, `.127.0.0.1:${port}/`, `:80@127.0.0.1:${port}/`]) {
    const request = { method: "GET", path, query: {}, headers: {}, timeoutMs: 5_000 } as const;
    expect(
      await http.perform({ ...bookConnector, auth }, thief as Partial<OpenConnection> as OpenConnection, request),
    ).toMatchObject({
      ok: false,
      applied: "no",
      failure: { class: "rejected", reason: { code: "request.elsewhere" } },
    });
  }
  expect(received).toBeUndefined();
});

it("leaves a connection alone when it is this server's own database that does not answer", async () => {
  const away = Object.assign(new Error("PostgreSQL did not answer for 5000 ms; the connection was given up."), {
    code: "ETIMEDOUT",
    syscall: "read",
  });
  const cut = httpPerformer({ wire, evaluate: none, tokens: { hold: () => Promise.reject(away) } });
  const request = { method: "GET", path: "/", query: {}, headers: {}, timeoutMs: 5_000 } as const;
  const connection: Partial<OpenConnection> = {
    name: "book",
    config: { baseUrl: "http://127.0.0.1:9" },
    secrets: { refresh: "refresh-1" },
    reach: [],
  };
  const auth = {
    type: "oauth2",
    grant: "refreshToken",
    tokenUrl: "/token",
    clientAuth: "body",
    refreshToken: "{{ secrets.refresh }}",
  } as const;
  const connector = { ...bookConnector, auth: { ...auth, clientId: "c", place: { headers: { authorization: "{{ token }}" } } } };
  await expect(cut.perform(connector, connection as OpenConnection, request)).rejects.toBe(away);
});

it("goes below a further base URL with the token that is for it, and elsewhere with its own proof", async () => {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const kinds: string[] = [];
  const credential = { token: "grantless-token", cookies: "", goodUntil: Number.POSITIVE_INFINITY };
  const hold: Tokens["hold"] = async ({ obtainable }) => {
    kinds.push(obtainable.kind);
    return { ok: true, credential };
  };
  const two = httpPerformer({ wire, evaluate: none, tokens: { hold } });
  const auth = { type: "apiKey", header: "x-key", value: "{{ secrets.key }}" } as const;
  const place = { headers: { "x-token": "{{ token }}" } };
  const further = { type: "oauth2", grant: "clientCredentials", tokenUrl: `${url}/token`, clientAuth: "none", place } as const;
  const connector: Connector = { ...bookConnector, auth, baseUrls: { other: `${url}/other` }, auths: { other: further } };
  const connection: Partial<OpenConnection> = { name: "book", config: { baseUrl: url }, secrets: { key: "own-key" }, reach: [] };
  const request = { method: "GET", path: "/", query: {}, headers: {}, timeoutMs: 5_000 } as const;
  await two.perform(connector, connection as OpenConnection, { ...request, base: "other" });
  expect([received?.headers["x-token"], received?.headers["x-key"]]).toEqual(["grantless-token", undefined]);
  await two.perform(connector, connection as OpenConnection, request);
  expect([received?.headers["x-token"], received?.headers["x-key"]]).toEqual([undefined, "own-key"]);
  expect(kinds).toEqual(["oauth2 other"]);
});
