import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MadeOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { DeadLetter, DeadLetterDetail } from "#schemas/deadLetter.ts";
import type { Cluster } from "./support/cluster.ts";
import { deliver, type Edit, ordersOf, runEnded, startImpatientCluster } from "./support/impatientCluster.ts";
import { until } from "./support/until.ts";

const path = "/api/v1/dead-letters";

let cluster: Cluster;
let client: Client;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  ({ cluster, client, stop } = await startImpatientCluster());
});
afterAll(() => stop?.());

const { next: nextOrder, lastRight } = ordersOf("dead letters");
const send = (order: MadeOrder, edit?: Edit): Promise<string> => deliver(cluster, order, edit);

const openOf = async (order: MadeOrder): Promise<DeadLetter[]> =>
  (await cluster.call("GET", `${path}?state=open&q=${order.id}`)).body.items;

const letterOf = (order: MadeOrder): Promise<DeadLetter> =>
  until(async () => (await openOf(order))[0], { timeoutMs: 60_000, what: `a dead letter of order ${order.id}` });

const detailOf = async (letter: DeadLetter): Promise<DeadLetterDetail> =>
  (await cluster.call("GET", `${path}/${letter.id}`)).body;

/** An order that the ERP refused. */
async function refused(): Promise<{ order: MadeOrder; letter: DeadLetter }> {
  const order = nextOrder();
  await cluster.fault({ connection: "northwind-erp", kind: "refuse", match: `SHOPIFY_${order.id}`, message: "On hold" });
  await send(order);
  return { order, letter: await letterOf(order) };
}

const ends = async (run: string): Promise<string> => (await runEnded(cluster, run)).run.state;

const record = async (connection: string, name: string, order: MadeOrder) =>
  (await cluster.ledger(connection, name)).rows.find((row) => row.key.includes(order.id));

describe("a dead letter", () => {
  it("shows its item, the request, the state of its effect and every attempt", async () => {
    const { order, letter } = await refused();
    const detail = await detailOf(letter);
    expect(detail).toMatchObject({
      letter: { id: letter.id, class: "rejected", node: "erp" },
      kind: "effect",
      item: { externalId: order.id },
      request: { method: "PUT", body: expect.any(Object) },
      gone: false,
      original: null,
      effect: { state: "REFUSED", mode: "natural", revision: 1, own: true, settledAt: expect.any(String) },
      editable: true,
    });
    expect(detail.effect?.key).toContain(order.id);
    expect(detail.attempts).toMatchObject([
      {
        number: 1,
        outcome: "rejected",
        request: { method: "PUT" },
        response: { status: 400, body: expect.stringContaining("On hold") },
      },
    ]);
    expect((await cluster.call("GET", `${path}/${letter.runId}`)).status).toBe(404);
  });

  it("is tried again with an edited item: the target gets that, and the first one is kept beside", async () => {
    const { order, letter } = await refused();
    const { item } = (await detailOf(letter)) as { item: Record<string, unknown> };
    const other = await cluster.call("POST", `${path}/${letter.id}/retry-edited`, { item: { ...item, externalId: "another" } });
    expect([other.status, other.body.code, other.body.details.code]).toEqual([422, "notEditable", "otherDocument"]);
    const broken = await cluster.call("POST", `${path}/${letter.id}/retry-edited`, { item: null });
    expect([broken.status, broken.body.code]).toEqual([422, "notEditable"]);
    const edited = { ...item, externalNumber: "EDITED-1" };
    const retried = await cluster.call("POST", `${path}/${letter.id}/retry-edited`, { item: edited });
    expect([retried.status, retried.body.state]).toEqual([200, "retried"]);
    expect(await ends(letter.runId)).toBe("SUCCEEDED");
    expect(JSON.stringify((await record("northwind-erp", "salesOrders", order))?.record)).toContain("EDITED-1");
    const after = await detailOf(letter);
    expect(after).toMatchObject({ item: edited, original: { item, editedBy: expect.any(String) }, editable: false });
    expect(JSON.stringify([after.original?.request, after.request]).match(/EDITED-1/g)?.length).toBeGreaterThan(0);
    expect(JSON.stringify(after.original)).not.toContain("EDITED-1");
    const { rows } = await client.query("select detail from audit where action = 'deadLetter.retried' and subject = $1", [
      letter.id,
    ]);
    expect(rows).toEqual([{ detail: expect.objectContaining({ edited: expect.stringMatching(/^[0-9a-f]{64}$/) }) }]);
    const trace = (await cluster.call("GET", `/api/v1/runs/${letter.runId}/trace`)).body;
    expect(trace.reproduces).toBe(true);
    expect(JSON.stringify(trace.nodes.wms.inputs)).toContain("EDITED-1");
    const twice = await cluster.call("POST", `${path}/${letter.id}/retry-edited`, { item });
    expect([twice.status, twice.body.code]).toEqual([409, "deadLetterClosed"]);
  });

  it("of a message that was wrong is mended in the message", async () => {
    const order = nextOrder(true);
    await send(order);
    const letter = await letterOf(order);
    const detail = await detailOf(letter);
    expect(detail).toMatchObject({ kind: "segment", effect: null, request: null, item: { id: expect.anything() } });
    const right = lastRight();
    await cluster.call("POST", `${path}/${letter.id}/retry-edited`, { item: JSON.parse(right.body) });
    expect(await ends(letter.runId)).toBe("SUCCEEDED");
    expect((await detailOf(letter)).original?.item).toEqual(detail.item);
    const trace = (await cluster.call("GET", `/api/v1/runs/${letter.runId}/trace`)).body;
    expect([trace.reproduces, trace.differences]).toEqual([true, []]);
  });

  it("whose document the target holds otherwise: an edit goes by the ledger's rule", async () => {
    const order = nextOrder();
    await send(order);
    await until(() => record("northwind-wms", "orders", order), { timeoutMs: 30_000, what: "the first delivery" });
    // The same order again with another address: the ERP takes a revision, the warehouse (a lookup) is for a person.
    const body = JSON.parse(order.body);
    body.shipping_address.address1 = "2 Other Street";
    await send(order, { body: JSON.stringify(body), event: `${order.eventId} again` });
    const letter = await letterOf(order);
    expect(letter).toMatchObject({ class: "duplicate", node: "wms" });
    const detail = await detailOf(letter);
    expect(detail.effect).toMatchObject({ state: "CONFIRMED", own: false, mode: "lookup" });
    const item = detail.item as { shipTo: Record<string, unknown> };
    // Edited otherwise again: it is parked again, nothing was sent.
    await cluster.call("POST", `${path}/${letter.id}/retry-edited`, {
      item: { ...item, shipTo: { ...item.shipTo, line1: "3 Third Street" } },
    });
    const again = await until(async () => (await openOf(order)).find((each) => each.id !== letter.id), {
      what: "the second letter",
    });
    expect(again.class).toBe("duplicate");
    // Edited back to what stands: its recorded result is taken.
    const first = JSON.parse(order.body).shipping_address.address1;
    await cluster.call("POST", `${path}/${again.id}/retry-edited`, {
      item: { ...item, shipTo: { ...item.shipTo, line1: first } },
    });
    expect(await ends(letter.runId)).toBe("SUCCEEDED");
    const row = await record("northwind-wms", "orders", order);
    expect([row?.creates, row?.writes]).toEqual([1, 1]);
    expect((await record("northwind-erp", "salesOrders", order))?.creates).toBe(1);
    // Twice edited: what the task had at first is kept.
    expect((await detailOf(again)).original?.item).toEqual(item);
  });
});

describe("several dead letters", () => {
  it("are assigned, tagged and noted, and found by it; the audit knows who", async () => {
    const [one, two] = [(await refused()).letter, (await refused()).letter];
    const ids = [one.id, two.id];
    const done = await cluster.call("POST", `${path}/annotate`, {
      ids: [...ids, "nobody"],
      assignee: "ada",
      addTags: ["vip", "erp"],
      note: "Asked.",
    });
    expect(done.body.items.map((each: DeadLetter) => each.id).sort()).toEqual([...ids].sort());
    await cluster.call("POST", `${path}/annotate`, { ids: [one.id], removeTags: ["erp"], assignee: null });
    const found = async (query: string) =>
      (await cluster.call("GET", `${path}?${query}`)).body.items.map((each: DeadLetter) => each.id);
    expect(await found("assignee=ada")).toEqual([two.id]);
    expect(await found("tag=erp")).toEqual([two.id]);
    expect((await found("tag=vip")).sort()).toEqual([...ids].sort());
    expect(await found("assignee=")).toContain(one.id);
    expect((await detailOf(one)).letter).toMatchObject({ assignee: null, tags: ["vip"], note: "Asked." });
    const { rows } = await client.query("select subject from audit where action = 'deadLetter.annotated'");
    expect(rows).toHaveLength(3);
  });

  it("are counted first, then retried or resolved by filter up to a limit, the oldest first", async () => {
    await cluster.call("POST", `${path}/close`, {
      action: "resolve",
      filter: { environment: "dev" },
      limit: 1_000,
      note: "Before.",
    });
    const letters = [await refused(), await refused(), await refused()].map((each) => each.letter);
    const wrong = nextOrder(true);
    await send(wrong);
    await letterOf(wrong);
    const counts = async () => (await cluster.call("GET", `${path}/counts?environment=dev&state=open`)).body;
    expect(await counts()).toMatchObject({
      total: 4,
      classes: [
        { class: "rejected", count: 3 },
        { class: "invalid", count: 1 },
      ],
      connectors: [
        { connector: "netsuite", count: 3 },
        { connector: "shopify", count: 1 },
      ],
      flows: [{ flow: "shopify-order-to-cash", count: 4 }],
      assignees: [{ assignee: null, count: 4 }],
    });
    const filter = { environment: "dev", class: "rejected" };
    const retried = await cluster.call("POST", `${path}/close`, { action: "retry", filter, limit: 2 });
    expect(retried.body).toEqual({ matching: 3, done: 2, problems: [] });
    for (const letter of letters.slice(0, 2)) expect(await ends(letter.runId)).toBe("SUCCEEDED");
    expect((await detailOf(letters[2] as DeadLetter)).letter.state).toBe("open");
    const noted = await cluster.call("POST", `${path}/close`, { action: "resolve", filter, limit: 10 });
    expect([noted.status, noted.body.message]).toEqual([400, "The request is not valid: resolving needs a note."]);
    await cluster.call("POST", `${path}/close`, { action: "resolve", filter, limit: 10, note: "By hand." });
    expect(await counts()).toMatchObject({ total: 1 });
    const typo = await cluster.call("POST", `${path}/close`, {
      action: "retry",
      filter: { environment: "dev", clas: "x" },
      limit: 1,
    });
    expect(typo.status).toBe(400);
  });
});

describe("a system that echoes what it was sent", () => {
  let echo: Server;
  afterAll(() => {
    echo?.close();
  });

  it("brings no secret into attempts, reasons, tables or answers", async () => {
    const planted = {
      consumerKey: "planted-consumer-key",
      consumerSecret: "planted-consumer-secret",
      tokenId: "planted-token-id",
      tokenSecret: 'planted "token" secret/+=',
    };
    let seen = "";
    echo = createServer((request, response) => {
      seen = JSON.stringify(request.headers);
      const all = { headers: request.headers, ...planted, spelt: encodeURIComponent(planted.tokenSecret) };
      response.writeHead(422, {
        "content-type": "application/json",
        "set-cookie": "session=planted-session",
        "x-echo": planted.tokenId,
      });
      response.end(
        JSON.stringify({
          "o:errorDetails": [{ detail: `You sent ${request.headers.authorization} ${planted.consumerSecret}` }],
          all,
        }),
      );
    });
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    await cluster.setSecrets("northwind-erp", planted);
    await client.query(
      "update connection set config = jsonb_set(config, '{baseUrl}', to_jsonb($1::text)), revision = revision + 1 where name = 'northwind-erp'",
      [`http://127.0.0.1:${(echo.address() as AddressInfo).port}`],
    );
    let order = nextOrder();
    // A second, until every process has read the connection anew; an order that came before it went to the old address.
    await until(
      async () => {
        order = nextOrder();
        await send(order);
        return seen.includes("planted-token-id");
      },
      { timeoutMs: 20_000, what: "the echo to be asked" },
    );
    const letter = await letterOf(order);
    const detail = await detailOf(letter);
    expect(JSON.stringify(detail)).not.toContain("planted");
    expect(JSON.stringify(detail.attempts)).toContain("[redacted]");
    expect(letter.reason.message).toContain("[redacted]");
    const { rows } = await client.query<{ name: string }>("select tablename as name from pg_tables where schemaname = 'public'");
    for (const { name } of rows) {
      const found = await client.query(`select 1 from "${name}" t where t::text like '%planted%' limit 1`);
      expect([name, found.rows]).toEqual([name, []]);
    }
  });
});
