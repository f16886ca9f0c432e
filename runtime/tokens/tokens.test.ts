import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import type { RenderedRequest } from "#nodes/plan.ts";
import { bookConnector, sampleClock } from "#nodes/sample.fixture.ts";
import { httpPerformer } from "#runtime/engine/perform.ts";
import { openWire, type Wire } from "#runtime/engine/wire.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { type OpenConnection, openConnections, putConnection } from "#runtime/store/connections.ts";
import { leaseCredential, settleCredential } from "#runtime/store/credentials.ts";
import { newId } from "#runtime/store/ids.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import type { ConnectorAuth } from "#schemas/auth.ts";
import type { Connector } from "#schemas/connector.ts";
import { until } from "../../test/support/until.ts";
import { reset, server, system } from "./system.fixture.ts";
import { openTokens } from "./tokens.ts";

const oauth2: ConnectorAuth = {
  type: "oauth2",
  grant: "refreshToken",
  tokenUrl: "/token",
  clientAuth: "body",
  clientId: "{{ config.client }}",
  clientSecret: "{{ secrets.client }}",
  refreshToken: "{{ secrets.refresh }}",
  place: { headers: { "x-access-token": "{{ token }}" } },
};
const oauthConnector: Connector = { ...bookConnector, auth: oauth2 };

/** Odoo's way: a login gives a cookie, and the end of a session is told with status 200. */
const sessionConnector: Connector = {
  ...bookConnector,
  auth: {
    type: "session",
    login: { method: "POST", path: "/login", body: { password: "{{ secrets.client }}" } },
    token: "cookies.sid",
    lifetimeSeconds: 600,
    renewOn: [{ status: [200], when: "body.error.code = 100" }],
    place: { headers: { cookie: "sid={{ token }}" } },
  },
};

/** SAP's way: a read gives a token and cookies, without which a write is refused. */
const csrfConnector: Connector = {
  ...bookConnector,
  auth: { type: "basic", username: "{{ config.client }}", password: "{{ secrets.client }}" },
  csrf: { path: "/fetch", header: "X-CSRF-Token", lifetimeSeconds: 600 },
};

/** Amazon's way: data about persons is read with a token of its own, which the first one gets. */
const restrictedConnector: Connector = {
  ...oauthConnector,
  restricted: {
    path: "/restricted",
    body: "{ 'restrictedResources': resources }",
    token: "body.restrictedDataToken",
    expiresIn: "body.expiresIn",
  },
};

let store: Store;
let wire: Wire;
let connection: OpenConnection;

const evaluate = (text: string, input: unknown) =>
  evaluateExpression(text, input, { clock: sampleClock, salt: "", variables: {} });

/** A worker of its own: it shares nothing with the others but the database. */
function worker() {
  const { db, box } = store;
  return httpPerformer({ wire, evaluate, tokens: openTokens({ db, box, wire, evaluate }) });
}

const secrets = { client: "client-secret-1", refresh: "refresh-token-1" };

async function reopened(): Promise<OpenConnection> {
  const [open] = await openConnections(store.db, store.box, [connection.id]);
  if (!open) throw new Error("The connection is gone.");
  return open;
}

async function put(changed: Partial<typeof secrets> = {}): Promise<void> {
  const { port } = server.address() as AddressInfo;
  const input = { environment: "dev", name: "erp", connector: "book", connectorVersion: "1.0.0", systemAccount: "book/1" };
  const config = { baseUrl: `http://127.0.0.1:${port}`, client: "client-1" };
  const id = await putConnection(
    store.db,
    store.box,
    { ...input, config, secrets: { ...secrets, ...changed }, sandbox: true },
    "test",
  );
  connection = { ...connection, id };
  connection = await reopened();
}

beforeAll(async () => {
  store = await openStore();
  wire = openWire(openReaches(["loopback"]));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
});
afterEach(async () => {
  reset();
  await store.db.deleteFrom("credential").execute();
});
afterAll(async () => {
  await wire.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await store.close();
});

const ask = (path: string, method = "GET"): RenderedRequest => ({ method, path, query: {}, headers: {}, timeoutMs: 5_000 });

/** Status of each request that five workers send at once, four each. */
async function underLoad(
  connector: Connector,
  request: RenderedRequest,
  workers = Array.from({ length: 5 }, worker),
): Promise<number[]> {
  const sent = workers.flatMap((each) => [1, 2, 3, 4].map(() => each.perform(connector, connection, request)));
  return (await Promise.all(sent)).map((performed) => (performed.ok ? performed.response.status : 0));
}

describe("an access token", () => {
  it("is asked for once by twenty requests of five workers, sealed, and taken by those that come later", async () => {
    await put();
    expect(new Set(await underLoad(oauthConnector, ask("/orders")))).toEqual(new Set([200]));
    expect(system.exchanges).toEqual([
      "grant_type=refresh_token&refresh_token=refresh-token-1&client_id=client-1&client_secret=client-secret-1",
    ]);
    await underLoad(oauthConnector, ask("/orders"));
    expect(system.exchanges).toHaveLength(1);
    const rows = await store.db.selectFrom("credential").selectAll().execute();
    expect(rows).toMatchObject([{ kind: "oauth2", exchanges: 1, failure: null, lease_id: null }]);
    expect(JSON.stringify(rows.map((row) => row.sealed?.toString("latin1")))).not.toMatch(/issued-token|refresh-token/);
  });

  it("is renewed once when the system refuses it under load, with the refresh token that it gave last", async () => {
    await put();
    const workers = Array.from({ length: 5 }, worker);
    await underLoad(oauthConnector, ask("/orders"), workers);
    system.good.clear();
    expect(new Set(await underLoad(oauthConnector, ask("/orders"), workers))).toEqual(new Set([200]));
    expect(system.exchanges).toHaveLength(2);
    expect(new URLSearchParams(system.exchanges[1]).get("refresh_token")).not.toBe("refresh-token-1");
    expect(system.calls.filter(({ status }) => status === 401)).toHaveLength(20);
  });

  it("is not used when its end is near", async () => {
    await put();
    system.lifetimeS = 0.2;
    const one = worker();
    await one.perform(oauthConnector, connection, ask("/orders"));
    await until(
      async () => {
        await one.perform(oauthConnector, connection, ask("/orders"));
        return system.exchanges.length === 2;
      },
      { what: "another token" },
    );
    expect(system.calls.every(({ status }) => status === 200)).toBe(true);
  });

  it("that is refused again after it was renewed is an answer like any other", async () => {
    await put();
    const performed = await worker().perform(
      { ...oauthConnector, auth: { ...oauth2, place: { headers: { "x-other": "{{ token }}" } } } },
      connection,
      ask("/orders"),
    );
    expect(performed).toMatchObject({ ok: true, response: { status: 401 } });
    expect(system.exchanges).toHaveLength(2);
  });

  it("that was revoked fails every request with one sentence, asked for once, in which no secret stands", async () => {
    await put();
    system.revoked = true;
    let go: () => void = () => {};
    system.held = new Promise((resolve) => {
      go = resolve;
    });
    const workers = Array.from({ length: 5 }, worker);
    const all = Promise.all(workers.map((each) => each.perform(oauthConnector, connection, ask("/orders"))));
    await until(() => system.exchanges.length > 0, { what: "an exchange" });
    go();
    const performed = await all;
    const message = "Book gave no token (status 400): invalid_grant: The refresh token [redacted] of [redacted] was revoked.";
    for (const each of performed) {
      expect(each).toMatchObject({ ok: false, applied: "no", failure: { class: "auth", reason: { message } } });
    }
    expect(system.calls).toEqual([]);
    // A worker that had not looked yet when it failed asks once more.
    expect(system.exchanges.length).toBeLessThan(5);
    const rows = await store.db.selectFrom("credential").select("failure").execute();
    expect(JSON.stringify(rows)).not.toMatch(/client-secret|refresh-token/);
    // A person enters another one.
    system.revoked = false;
    system.refresh = "refresh-token-new";
    await put({ refresh: "refresh-token-new" });
    expect(await worker().perform(oauthConnector, connection, ask("/orders"))).toMatchObject({
      ok: true,
      response: { status: 200 },
    });
  });

  it("stands for a worker that still knows older secrets, so that it does not spoil a newer one", async () => {
    await put();
    const old = connection;
    system.refresh = "refresh-token-new";
    await put({ refresh: "refresh-token-new" });
    await worker().perform(oauthConnector, connection, ask("/orders"));
    expect(await worker().perform(oauthConnector, old, ask("/orders"))).toMatchObject({ ok: true });
    expect(system.exchanges).toHaveLength(1);
  });

  it("is asked for by another worker when the one that did has vanished", async () => {
    await put();
    const place = { environment: connection.environment, connectionId: connection.id, kind: "oauth2" };
    const gone = newId();
    expect(await leaseCredential(store.db, place, gone, 300)).toBe(true);
    expect(await worker().perform(oauthConnector, connection, ask("/orders"))).toMatchObject({ ok: true });
    // What it would have said comes too late.
    const failure = { class: "auth" as const, reason: { code: "late", message: "Late." } };
    expect(await settleCredential(store.db, store.box, place, gone, { failure })).toBe(false);
    expect(system.exchanges).toHaveLength(1);
  });

  it("that takes long to come has the request told off as late before it leaves", async () => {
    await put();
    let go: () => void = () => {};
    system.held = new Promise((resolve) => {
      go = resolve;
    });
    const begun = Date.now();
    const told: number[] = [];
    const late = async (): Promise<void> => {
      told.push(system.calls.length);
      throw new Error("Somebody else has the task.");
    };
    const sent = worker().perform(oauthConnector, connection, ask("/orders"), late);
    await until(() => Date.now() - begun > 1_100, { what: "more than a second" });
    go();
    await expect(sent).rejects.toThrow("Somebody else has the task.");
    expect([told, system.calls]).toEqual([[0], []]);
    await worker().perform(oauthConnector, connection, ask("/orders"), late);
    expect(told).toHaveLength(1);
  });

  it("is never in what a system answers, however it repeats it", async () => {
    await put();
    const performed = await worker().perform(oauthConnector, connection, ask("/orders"));
    expect(performed).toMatchObject({ ok: true, response: { status: 200 } });
    expect(JSON.stringify(performed)).not.toMatch(/issued-token|refresh-token|client-secret/);
  });
});

describe("a session and a token against forged requests", () => {
  it("is begun again, once, when an answer says that it has ended", async () => {
    await put();
    const one = worker();
    await one.perform(sessionConnector, connection, ask("/session"));
    system.good.clear();
    const again = await Promise.all([1, 2, 3].map(() => one.perform(sessionConnector, connection, ask("/session"))));
    for (const each of again) {
      expect(each).toMatchObject({ ok: true, response: { status: 200 } });
      expect(JSON.stringify(each)).not.toMatch(/"code\\":100|issued-token/);
    }
    expect(system.exchanges).toEqual(['{"password":"client-secret-1"}', '{"password":"client-secret-1"}']);
  });

  it("is fetched before a write with its cookies, not for a read, and again when the system requires one", async () => {
    await put();
    const one = worker();
    await one.perform(csrfConnector, connection, ask("/sap"));
    expect(system.exchanges).toEqual([]);
    await one.perform(csrfConnector, connection, ask("/sap", "POST"));
    system.good.clear();
    const written = await one.perform(csrfConnector, connection, ask("/sap", "POST"));
    expect(written).toMatchObject({ ok: true, response: { status: 200 } });
    expect(JSON.stringify(written)).not.toMatch(/issued-token|SAP_SESSIONID=s-1/);
    expect(system.exchanges).toEqual(["Fetch", "Fetch"]);
    expect(system.calls.map(({ status }) => status)).toEqual([200, 200, 403, 200]);
  });
});

describe("a restricted token", () => {
  const forAddresses = { ...ask("/orders"), restricted: [{ method: "GET", path: "/orders/{orderId}/address" }] };
  const forBuyers = { ...ask("/orders"), restricted: [{ method: "GET", path: "/orders/{orderId}/buyerInfo" }] };

  it("is asked for with the connection's own, once for each set of resources, and goes in its place", async () => {
    await put();
    const [one, other] = [worker(), worker()];
    await one.perform(restrictedConnector, connection, ask("/orders"));
    const own = system.calls.at(-1)?.token;
    await Promise.all([1, 2, 3].map(() => one.perform(restrictedConnector, connection, forAddresses)));
    await other.perform(restrictedConnector, connection, forAddresses);
    const [restricted] = [...new Set(system.calls.slice(1).map(({ token }) => token))];
    expect(system.calls.slice(1).every(({ token }) => token === restricted && token !== own)).toBe(true);
    const buyers = await one.perform(restrictedConnector, connection, forBuyers);
    expect(JSON.stringify(buyers)).not.toMatch(/issued-token/);
    expect(system.exchanges.slice(1)).toEqual([
      '{"restrictedResources":[{"method":"GET","path":"/orders/{orderId}/address"}]}',
      '{"restrictedResources":[{"method":"GET","path":"/orders/{orderId}/buyerInfo"}]}',
    ]);
  });

  it("is renewed before the connection's own, which may be good still", async () => {
    await put();
    const one = worker();
    await one.perform(restrictedConnector, connection, forAddresses);
    system.good.delete(system.calls.at(-1)?.token ?? "");
    const again = await one.perform(restrictedConnector, connection, forAddresses);
    expect(again).toMatchObject({ ok: true, response: { status: 200 } });
    expect(system.exchanges.filter((body) => body.includes("restrictedResources"))).toHaveLength(2);
    expect(system.exchanges).toHaveLength(3);
  });
});
