import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { until } from "./support/until.ts";

const order = (number: number) => makeShopifyOrder("backpressure", number);

describe("a backlog, and a database without room", () => {
  let cluster: Cluster;
  let client: Client;
  beforeAll(async () => {
    cluster = await startCluster({ env: { ORDERLOOM_MAX_ITEM_BYTES: "60000", ORDERLOOM_MAX_BODY_BYTES: "200000" } });
    client = new Client({ connectionString: cluster.databaseUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await cluster?.stop();
  });

  const deliver = (number: number, body = order(number).body) =>
    cluster.deliver(body, { "x-shopify-event-id": order(number).eventId });
  const status = async () => (await cluster.call("GET", "/api/v1/environments/dev/status")).body;

  it("is accepted and shown while the ERP is shut, with its age", async () => {
    await cluster.call("POST", "/api/v1/environments/dev/connections/northwind-erp/pause", {});
    for (let number = 1; number <= 10; number++) expect((await deliver(number)).status).toBe(202);
    const waiting = await until(
      async () =>
        (await status()).waiting.find(
          (each: { connection: string; due: number; later: number }) =>
            each.connection === "northwind-erp" && each.due + each.later === 10,
        ),
      { timeoutMs: 30_000, what: "ten orders to wait for the ERP" },
    );
    expect(waiting).toMatchObject({ flow: "shopify-order-to-cash", connection: "northwind-erp" });
    await cluster.call("POST", "/api/v1/environments/dev/connections/northwind-erp/resume", {});
    await cluster.settled();
    expect((await status()).waiting).toEqual([]);
    expect((await cluster.call("GET", "/metrics")).body).toMatch(/orderloom_database_bytes \d{6,}/);
  });

  it("a disk that is full is said to the sender, who is asked to come again; nothing is half accepted", async () => {
    await client.query(`
      create function no_room() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`);
    await client.query("create trigger no_room before insert on run for each row execute function no_room()");
    const refused = await deliver(11);
    expect([refused.status, refused.body.code, refused.headers["retry-after"]]).toEqual([503, "storageFull", "60"]);
    const { rows } = await client.query("select 1 from message where dedupe_key like $1", [`%${order(11).eventId}%`]);
    expect(rows).toEqual([]);
    await client.query("drop trigger no_room on run");
    expect([(await deliver(11)).status, (await deliver(11)).body.duplicate]).toEqual([202, true]);
    await cluster.settled();
  });

  it("a body over the hard limit is refused by name; one whose item grows too large inside is a dead letter that says so", async () => {
    const large = (bytes: number) => {
      const body = JSON.parse(order(12).body);
      body.line_items[0].title = "x".repeat(bytes);
      return JSON.stringify(body);
    };
    const refused = await deliver(12, large(250_000));
    expect([refused.status, refused.body.code]).toEqual([413, "bodyTooLarge"]);
    expect((await deliver(12, large(100_000))).status).toBe(202);
    const [letter] = await until(
      async () => {
        const { items } = (await cluster.call("GET", "/api/v1/dead-letters?class=tooLarge")).body;
        return items.length > 0 ? items : null;
      },
      { what: "the dead letter" },
    );
    expect(letter.reason).toMatchObject({
      code: "itemTooLarge",
      params: { limitBytes: 60_000, setting: "ORDERLOOM_MAX_ITEM_BYTES" },
    });
    expect(letter.reason.message).toMatch(/^Node "\w+" made an item of 1\d{5} bytes; 60000 are allowed\.$/);
    const detail = (await cluster.call("GET", `/api/v1/runs/${letter.runId}`)).body;
    // The message stood apart from its row, and is whole.
    expect(detail.message.body.line_items[0].title).toHaveLength(100_000);
  });

  it("an environment's payload policy is set and audited", async () => {
    const keep = (payloadDays: number) => cluster.call("PUT", "/api/v1/environments/dev", { limits: { payloadDays } });
    expect((await keep(30)).body.limits).toEqual({ payloadDays: 30, evaluatedAtOnce: null, acceptedPerSecond: null });
    expect((await keep(0)).status).toBe(400);
    await deliver(13);
    const { rows } = await client.query(
      "select extract(day from purge_after - received_at)::int as days from message where purge_after is not null",
    );
    expect(rows).toEqual([{ days: 30 }]);
    expect((await client.query("select action, actor from audit order by seq desc limit 1")).rows).toMatchObject([
      { action: "environment.changed" },
    ]);
  });

  it("an environment that takes so many messages a second refuses one more, and says when to come again", async () => {
    const limit = (acceptedPerSecond: number | null) =>
      cluster.call("PUT", "/api/v1/environments/dev", { limits: { acceptedPerSecond } });
    expect((await limit(1)).body.limits.acceptedPerSecond).toBe(1);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, number) => cluster.deliver(makeShopifyOrder("limited", number).body)),
    );
    const refused = answers.filter(({ status }) => status !== 202);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(1);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    for (const { status, body, headers } of refused)
      expect([status, body.code, headers["retry-after"]]).toEqual([429, "intakeLimited", "1"]);
    const { rows } = await client.query("select count(*)::int as count from message where document_key = any($1)", [
      Array.from({ length: 6 }, (_, number) => makeShopifyOrder("limited", number).id),
    ]);
    expect(rows).toEqual([{ count: answers.length - refused.length }]);
    await limit(null);
    expect((await cluster.deliver(makeShopifyOrder("limited", 9).body)).status).toBe(202);
  });
});
