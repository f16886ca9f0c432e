import { createHash, generateKeyPairSync, sign } from "node:crypto";
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
    if (request.url?.startsWith("/ebay/")) return playEbay(request, response);
    if (request.url?.startsWith("/amazon/")) return void playAmazon(request, response);
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
  feed = [];
  odd = {};
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
  until(async () => [await runOf(receipt)].find(({ state }) => state !== "RUNNING"), {
    timeoutMs: 20_000,
    what: "the run's end",
  });
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
    plays = [answer({ status: 404, body: { Message: "No such batch." } })];
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

/** What Amazon was asked, and the answers that differ from the usual ones: the first is given first. */
let feed: string[] = [];
let odd: Record<string, Play[]> = {};

const origin = (): string => `http://127.0.0.1:${(system.address() as AddressInfo).port}`;

/** Amazon's feeds: a document is uploaded, a feed is made of it, waited for, and its report fetched. */
async function playAmazon(request: IncomingMessage, response: ServerResponse): Promise<void> {
  for await (const _chunk of request);
  const path = (request.url ?? "").replace("/amazon", "").split("?")[0] ?? "";
  const name = `${request.method} ${path.split("/").slice(-2).join("/")}`;
  const proved = request.headers["x-amz-access-token"] === "token" ? "known" : "unknown";
  if (path !== "/auth/o2/token") feed.push(`${name} ${proved}`);
  const usual: Record<string, unknown> = {
    "POST o2/token": { access_token: "token", expires_in: 3600 },
    "POST 2021-06-30/documents": { feedDocumentId: "in", url: `${origin()}/amazon/store/in?X-Amz-Signature=s3-signature` },
    "PUT store/in": {},
    "POST 2021-06-30/feeds": { feedId: "7" },
    "GET feeds/7": { feedId: "7", processingStatus: "DONE", resultFeedDocumentId: "out" },
    "GET documents/out": { feedDocumentId: "out", url: `${origin()}/amazon/store/out?X-Amz-Signature=s3-signature` },
    "GET store/out": { issues: [], summary: { messagesProcessed: 1, messagesAccepted: 1, messagesInvalid: 0 } },
  };
  const play = odd[name]?.shift() ?? answer({ status: 200, body: usual[name] });
  play(request, response);
}

const steps = [
  "POST 2021-06-30/documents known",
  "PUT store/in unknown",
  "POST 2021-06-30/feeds known",
  "GET feeds/7 known",
  "GET documents/out known",
  "GET store/out unknown",
];

describe("an operation of several steps", () => {
  const quantities: FlowNode = {
    id: "quantities",
    type: "map",
    config: {
      expression:
        "{ 'batchId': shipments[0].orderNumber, 'items': [$append([{ 'sku': 'NW-TENT-2P', 'quantity': 5 }], shipments[0].more)] }",
    },
  };
  const send: FlowNode = {
    id: "send",
    type: "amazon.setQuantities",
    version: 3,
    slot: "amazon",
    retry,
    config: { attach: "report" },
  };
  const slots = ["shipstation", "amazon"].map((connector) => ({
    name: connector === "amazon" ? connector : "parcels",
    connector,
  }));
  let orders = 0;
  /** Brings a batch of its own on its way. */
  const begin = async (more: unknown[] = []): Promise<string> => {
    plays = [answer({ ...good, body: { ...good.body, shipments: [{ ...shipments[0], orderNumber: `B-${++orders}`, more }] } })];
    const pointer = { resource_url: `https://x.example/?batchId=f-${orders}` };
    return (await cluster.call("POST", "/hooks/dev/feeds/notified", pointer)).body.receipt;
  };
  const taskOf = async (receipt: string) =>
    (await cluster.call("GET", `/api/v1/runs/${(await runOf(receipt)).id}`)).body.tasks.find(
      ({ node }: { node: string }) => node === "send",
    );
  beforeAll(async () => {
    await cluster.connect({
      name: "amazon",
      connector: "amazon",
      config: {
        sellerId: "A2NORTHWIND00",
        region: "na",
        marketplaceIds: "ATVPDKIKX0DER",
        baseUrl: `${origin()}/amazon`,
        tokenUrl: `${origin()}/amazon/auth/o2/token`,
      },
      secrets: { clientId: "client-id", clientSecret: "client-secret", refreshToken: "refresh-token" },
    });
    const notified: FlowNode = { id: "notified", type: "shipstation.shipped", slot: "parcels", retry };
    await deploy(cluster, chain("feeds", [notified, quantities, send], slots));
  });

  it("asks one after another, where the system stores documents without its credentials", async () => {
    const receipt = await begin();
    const run = await ended(receipt);
    expect(run.state).toBe("SUCCEEDED");
    expect(feed).toEqual(steps);
    const { nodes, reproduces } = (await cluster.call("GET", `/api/v1/runs/${run.id}/trace`)).body;
    expect(reproduces).toBe(true);
    expect(nodes.send.outputs.out[0]).toMatchObject({ report: { answer: { feedId: "7", messagesAccepted: 1 } } });
    expect(JSON.stringify(await taskOf(receipt))).not.toContain("s3-signature");
  });

  it("goes on where it was, whichever worker dies in the middle", async () => {
    odd = { "GET feeds/7": [() => {}] };
    const receipt = await begin();
    await until(() => feed.length === 4);
    await cluster.killWorker(0);
    await cluster.killWorker(1);
    expect((await ended(receipt)).state).toBe("SUCCEEDED");
    expect(feed).toEqual([...steps.slice(0, 4), ...steps.slice(3)]);
  });

  it("goes back a step where an address has run out, and begins anew where the first one has", async () => {
    const gone = answer({ status: 403, body: { Error: { Code: "AccessDenied" } } });
    odd = { "PUT store/in": [gone], "GET store/out": [gone] };
    const receipt = await begin();
    expect((await ended(receipt)).state).toBe("SUCCEEDED");
    expect(feed).toEqual([...steps.slice(0, 2), ...steps.slice(0, 6), ...steps.slice(4)]);
    expect((await taskOf(receipt)).attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "transient",
      "transient",
      "ok",
    ]);
  });

  it("leaves one dead letter for each document that the system refused, whose retry sends that one alone", async () => {
    const issue = { messageId: 2, sku: "MUG", severity: "ERROR", message: "No." };
    odd = { "GET store/out": [answer({ status: 200, body: { issues: [issue] } })] };
    const receipt = await begin(["MUG", "PEG"].map((sku) => ({ sku, quantity: 1 })));
    expect((await ended(receipt)).state).toBe("PARTIAL");
    const letters = (await cluster.call("GET", "/api/v1/dead-letters?environment=dev&flow=feeds&state=open")).body.items;
    expect(letters).toMatchObject([{ class: "rejected", reason: { message: "MUG: No." } }]);
    const { item } = (await cluster.call("GET", `/api/v1/dead-letters/${letters[0].id}`)).body;
    const { body } = await cluster.call("GET", `/api/v1/runs/${(await runOf(receipt)).id}/trace`);
    expect([item, body.nodes.send.outputs.out[0]]).toMatchObject([{ items: [{ sku: "MUG" }] }, { items: [{}, { sku: "PEG" }] }]);
    await cluster.call("POST", `/api/v1/dead-letters/${letters[0].id}/retry`);
    expect((await ended(receipt)).state).toBe("SUCCEEDED");
    expect(feed).toEqual([...steps, ...steps]);
  });

  it("that the system ends badly is a dead letter, and its retry begins anew", async () => {
    odd = { "GET feeds/7": [answer({ status: 200, body: { feedId: "7", processingStatus: "FATAL" } })] };
    const receipt = await begin();
    const run = await ended(receipt);
    expect(run).toMatchObject({ state: "DEAD", node: "send" });
    const [letter] = (await cluster.call("GET", "/api/v1/dead-letters?environment=dev&flow=feeds&state=open")).body.items;
    expect(letter).toMatchObject({ class: "rejected", reason: { message: "Amazon ended the feed 7 as FATAL." } });
    await cluster.call("POST", `/api/v1/dead-letters/${letter.id}/retry`);
    expect((await ended(receipt)).state).toBe("SUCCEEDED");
    expect(feed).toEqual([...steps.slice(0, 4), ...steps]);
  });
});

const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** eBay's token, and its one public key. */
function playEbay(request: IncomingMessage, response: ServerResponse): void {
  const key = pair.publicKey.export({ type: "spki", format: "pem" }).toString().replaceAll("\n", "");
  const known = request.url?.endsWith("/public_key/k1") || request.url?.endsWith("/token");
  answer({ status: known ? 200 : 404, body: { access_token: "token", expires_in: 7200, key } })(request, response);
}

describe("a system that signs with its own key", () => {
  const verificationToken = "orderloom_verification_token_0001";
  beforeAll(async () => {
    const base = `${origin()}/ebay`;
    await cluster.connect({
      name: "ebay",
      connector: "ebay",
      config: { sellerId: "northwind", baseUrl: base, tokenUrl: `${base}/token` },
      secrets: { clientId: "client-id", clientSecret: "client-secret", refreshToken: "refresh-token", verificationToken },
    });
    await deploy(
      cluster,
      chain("closed", [{ id: "notified", type: "ebay.notified", slot: "ebay" }], [{ name: "ebay", connector: "ebay" }]),
    );
  });

  it("is told that the address is ours, and no other address is", async () => {
    const asked = await cluster.call("GET", "/hooks/dev/closed/notified?challenge_code=code-1");
    const { challengeResponse } = asked.body;
    const address = `${cluster.url}/hooks/dev/closed/notified`;
    expect(challengeResponse).toBe(createHash("sha256").update(`code-1${verificationToken}${address}`).digest("hex"));
    for (const path of [
      "/hooks/dev/closed/notified",
      "/hooks/dev/shipped/notified?challenge_code=x",
      "/hooks/dev/no/one?challenge_code=x",
    ])
      expect((await cluster.call("GET", path)).status, path).toBe(404);
  });

  it("is believed when the key that it names fits, and not otherwise", async () => {
    const text = JSON.stringify({ notification: { notificationId: "n-1", eventDate: "2026-09-19T20:43:59.462Z" } });
    const send = async (bytes: string, kid = "k1") => {
      const signature = sign("sha1", Buffer.from(text), pair.privateKey).toString("base64");
      const header = Buffer.from(JSON.stringify({ alg: "ecdsa", kid, signature, digest: "SHA1" })).toString("base64");
      const headers = { "content-type": "application/json", "x-ebay-signature": header };
      return (await fetch(`${cluster.url}/hooks/dev/closed/notified`, { method: "POST", headers, body: bytes })).status;
    };
    expect(await send(text)).toBe(200);
    expect([await send(`${text} `), await send(text, "k2")]).toEqual([401, 401]);
  });
});
