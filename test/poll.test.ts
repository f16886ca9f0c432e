import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";
import { arrived, deliveryHeaders, effect, hookPath, row, seedProof } from "./chaos/workload.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { chain, deploy } from "./support/deploy.ts";
import { type ListedTarget, listedConnector, listedTarget } from "./support/listedTarget.ts";
import { until } from "./support/until.ts";

let cluster: Cluster;
let database: pg.Pool;
let target: ListedTarget;
beforeAll(async () => {
  target = await listedTarget();
  cluster = await startCluster({ workers: 2 });
  database = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  database.on("error", () => {});
});
afterAll(async () => {
  await database.end();
  await cluster.stop();
  await target.close();
});
afterEach(() => cluster.clearFaults());

/** An order that comes to stand in the simulated shop, as if buyers had placed it: its API takes 40 calls at once, two a second. */
async function placeOrder(id: string, updatedAt: Date, more: object = {}): Promise<void> {
  const order = { id, updated_at: updatedAt.toISOString(), total_price: "10.00", ...more };
  const answer = await fetch(`${cluster.sandboxUrl}/_sandbox/ledger/northwind-shop/orders/${encodeURIComponent(id)}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(order),
  });
  expect(answer.status).toBe(200);
}

const pollFlow = (id: string, config: object): Flow =>
  chain(
    id,
    [
      { id: "orders", type: "shopify.ordersChanged", slot: "shop", config: { ...config } },
      { id: "keep", type: "map", config: { expression: "{ 'id': id, 'total': total_price }" } },
    ],
    [{ name: "shop", connector: "shopify" }],
  );

async function messages(flow: string): Promise<{ key: string; version: string }[]> {
  const { rows } = await database.query(
    "select document_key as key, document_version as version from message where flow_id = $1 order by id",
    [flow],
  );
  return rows;
}

const sourceOf = async (flow: string) =>
  (await cluster.call("GET", `/api/v1/environments/dev/sources?flow=${flow}`)).body.items[0];

const pause = (flow: string) => cluster.call("PUT", `/api/v1/environments/dev/deployments/${flow}`, { state: "paused" });

it("takes every record over once while workers are killed between pages, the cursor never ahead of the messages", async () => {
  const count = 200;
  const start = Date.now() - 3_600_000;
  for (let number = 0; number < count; number++) await placeOrder(`k${number}`, new Date(start + number * 1_000));
  await cluster.fault({ connection: "northwind-shop", kind: "delay", delayMs: 250, times: 0, match: "GET" });
  await deploy(cluster, pollFlow("poll-kills", { pageSize: 10, everySeconds: 1 }));
  let kills = 0;
  let killedAt = 0;
  // One snapshot each: what the cursor claims to have taken over, and what is there.
  const progress = async () => {
    const { rows } = await database.query(`select worker, lease_until > clock_now() as looking,
      (select count(*)::int from message where flow_id = 'poll-kills') as there,
      (cursor -> 'round' ->> 'pages')::int as pages, cursor ->> 'upTo' as up_to
      from source_binding where flow_id = 'poll-kills'`);
    const { worker, looking, there, pages, up_to: upTo } = rows[0];
    expect(there).toBeGreaterThanOrEqual((pages ?? 0) * 10);
    if (upTo !== null) expect(there).toBe(count);
    return { pid: Number(/^polls (\d+) /.exec(worker ?? "")?.[1]), looking, there, done: upTo !== null };
  };
  for (;;) {
    const at = await until(
      async () => {
        const now = await progress();
        return now.done || (now.looking && now.there > killedAt + 20) ? now : null;
      },
      { timeoutMs: 60_000, what: "the poll to go on" },
    );
    if (at.done) break;
    killedAt = at.there;
    kills += 1;
    await cluster.killWorker(cluster.workerPids().indexOf(at.pid));
  }
  expect(kills).toBeGreaterThan(3);
  const taken = (await messages("poll-kills")).map(({ key }) => key);
  expect(taken.length).toBe(count);
  expect(new Set(taken).size).toBe(count);
  await cluster.settled();
  console.log(`${count} records on ${count / 10} pages, ${kills} workers killed: each taken over once.`);
  await pause("poll-kills");
});

it("takes a record over again when it has changed, and not when the overlap shows it again", async () => {
  await deploy(cluster, pollFlow("poll-overlap", { everySeconds: 1 }));
  const first = new Date(Date.now() - 30_000);
  await placeOrder("overlap-1", first);
  const ours = async () => (await messages("poll-overlap")).filter(({ key }) => key === "overlap-1");
  await until(async () => (await ours()).length === 1, { timeoutMs: 30_000, what: "the order" });
  const looked = (await sourceOf("poll-overlap")).lookedAt;
  await until(async () => (await sourceOf("poll-overlap")).lookedAt > looked, { timeoutMs: 30_000, what: "another look" });
  await until(async () => (await sourceOf("poll-overlap")).state === "active");
  expect(await ours()).toHaveLength(1);
  const changed = new Date();
  await placeOrder("overlap-1", changed, { note: "changed" });
  await until(async () => (await ours()).length === 2, { timeoutMs: 30_000, what: "the change" });
  // Shown late: older than what the cursor knows, but within the overlap.
  await placeOrder("overlap-late", new Date(changed.getTime() - 120_000));
  await until(async () => (await messages("poll-overlap")).some(({ key }) => key === "overlap-late"), { timeoutMs: 30_000 });
  expect((await ours()).map(({ version }) => version)).toEqual([first.toISOString(), changed.toISOString()]);
  await pause("poll-overlap");
});

it("tells what went wrong, waits as asked, and does not look while paused", async () => {
  await cluster.fault({ connection: "northwind-shop", kind: "503", times: 1, retryAfter: 1 });
  await deploy(cluster, pollFlow("poll-errors", { everySeconds: 1 }));
  const failed = await until(async () => {
    const source = await sourceOf("poll-errors");
    return source.failures > 0 ? source : null;
  });
  expect(failed.lastError).toMatchObject({ class: "transient", reason: { message: expect.stringContaining("503") } });
  expect(Date.parse(failed.dueAt) - Date.parse(failed.lastError.at)).toBeGreaterThanOrEqual(1_000);
  const mended = await until(
    async () => {
      const source = await sourceOf("poll-errors");
      return source.failures === 0 && source.upTo ? source : null;
    },
    { timeoutMs: 30_000, what: "the poll to be well again" },
  );
  expect(mended).toMatchObject({ transport: "poll", connection: "northwind-shop", state: "active", lastError: null });
  expect(mended.lagMs).toBeGreaterThanOrEqual(0);
  await pause("poll-errors");
  await until(async () => !(await sourceOf("poll-errors")).looking);
  await placeOrder("while-paused", new Date());
  const { lookedAt } = await sourceOf("poll-errors");
  // As long as it would have taken to look twice, with another source's looks as the clock.
  await deploy(cluster, pollFlow("poll-clock", { everySeconds: 1 }));
  await until(async () => (await messages("poll-clock")).some(({ key }) => key === "while-paused"), { timeoutMs: 30_000 });
  const clockAt = (await sourceOf("poll-clock")).lookedAt;
  await until(async () => (await sourceOf("poll-clock")).lookedAt > clockAt, { timeoutMs: 30_000 });
  await pause("poll-clock");
  expect(await sourceOf("poll-errors")).toMatchObject({ state: "paused", lookedAt });
  await cluster.call("PUT", "/api/v1/environments/dev/deployments/poll-errors", { state: "active" });
  await until(async () => (await messages("poll-errors")).some(({ key }) => key === "while-paused"), { timeoutMs: 30_000 });
  await pause("poll-errors");
});

it("pauses the connection whose credentials are refused, and goes on once they are mended", async () => {
  const secrets = { webhookSecret: "northwind-sandbox-secret", accessToken: "northwind-sandbox-shop-token" };
  await cluster.setSecrets("northwind-shop", { ...secrets, accessToken: "wrong" });
  await deploy(cluster, pollFlow("poll-auth", { everySeconds: 1 }));
  const connection = async () =>
    (await cluster.call("GET", "/api/v1/environments/dev/connections")).body.items.find(
      ({ name }: { name: string }) => name === "northwind-shop",
    );
  await until(async () => (await connection()).state === "authFailed", { timeoutMs: 30_000 });
  expect(await sourceOf("poll-auth")).toMatchObject({ state: "paused", failures: 1, lastError: { class: "auth" } });
  await cluster.setSecrets("northwind-shop", secrets);
  await cluster.call("POST", "/api/v1/environments/dev/connections/northwind-shop/resume");
  await until(async () => (await sourceOf("poll-auth")).messages > 0, { timeoutMs: 30_000 });
  expect(await sourceOf("poll-auth")).toMatchObject({ state: "active", failures: 0, lastError: null });
  await pause("poll-auth");
});

it("retires a source whose node is gone, and goes on from its cursor when it comes back", async () => {
  const flow = pollFlow("poll-gone", { everySeconds: 1 });
  await deploy(cluster, flow);
  const before = await until(
    async () => {
      const source = await sourceOf("poll-gone");
      return source?.upTo ? source : null;
    },
    { timeoutMs: 30_000 },
  );
  const renamed = { ...flow, nodes: flow.nodes.map((node) => (node.id === "orders" ? { ...node, id: "others" } : node)) };
  await deploy(cluster, {
    ...renamed,
    edges: [{ id: "e1", from: { node: "others", port: "out" }, to: { node: "keep", port: "in" } }],
  });
  const sources = (await cluster.call("GET", "/api/v1/environments/dev/sources?flow=poll-gone")).body.items;
  expect(sources).toMatchObject([
    { node: "orders", state: "retired", dueAt: null },
    { node: "others", state: "active" },
  ]);
  await deploy(cluster, flow);
  const back = (await cluster.call("GET", "/api/v1/environments/dev/sources?flow=poll-gone")).body.items;
  expect(back).toMatchObject([
    { id: before.id, node: "orders", state: "active" },
    { node: "others", state: "retired" },
  ]);
  expect(back[0].upTo >= before.upTo).toBe(true);
  await pause("poll-gone");
});

/** Flows of a source and what follows it, deployed with their connection to the target. */
async function deployProof(connector: Connector, flows: Flow[]): Promise<void> {
  const used = flows.map((flow) => ({ ...flow, slots: flow.slots.filter(({ name }) => name === "system") }));
  await seedProof({ databaseUrl: cluster.databaseUrl, home: cluster.home, systemUrl: target.url, connector, flows: used });
}

const listed = (path: string): Flow => row(path, [{ id: "listed", type: `proof.${path}`, slot: "system", config: {} }]);

const health = async () => {
  const { items } = (await cluster.call("GET", "/api/v1/environments/dev/connections")).body;
  return items.find(({ name }: { name: string }) => name === "proof").health;
};

/** The most that any span of time has over what the rate allows in it; the way to the target may jitter by so much. */
function excess(times: number[], { perSecond, burst }: { perSecond: number; burst: number }, slackMs = 150): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let first = 0; first < times.length; first++) {
    for (let last = first; last < times.length; last++) {
      const allowed = burst + (((times[last] ?? 0) - (times[first] ?? 0) + slackMs) * perSecond) / 1000 + 1;
      most = Math.max(most, last - first + 1 - allowed);
    }
  }
  return most;
}

it("two polls of one connection share its rate evenly, over all workers, and an operation keeps to its own", async () => {
  const rate = { perSecond: 16, burst: 5 };
  const own = { perSecond: 2, burst: 1 };
  for (const path of ["first", "second", "slow"]) target.behave(`/${path}`, "pages");
  const connector = listedConnector({ first: {}, second: {}, slow: { rate: own } }, { rate });
  await deployProof(connector, [listed("first"), listed("second"), listed("slow")]);
  await until(() => target.seen("/").length >= 64, { timeoutMs: 20_000, what: "the pages" });
  await Promise.all(["first", "second", "slow"].map(pause));
  const all = target.seen("/");
  const [ofFirst, ofSecond] = [target.seen("/first"), target.seen("/second")];
  // One is deployed before the other.
  const both = Math.max(ofFirst[0] ?? 0, ofSecond[0] ?? 0);
  const [first = 0, second = 0] = [ofFirst, ofSecond].map((times) => times.filter((at) => at >= both).length);
  const seconds = ((all.at(-1) ?? 0) - (all[0] ?? 0)) / 1_000;
  console.log(`${first}, ${second} and ${target.seen("/slow").length} pages in ${seconds.toFixed(1)} s.`);
  expect(excess(all, rate)).toBeLessThanOrEqual(0);
  expect(excess(target.seen("/slow"), own)).toBeLessThanOrEqual(0);
  // Nor is it much slower than it may be, nor one of them kept from its turn.
  expect(seconds).toBeLessThan(8);
  expect(Math.min(first, second)).toBeGreaterThan(Math.max(first, second) / 2);
  expect(target.seen("/slow").length).toBeGreaterThan(3);
});

it("a Retry-After that a poll is given also holds the connection's effects, and one of an effect its polls", async () => {
  /** When the paths' next request comes, after `since`. */
  const next = (path: string, since: number) =>
    until(() => target.seen(path).find((at) => at > since), { timeoutMs: 20_000, everyMs: 10, what: `a request at ${path}` });
  const closed = async (since: number) => {
    await until(async () => (await health()).closedUntil !== null, { what: "the connection to be closed" });
    // Every worker has looked since.
    await until(() => performance.now() - since > 1_200);
  };
  const write = async (id: string) => {
    const body = JSON.stringify({ id, total: "1.00" });
    await until(
      async () => {
        const answer = await fetch(`${cluster.url}${hookPath("written")}`, {
          method: "POST",
          body,
          headers: deliveryHeaders(body, id),
        });
        return answer.status === 202;
      },
      { what: "the webhook to be taken" },
    );
  };
  target.behave("/held", { status: 429, retryAfter: 3 });
  await deployProof(listedConnector({ held: {} }), [listed("held"), row("written", [arrived, effect("natural")])]);
  const asked = await next("/held", 0);
  target.behave("/held", "once");
  await closed(asked);
  await write("one");
  expect((await next("/put/one", 0)) - asked).toBeGreaterThan(2_900);
  await next("/held", asked);
  target.behave("/put/two", { status: 429, retryAfter: 3 });
  await write("two");
  const refused = await next("/put/two", 0);
  target.behave("/put/two", "once");
  await closed(refused);
  const seen = await next("/held", refused + 1_000);
  expect(seen - refused).toBeGreaterThan(2_900);
  // It is the connection that held it: the poll itself was not refused, and counts no failure.
  expect(await sourceOf("held")).toMatchObject({ failures: 0, lastError: null });
});

it("a connection that is paused is not polled, and again as soon as it is resumed", async () => {
  const polled = target.seen("/held").length;
  await until(() => target.seen("/held").length > polled, { what: "a look" });
  await cluster.call("POST", "/api/v1/environments/dev/connections/proof/pause", {});
  expect(await sourceOf("held")).toMatchObject({ state: "paused" });
  await until(async () => !(await sourceOf("held")).looking);
  const before = target.seen("/held").length;
  // As long as it would have taken to look twice, with another source's looks as the clock.
  await deploy(cluster, pollFlow("poll-beside", { everySeconds: 1 }));
  const looks = new Set<string>();
  await until(
    async () => {
      const { lookedAt } = await sourceOf("poll-beside");
      if (lookedAt) looks.add(lookedAt);
      return looks.size > 3;
    },
    { timeoutMs: 30_000, what: "looks over another connection" },
  );
  await pause("poll-beside");
  expect(target.seen("/held").length).toBe(before);
  await cluster.call("POST", "/api/v1/environments/dev/connections/proof/resume");
  await until(() => target.seen("/held").length > before, { what: "a look after the connection was resumed" });
  await Promise.all(["held", "written"].map(pause));
});

it("takes messages out of a queue once they are stored, and knows those that the queue gives again", async () => {
  const bodies = [1, 2].map((n) => ({ NotificationMetadata: { NotificationId: `n-${n}` }, Payload: { Order: n } }));
  const left = new Map(bodies.map((body, place) => [`m-${place}`, JSON.stringify(body)]));
  const asked: string[] = [];
  const queue = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const action = String(request.headers["x-amz-target"]).replace("AmazonSQS.", "");
    const signed = /^AWS4-HMAC-SHA256 Credential=key-id\/\d{8}\/eu-west-1\/sqs\//.test(request.headers.authorization ?? "");
    const deletes = action === "DeleteMessageBatch";
    const fails = deletes && !asked.includes("DeleteMessageBatch signed");
    asked.push(`${action} ${signed ? "signed" : "unsigned"}`);
    const sent = JSON.parse(Buffer.concat(chunks).toString()) as { Entries?: { ReceiptHandle: string }[] };
    const messages = [...left].map(([id, Body]) => ({ MessageId: id, ReceiptHandle: `handle-${id}-${asked.length}`, Body }));
    if (deletes && !fails)
      for (const { ReceiptHandle } of sent.Entries ?? []) left.delete(ReceiptHandle.replace(/^handle-(m-\d+)-.*$/, "$1"));
    // Given out, a message is hidden for a while.
    const shown = asked.filter((each) => each.startsWith("Receive")).length % 2 === 1 ? messages : [];
    response.writeHead(fails ? 500 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(deletes ? { Successful: [] } : { Messages: shown }));
  });
  await new Promise<void>((resolve) => queue.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(queue.address() as AddressInfo).port}`;
  const config = { sellerId: "A2NORTHWIND00", region: "eu-west-1", queueUrl: `${baseUrl}/1/q`, baseUrl };
  const secrets = { accessKeyId: "key-id", secretAccessKey: "secret-key" };
  await cluster.connect({ name: "queue", connector: "amazon-notifications", config, secrets });
  const nodes = [{ id: "told", type: "amazon-notifications.notified", slot: "queue", config: { everySeconds: 1 } }];
  await deploy(cluster, chain("queued", nodes, [{ name: "queue", connector: "amazon-notifications" }]));
  await until(() => left.size === 0, { timeoutMs: 20_000, what: "the queue to be empty" });
  expect(await messages("queued")).toHaveLength(2);
  expect(asked.every((each) => each.endsWith(" signed"))).toBe(true);
  expect(asked.filter((each) => each.startsWith("Delete")).length).toBeGreaterThan(1);
  await cluster.call("PUT", "/api/v1/environments/dev/deployments/queued", { version: 1, state: "paused" });
  queue.closeAllConnections();
  queue.close();
});
