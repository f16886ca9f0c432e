import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorCatalogue } from "#runtime/api/errors.ts";
import { fromRoot } from "#runtime/root.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { hostileBodies, hostileParts, hostileValues } from "./support/hostile.ts";

interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

interface JsonSchema {
  type?: string;
  required?: string[];
  properties?: Record<string, JsonSchema>;
}

interface Operation {
  summary?: string;
  "x-permission"?: unknown;
  parameters?: { name: string; in: "path" | "query" }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }> }>;
}

let cluster: Cluster;
const assets = fromRoot("dist", "designer", "assets");
const agent = new Agent({ keepAlive: true });
beforeAll(async () => {
  cluster = await startCluster({ workers: 0 });
});
afterAll(async () => {
  agent.destroy();
  await cluster.stop();
});

/** Sends the path as it stands; a client that knows URLs would tidy it up first. */
async function send(method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}): Promise<Reply> {
  const { hostname, port } = new URL(cluster.url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method, path, headers, agent }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: said }), reject);
    });
    sent.setTimeout(10_000, () => sent.destroy(new Error(`${method} ${path.slice(0, 200)} was not answered within 10 s.`)));
    sent.on("error", reject);
    sent.end(body);
  });
}

/** What comes there is an OpenID provider's, which adds to it what it likes. */
const takesAnyQuery = "/api/v1/session/oidc/callback";

const json = { "content-type": "application/json" };
const sendJson = (method: string, path: string, body: unknown): Promise<Reply> => send(method, path, JSON.stringify(body), json);

/** Any answer but a failure of the server; an error is one of the catalogue, in a sentence of ours. */
function checkReply(what: string, { status, headers, text: said }: Reply): void {
  expect(status, `${what}: ${said.slice(0, 300)}`).toBeLessThan(500);
  if (status < 400) return;
  expect(headers["content-type"], what).toMatch(/^application\/json/);
  const error = JSON.parse(said) as { code: keyof typeof errorCatalogue; message: string };
  expect(Object.keys(errorCatalogue), what).toContain(error.code);
  expect([error.code, status], what).toEqual([error.code, errorCatalogue[error.code][0]]);
  expect(error.message, what).toMatch(/^[A-Z].*\.$/s);
  expect(error.message, what).not.toMatch(/querystring|must be (integer|string|object)|undefined|\[object/);
}

const operations = async (): Promise<{ method: string; path: string; operation: Operation }[]> => {
  const { paths } = JSON.parse((await send("GET", "/api/openapi.json")).text) as {
    paths: Record<string, Record<string, Operation>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
};

const usual: Record<string, string> = {
  environment: "dev",
  flow: "shopify-order-to-cash",
  node: "orders",
  number: "1",
  id: "0190a0a0-0000-7000-8000-000000000000",
  name: "northwind-erp",
};

const addressOf = (path: string, params: Record<string, string> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? usual[name] ?? "x");

const usualBody = (schema: JsonSchema): Record<string, unknown> => {
  const values: Record<string, unknown> = { revision: 1, flow: {}, ids: [usual.id], note: "A note." };
  return Object.fromEntries((schema.required ?? []).map((name) => [name, values[name]]));
};

describe("hostile requests", () => {
  it("in params and queries are answered, and never as a failure of the server", async () => {
    const known = await operations();
    expect(known.length).toBeGreaterThan(20);
    for (const { method, path, operation } of known) {
      const parameters = operation.parameters ?? [];
      for (const { name, in: place } of parameters) {
        for (const part of hostileParts) {
          const address = place === "path" ? addressOf(path, { [name]: part }) : `${addressOf(path)}?${name}=${part}`;
          checkReply(`${method} ${address}`, await send(method, address));
        }
        if (place === "query") checkReply(`${name} twice`, await send(method, `${addressOf(path)}?${name}=1&${name}=2`));
      }
      if (path.startsWith("/api/") && path !== takesAnyQuery) {
        const reply = await send(method, `${addressOf(path)}?nobodyKnows=1`);
        // What only a person may do is refused to whoever is none before anything else.
        expect([path, reply.status]).toEqual([path, operation["x-permission"] === "signedIn" ? 403 : 400]);
      }
    }
  });

  it("in bodies are answered, and never as a failure of the server", async () => {
    for (const { method, path, operation } of await operations()) {
      if (method === "GET") continue;
      // No body is right for what takes something away: the sandbox's own flow stays.
      const address = addressOf(path, method === "DELETE" ? { flow: "nobodys" } : {});
      for (const [what, body, headers, code] of hostileBodies) {
        const reply = await send(method, address, body, headers);
        checkReply(`${method} ${path} with ${what}`, reply);
        if (code && operation.requestBody && path.startsWith("/api/v1/"))
          expect([path, what, JSON.parse(reply.text).code]).toEqual([path, what, code]);
      }
      const schema = operation.requestBody?.content["application/json"]?.schema;
      if (!schema) continue;
      for (const name of [...Object.keys(schema.properties ?? {}), "nobodyKnows"]) {
        for (const value of [...hostileValues, undefined]) {
          const what = `${method} ${path} with ${name}: ${JSON.stringify(value)?.slice(0, 100)}`;
          checkReply(what, await sendJson(method, addressOf(path), { ...usualBody(schema), [name]: value }));
        }
      }
    }
  });

  it("that are no HTTP get the same kind of answer", async () => {
    const { hostname, port } = new URL(cluster.url);
    const socket = connect(Number(port), hostname);
    socket.end("NONSENSE\r\n\r\n");
    const [, body = ""] = (await text(socket)).split("\r\n\r\n");
    expect(JSON.parse(body)).toMatchObject({ code: "badRequest", message: "The request is not valid: it is no HTTP." });
  });
});

const flowPath = "/api/v1/flows/shopify-order-to-cash";
const deploymentPath = "/api/v1/environments/dev/deployments/shopify-order-to-cash";
const dead = "/api/v1/dead-letters";

describe("the test of a connection", () => {
  const at = "/api/v1/environments/dev/connections";
  const listed = async (name: string) => {
    const { items } = JSON.parse((await send("GET", at)).text) as { items: { name: string; tested: unknown }[] };
    return items.find((one) => one.name === name)?.tested;
  };

  it.each(["northwind-shop", "northwind-erp", "northwind-wms"])("lets %s of the sandbox in, and is kept", async (name) => {
    const result = JSON.parse((await sendJson("POST", `${at}/${name}/test`, {})).text);
    expect(result).toMatchObject({ outcome: "passed", status: 200, hint: null });
    expect(await listed(name)).toMatchObject({ ...result, by: expect.any(String) });
  });

  it("says what is wrong with a folder, and forgets it with other settings", async () => {
    const settings = (folder: string) => ({ connector: "files", config: { folder } });
    await sendJson("PUT", `${at}/inbox`, settings("nowhere"));
    const result = JSON.parse((await sendJson("POST", `${at}/inbox/test`, {})).text);
    expect(result).toMatchObject({ outcome: "failed", status: null, hint: "Make it, or correct the connection." });
    expect(await listed("inbox")).toMatchObject({ outcome: "failed" });
    // The account of a folder is its name: another one is another connection.
    await sendJson("PUT", `${at}/caller`, {
      connector: "service",
      config: { name: "till" },
      secrets: { apiKey: "k".repeat(32) },
    });
    await sendJson("POST", `${at}/caller/test`, {});
    expect(await listed("caller")).toMatchObject({ outcome: "untested", ms: null });
    await sendJson("PUT", `${at}/caller`, {
      connector: "service",
      config: { name: "till" },
      secrets: { apiKey: "l".repeat(32) },
    });
    expect(await listed("caller")).toBeNull();
  });
});

describe("a connection", () => {
  const at = "/api/v1/environments/dev/connections/till-shop";
  const shop = (baseUrl: string, shopDomain = "till.myshopify.com") => ({
    connector: "shopify",
    config: { shopDomain, baseUrl },
  });
  const secrets = { webhookSecret: "webhook-secret-1", accessToken: "access-token-1" };
  const refused = async (body: unknown) => {
    const { status, text: said } = await sendJson("PUT", at, body);
    return { status, ...(JSON.parse(said) as object) };
  };

  it("incident: a connection's secrets sent to a thief's host by its address alone", async () => {
    expect(await refused({ ...shop("https://till.myshopify.com"), secrets })).toMatchObject({ status: 200 });
    // Another path at the same host is none.
    expect(await refused(shop("https://till.myshopify.com/admin"))).toMatchObject({ status: 200 });
    expect(await refused({ ...shop("https://thief.example"), secrets: { accessToken: "x".repeat(16) } })).toMatchObject({
      status: 422,
      code: "secretsElsewhere",
      message: "Connection till-shop would send webhookSecret to https://thief.example, for which it was not given.",
      details: { places: ["https://thief.example"], secrets: ["webhookSecret"] },
    });
    const { items } = JSON.parse((await send("GET", "/api/v1/environments/dev/connections")).text);
    const kept = items.find(({ name }: { name: string }) => name === "till-shop");
    expect(kept.config.baseUrl).toBe("https://till.myshopify.com/admin");
    expect(await refused({ ...shop("https://elsewhere.myshopify.com"), secrets })).toMatchObject({ status: 200 });
  });

  it("stays of its connector and its account", async () => {
    const fixed = {
      status: 409,
      code: "connectionFixed",
      message: "Connection till-shop is of shopify and the account till.myshopify.com, and stays so.",
    };
    expect(await refused(shop("https://till.myshopify.com", "other.myshopify.com"))).toMatchObject(fixed);
    const other = { connector: "http", config: { accountName: "till", baseUrl: "https://till.myshopify.com" } };
    expect(await refused({ ...other, secrets: { key: "k".repeat(16) } })).toMatchObject(fixed);
  });
});

describe("what is refused", () => {
  it.each<[string, string, unknown, number, string, string]>([
    ["GET", "/api/v1/runs?limit=abc", undefined, 400, "badRequest", "limit must be a whole number from 1 to 200."],
    ["GET", "/api/v1/runs?limit=201", undefined, 400, "badRequest", "limit must be a whole number from 1 to 200."],
    ["GET", "/api/v1/runs?cursor=abc", undefined, 400, "badRequest", "cursor must be `next` of the page before."],
    ["GET", `${dead}?cursor=1`, undefined, 400, "badRequest", "cursor must be `next` of the page before."],
    ["GET", "/api/v1/runs?q=a%00b", undefined, 400, "badRequest", "the query at /q has text with U+0000"],
    ["GET", "/api/v1/runs?enviroment=dev", undefined, 400, "badRequest", 'the query has a property "enviroment"'],
    ["GET", "/api/v1/runs?environment=mars", undefined, 404, "notFound", "There is no environment mars."],
    ["GET", `${dead}?environment=mars`, undefined, 404, "notFound", "There is no environment mars."],
    ["GET", `${dead}?state=odd`, undefined, 400, "badRequest", 'state must be one of "open"'],
    ["GET", "/api/v1/flows?environment=mars", undefined, 404, "notFound", "There is no environment mars."],
    ["GET", "/api/v1/flows/nope/samples", undefined, 404, "notFound", "There is no flow nope."],
    ["GET", "/api/v1/environments/mars/connections", undefined, 404, "notFound", "There is no environment mars."],
    ["POST", "/api/v1/environments/mars/connections/x/pause", {}, 404, "notFound", "There is no environment mars."],
    ["POST", "/api/v1/environments/dev/connections/nope/test", {}, 404, "notFound", "There is no connection nope in dev."],
    ["POST", "/api/v1/environments/dev/connections/%00/pause", {}, 400, "badRequest", "the address at /name"],
    [
      "GET",
      "/api/v1/environments/mars/flows/shopify-order-to-cash/status",
      undefined,
      404,
      "notFound",
      "There is no environment mars.",
    ],
    [
      "GET",
      "/api/v1/environments/dev/flows/shopify-order-to-cash/status?minutes=1.5",
      undefined,
      400,
      "badRequest",
      "minutes must be a whole number from 1 to 10080.",
    ],
    ["PUT", deploymentPath.replace("dev", "mars"), {}, 404, "notFound", "There is no environment mars."],
    ["PUT", deploymentPath, { slots: { warehouse: "x" } }, 422, "slotUnknown", "has no slot warehouse."],
    ["PUT", deploymentPath, { versoin: 1 }, 400, "badRequest", 'has a property "versoin" that is not known'],
    ["PUT", deploymentPath, undefined, 400, "badRequest", "it needs a body of JSON."],
    ["PUT", `${flowPath}/draft`, { revision: 1, flow: { name: "a\u0000b" } }, 400, "badRequest", "the body at /flow/name"],
    ["POST", `${flowPath}/versions`, { revision: 1, note: "a\ud800b" }, 400, "badRequest", "the body at /note"],
    ["POST", `${dead}/${usual.id}/resolve`, { note: "a\u0000b" }, 400, "badRequest", "the body at /note"],
    ["POST", `${dead}/${usual.id}/resolve`, {}, 400, "badRequest", 'the body has no "note".'],
    ["GET", "/api/v1/runs/%ff", undefined, 400, "badRequest", "its address cannot be decoded."],
    ["GET", `/api/v1/flows/${"x".repeat(300)}`, undefined, 404, "notFound", "There is no GET /api/v1/flows/xxx"],
    ["GET", "/assets/nope.js", undefined, 404, "notFound", "There is no GET /assets/nope.js."],
    ["POST", "/hooks/dev/%00/orders", {}, 404, "unknownHook", ""],
    ["POST", "/hooks/%00/a/b", {}, 404, "unknownHook", ""],
    ["POST", "/hooks/dev/%ff/orders", {}, 404, "unknownHook", ""],
    ["POST", `/hooks/dev/${"x".repeat(300)}/orders`, {}, 404, "unknownHook", ""],
  ])("%s %s %j: %i %s", async (method, path, body, status, code, says) => {
    const reply = await (body === undefined ? send(method, path) : sendJson(method, path, body));
    checkReply(path, reply);
    const error = JSON.parse(reply.text) as { code: string; message: string };
    expect([reply.status, error.code]).toEqual([status, code]);
    expect(error.message).toContain(says);
  });

  it("is a content type other than JSON, and a packed body of the management API", async () => {
    const path = `${dead}/retry`;
    const form = await send("POST", path, "ids=1", { "content-type": "application/x-www-form-urlencoded" });
    expect([form.status, JSON.parse(form.text).code]).toEqual([415, "unsupportedMediaType"]);
    const packed = await send("POST", path, gzipSync("{}"), { ...json, "content-encoding": "gzip" });
    expect([packed.status, JSON.parse(packed.text).code]).toEqual([415, "unsupportedEncoding"]);
  });
});

describe("an error answer", () => {
  it("keeps the place of each problem, and the details of a conflict", async () => {
    const { flow, revision } = JSON.parse((await send("GET", flowPath)).text);
    const conflict = JSON.parse((await sendJson("PUT", `${flowPath}/draft`, { revision: revision + 1, flow })).text);
    expect(conflict).toMatchObject({ code: "draftConflict", details: { revision, updatedAt: expect.any(String) } });
    flow.nodes[0].type = 7;
    const malformed = JSON.parse((await sendJson("PUT", `${flowPath}/draft`, { revision, flow })).text);
    expect(malformed).toMatchObject({
      code: "flowMalformed",
      problems: [{ pointer: "/nodes/0/type", severity: "error", node: "orders" }],
    });
  });
});

describe("a key of a document that the database cannot hold", () => {
  it("is kept as its hash: the sender would repeat the message for ever", async () => {
    const event = { "x-shopify-event-id": "" };
    const body = (id: string): string => JSON.stringify({ ...JSON.parse(makeShopifyOrder("api", 1).body.toString()), id });
    const [first, other, again] = [
      await cluster.deliver(body("1\u0000"), event),
      await cluster.deliver(body("1\ud800"), event),
      await cluster.deliver(body("1\u0000"), event),
    ];
    expect([first.status, other.status, again.status]).toEqual([202, 202, 202]);
    expect(other.body.receipt).not.toBe(first.body.receipt);
    expect(again.body.receipt).toBe(first.body.receipt);
  });
});

describe("the list of flows", () => {
  it("counts the runs of one environment, or of all", async () => {
    const counted = async (query: string): Promise<unknown> => {
      const { items } = (await cluster.call("GET", `/api/v1/flows${query}`)).body;
      const { runs24h, lastRunAt, openDeadLetters } = items[0];
      return [runs24h > 0, lastRunAt !== null, openDeadLetters];
    };
    await cluster.deliver(makeShopifyOrder("api", 2).body);
    expect(await counted("")).toEqual([true, true, 0]);
    expect(await counted("?environment=dev")).toEqual([true, true, 0]);
    expect(await counted("?environment=prod")).toEqual([false, false, 0]);
  });
});

describe("the designer", () => {
  it("is served with its files, answers its screens, and needs no restart when it is built again", async () => {
    const built = mkdirSync(assets, { recursive: true }) === undefined && existsSync(join(assets, "..", "index.html"));
    const fresh = join(assets, "made-by-a-test.js");
    writeFileSync(fresh, "export {};");
    try {
      const file = await send("GET", "/assets/made-by-a-test.js?v=1");
      expect([file.status, file.text, file.headers["cache-control"]]).toEqual([
        200,
        "export {};",
        expect.stringMatching(/immutable/),
      ]);
    } finally {
      rmSync(fresh);
    }
    for (const path of ["/assets/made-by-a-test.js", "/assets/", "/assets/..%2findex.html"]) {
      const gone = await send("GET", path);
      expect([path, gone.status]).toEqual([path, 404]);
      checkReply(path, gone);
    }
    if (!built) return;
    const nonces = new Set<string | undefined>();
    for (const path of ["/", "/flows/any", "/index.html", "/..%2f..%2fpackage.json", "/../../package.json"]) {
      const screen = await send("GET", path);
      expect([path, screen.status, screen.headers["cache-control"]]).toEqual([path, 200, "no-store"]);
      expect(screen.text).toContain("<!doctype html>");
      const nonce = /'nonce-([\w-]{20,})'/.exec(String(screen.headers["content-security-policy"]))?.[1];
      expect(screen.text).toContain(`nonce="${nonce}"`);
      expect(nonces.has(nonce)).toBe(false);
      nonces.add(nonce);
      // Attributes alone: no style sheet, and no script, stands in a page without the nonce.
      const unsafe = String(screen.headers["content-security-policy"])
        .split(";")
        .filter((rule) => rule.includes("unsafe"));
      expect(unsafe).toEqual(["style-src-attr 'unsafe-inline'"]);
      expect((await send("HEAD", path)).status).toBe(200);
    }
  });
});

describe("the page of the API", () => {
  it("tells of every route what it is for, how it fails, and what a flow is", async () => {
    const known = await operations();
    const paths = known.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["/healthz", "/readyz", "/metrics", "/hooks/{environment}/{flow}/{node}"]));
    for (const { method, path, operation } of known) {
      expect([method, path, operation.summary]).toEqual([method, path, expect.any(String)]);
      if (!/^\/(api|hooks)\//.test(path)) continue;
      const errors = operation.responses["4XX"]?.content?.["application/json"]?.schema;
      expect([path, errors?.required]).toEqual([path, ["code", "message"]]);
    }
    const hook = known.find(({ path, method }) => path.startsWith("/hooks/") && method === "POST")?.operation;
    expect(Object.keys(hook?.responses ?? {})).toContain("202");
    const draft = known.find(({ path, method }) => path.endsWith("/draft") && method === "PUT")?.operation;
    const body = draft?.requestBody?.content["application/json"]?.schema;
    expect(body?.properties?.flow?.properties).toHaveProperty("nodes");
  });
});
