import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FlowNode } from "#schemas/flow.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { chain, deploy } from "./support/deploy.ts";
import { until } from "./support/until.ts";

const authorization = `Basic ${Buffer.from("ss-key:ss-secret").toString("base64")}`;
const shipments = [{ shipmentId: 1, orderNumber: "A-1", trackingNumber: "1Z1" }];
const good = { status: 200, body: { shipments, total: 1, page: 1, pages: 1 } };

type Play = (request: IncomingMessage, response: ServerResponse) => void;
const answer =
  ({ status, body, headers = {} }: { status: number; body: unknown; headers?: Record<string, string> }): Play =>
  (_request, response) =>
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));

let cluster: Cluster;
let database: pg.Pool;
let system: Server;
let asked: string[] = [];
/** What is answered next, one after another; the last for ever. */
let plays: Play[] = [];

beforeAll(async () => {
  system = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization === authorization ? "known" : "unknown"}`);
    (plays.length > 1 ? plays.shift() : plays[0])?.(request, response);
  });
  await new Promise<void>((resolve) => system.listen(0, "127.0.0.1", resolve));
  cluster = await startCluster({ workers: 2 });
  database = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  database.on("error", () => {});
  await connect("ss-secret");
  await deploy(cluster, pointed("shipped"));
});
afterAll(async () => {
  await database.end();
  await cluster.stop();
  system.closeAllConnections();
  system.close();
});
beforeEach(() => {
  asked = [];
  plays = [answer(good)];
});

const connect = (apiSecret: string): Promise<void> =>
  cluster.connect({
    name: "parcels",
    connector: "shipstation",
    config: { accountName: "parcels", baseUrl: `http://127.0.0.1:${(system.address() as AddressInfo).port}` },
    secrets: { apiKey: "ss-key", apiSecret },
  });

const retry = { attempts: 3, baseMs: 50, capMs: 50 };
const keep: FlowNode = { id: "keep", type: "map", config: { expression: "shipments.trackingNumber" } };
const pointed = (id: string) =>
  chain(
    id,
    [{ id: "notified", type: "shipstation.shipped", slot: "parcels", retry }, keep],
    [{ name: "parcels", connector: "shipstation" }],
  );

let batches = 0;
/** Notifies of a batch; the address that it names is not the one that is asked. */
async function notify(batch = `batch-${++batches}`) {
  const body = { resource_url: `https://elsewhere.example/shipments?storeID=7&batchId=${batch}`, resource_type: "SHIP_NOTIFY" };
  const accepted = await cluster.call("POST", "/hooks/dev/shipped/notified", body);
  expect(accepted.status).toBe(202);
  return { body, receipt: accepted.body.receipt as string, duplicate: accepted.body.duplicate as boolean };
}

const runOf = async (receipt: string) =>
  (await database.query("select id, state, failed_node as node from run where message_id = $1", [receipt])).rows[0];
const ended = (receipt: string) =>
  until(
    async () => {
      const run = await runOf(receipt);
      return run.state === "RUNNING" ? null : run;
    },
    { timeoutMs: 20_000, what: "the run to end" },
  );
const letterOf = async (run: string) =>
  (await cluster.call("GET", "/api/v1/dead-letters?environment=dev&flow=shipped&state=open")).body.items.find(
    ({ runId }: { runId: string }) => runId === run,
  );

describe("a webhook that only points at a document", () => {
  it("is accepted at once, and its document fetched from the connection's own address", async () => {
    let release = (): void => {};
    plays = [
      (request, response) => {
        release = () => answer(good)(request, response);
      },
    ];
    const { body, receipt } = await notify("batch-first");
    await until(() => asked.length === 1);
    expect((await runOf(receipt)).state).toBe("RUNNING");
    release();
    const run = await ended(receipt);
    expect(run.state).toBe("SUCCEEDED");
    expect(asked).toEqual(["GET /shipments?batchId=batch-first&storeID=7&includeShipmentItems=True&pageSize=500 known"]);
    const { nodes, reproduces } = (await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body;
    expect(reproduces).toBe(true);
    expect(nodes).toMatchObject({
      notified: { status: "done", inputs: { pointer: [body] }, outputs: { out: [{ shipments }] } },
      keep: { status: "done", inputs: { in: [{ shipments }] }, outputs: { out: ["1Z1"] } },
    });
  });

  it("that comes twice is fetched once", async () => {
    const first = await notify("batch-twice");
    await ended(first.receipt);
    const second = await notify("batch-twice");
    expect(second).toMatchObject({ receipt: first.receipt, duplicate: true });
    await cluster.settled();
    expect(asked).toHaveLength(1);
  });

  it("is asked for again when the system is unwell, and every attempt is shown", async () => {
    plays = [answer({ status: 503, body: {} }), answer({ status: 200, body: {} }), answer(good)];
    const { receipt } = await notify();
    const run = await ended(receipt);
    expect(run.state).toBe("SUCCEEDED");
    const { tasks } = (await cluster.call("GET", `/api/v1/runs/${run.id}`)).body;
    const [fetching] = tasks.filter(({ kind }: { kind: string }) => kind === "effect");
    expect(fetching).toMatchObject({
      node: "notified",
      attempts: [{ outcome: "transient" }, { outcome: "transient" }, { outcome: "ok" }],
    });
    expect(fetching.attempts[0].request).toMatchObject({ method: "GET", path: "/shipments" });
    expect(JSON.stringify(tasks)).not.toContain("ss-secret");
  });

  it("that cannot be fetched is a dead letter at the source; a retry fetches it and the flow goes on", async () => {
    plays = [answer({ status: 404, body: { message: "No such batch." } })];
    const { receipt } = await notify();
    const run = await ended(receipt);
    expect(run).toMatchObject({ state: "DEAD", node: "notified" });
    const letter = await letterOf(run.id);
    expect(letter).toMatchObject({ node: "notified", class: "rejected", connector: "shipstation" });
    expect(letter.reason.message).toContain("No such batch.");
    expect((await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body.nodes.notified).toMatchObject({ status: "failed" });
    plays = [answer(good)];
    expect((await cluster.call("POST", `/api/v1/dead-letters/${letter.id}/retry`)).status).toBe(200);
    expect((await ended(receipt)).state).toBe("SUCCEEDED");
  });

  it("is fetched by another address when a person corrects the pointer", async () => {
    plays = [answer({ status: 404, body: {} })];
    const { receipt } = await notify("batch-mistyped");
    const letter = await letterOf((await ended(receipt)).id);
    plays = [answer(good)];
    asked = [];
    const item = { resource_url: "https://elsewhere.example/shipments?batchId=batch-right" };
    expect((await cluster.call("POST", `/api/v1/dead-letters/${letter.id}/retry-edited`, { item })).status).toBe(200);
    expect((await ended(receipt)).state).toBe("SUCCEEDED");
    expect(asked).toEqual(["GET /shipments?batchId=batch-right&includeShipmentItems=True&pageSize=500 known"]);
  });

  it("that points at nothing is a dead letter that says so, and asks for nothing", async () => {
    plays = [answer({ status: 200, body: { shipments: [], total: 1200, page: 1, pages: 3 } })];
    const { receipt } = await notify();
    expect(await letterOf((await ended(receipt)).id)).toMatchObject({ class: "tooLarge" });
  });

  it("waits behind a connection whose key is refused, and goes on once it is mended", async () => {
    await connect("wrong");
    plays = [
      (request, response) =>
        answer(request.headers.authorization === authorization ? good : { status: 401, body: {} })(request, response),
    ];
    const connection = async () =>
      (await cluster.call("GET", "/api/v1/environments/dev/connections")).body.items.find(
        ({ name }: { name: string }) => name === "parcels",
      );
    // The old key is good for a second yet: until its workers have read the new one.
    const receipts: string[] = [];
    const refused = async () => {
      receipts.push((await notify()).receipt);
      return (await connection()).state === "authFailed";
    };
    await until(refused, { timeoutMs: 20_000, everyMs: 200, what: "the pause" });
    await connect("ss-secret");
    await cluster.call("POST", "/api/v1/environments/dev/connections/parcels/resume");
    for (const receipt of receipts) expect((await ended(receipt)).state).toBe("SUCCEEDED");
  });

  it("is fetched whichever worker dies while it asks", async () => {
    plays = [() => {}, answer(good)];
    const { receipt } = await notify();
    await until(() => asked.length === 1);
    await cluster.killWorker(0);
    await cluster.killWorker(1);
    expect((await ended(receipt)).state).toBe("SUCCEEDED");
    expect(asked).toHaveLength(2);
  });
});
