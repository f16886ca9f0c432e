import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { SMTPServer } from "smtp-server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RenderedRequest, Transport } from "#nodes/plan.ts";
import type { HttpPerformer, Performed } from "#runtime/engine/perform.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { readSettings } from "#runtime/settings.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import type { Connector } from "#schemas/connector.ts";
import { createEmptyDatabase, type TestDatabase } from "../../test/support/database.ts";
import { sftpUser, startSftp, type TestSftp } from "../../test/support/sftpServer.ts";
import { openTransports, type Transports } from "./transports.ts";

const noHttp: HttpPerformer = { perform: () => Promise.reject(new Error("Nothing goes over HTTP here.")) };
const connector = {} as Connector;

const connection = (config: Record<string, unknown>, secrets: Record<string, string> = {}): OpenConnection =>
  ({ id: "c", name: "system", config, secrets, reach: [] }) as unknown as OpenConnection;

const request = (transport: Transport, more: Partial<RenderedRequest>): RenderedRequest => ({
  transport,
  method: "WRITE",
  path: "",
  query: {},
  headers: {},
  timeoutMs: 5_000,
  ...more,
});

let transports: Transports;
let filesRoot: string;
beforeAll(async () => {
  filesRoot = await mkdtemp(join(tmpdir(), "orderloom-drop-"));
  const settings = { ...readSettings({ ORDERLOOM_HOME: filesRoot }), filesRoot };
  const none = { db: {} as Db, deployments: { find: () => Promise.resolve(undefined) } };
  transports = openTransports(noHttp, { settings, reaches: openReaches(["loopback"]), ...none });
});
afterAll(async () => {
  await transports.close();
  await rm(filesRoot, { recursive: true });
});

const perform = (to: OpenConnection, asked: RenderedRequest): Promise<Performed> =>
  transports.performer.perform(connector, to, asked);

/** Status and body of an answer. */
async function answered(performed: Promise<Performed>): Promise<{ status: number; body: Record<string, unknown> }> {
  const done = await performed;
  if (!done.ok) throw new Error(done.failure.reason.message);
  return { status: done.response.status, body: JSON.parse(done.response.body) };
}

describe("a database", () => {
  let database: TestDatabase;
  let own: Client;
  let system: OpenConnection;
  beforeAll(async () => {
    database = await createEmptyDatabase("warehouse");
    own = new Client({ connectionString: database.url });
    await own.connect();
    await own.query(`create table orders (id text primary key, total numeric, placed date, seen bigint);
      create table orderloom_effect (effect_key varchar(700) primary key, done_at timestamp not null)`);
    const { hostname, port, username, password, pathname } = new URL(database.url);
    const config = {
      dialect: "postgresql",
      host: hostname,
      port: Number(port),
      database: pathname.slice(1),
      user: username,
      tls: "off",
    };
    system = connection(config, { password: decodeURIComponent(password) || "none" });
  });
  afterAll(async () => {
    await transports.close();
    await own.end();
    await database.drop();
  });

  const sql = (statements: [string, ...unknown[][]][], more: Partial<RenderedRequest> = {}, onceUnder?: string) =>
    request("sql", {
      body: { statements: statements.map(([statement, ...rows]) => ({ statement, rows })), ...(onceUnder ? { onceUnder } : {}) },
      ...more,
    });
  const count = async (): Promise<number> => Number((await own.query("select count(*) from orders")).rows[0].count);

  it("writes all of an item, or nothing of it", async () => {
    const insert = "insert into orders (id, total) values ($1, $2)";
    const good = await answered(perform(system, sql([[insert, ["a", "19.90"], ["b", null]]])));
    expect(good).toEqual({ status: 200, body: { rows: [], rowCount: 2, repeated: false } });
    const twice = await answered(perform(system, sql([[insert, ["c", "1"], ["a", "1"]]])));
    expect(twice).toMatchObject({ status: 409, body: { code: "23505" } });
    expect(await count()).toBe(2);
  });

  it("takes a value for what it is, whatever it looks like", async () => {
    const evil = "'; drop table orders; --";
    await answered(perform(system, sql([["insert into orders (id) values ($1)", [evil]]])));
    const read = await answered(perform(system, sql([["select id from orders where id = $1", [evil]]], { method: "READ" })));
    expect(read.body.rows).toEqual([{ id: evil }]);
  });

  it("gives numbers and days as they are written", async () => {
    const select =
      "select 12345678901234567890.10::numeric as n, 9007199254740993::bigint as b, date '2026-03-29' as d, null as x";
    const { body } = await answered(perform(system, sql([[select, []]], { method: "READ" })));
    expect(body.rows).toEqual([{ n: "12345678901234567890.10", b: "9007199254740993", d: "2026-03-29", x: null }]);
  });

  it("lets a read write nothing", async () => {
    const before = await count();
    const refused = await answered(perform(system, sql([["delete from orders", []]], { method: "READ" })));
    expect(refused).toMatchObject({ status: 403, body: { code: "25006" } });
    expect(await count()).toBe(before);
  });

  it("does an effect under its key once, however often and at once it is sent", async () => {
    const before = await count();
    const insert: [string, ...unknown[][]] = ["insert into orders (id) values (gen_random_uuid()::text)", []];
    const all = await Promise.all(
      Array.from({ length: 8 }, () => answered(perform(system, sql([insert], {}, "dev/w/sql.write/1/write")))),
    );
    expect(all.map(({ body }) => body.repeated).sort()).toEqual([false, ...Array(7).fill(true)]);
    expect(await count()).toBe(before + 1);
  });

  it.each([
    ["select * from nowhere", 400, "42P01"],
    ["select 1 / 0", 422, "22012"],
    ["insert into orders (id) values (null)", 422, "23502"],
  ])("says by a status what is wrong with %s", async (statement, status, code) => {
    expect(await answered(perform(system, sql([[statement, []]])))).toMatchObject({ status, body: { code } });
  });

  it("ends a statement that takes too long, with nothing applied", async () => {
    const slow = sql([["select pg_sleep(30)", []]], { timeoutMs: 100 });
    expect(await answered(perform(system, slow))).toMatchObject({ status: 504, body: { code: "57014" } });
  });

  it("opens a new connection where the kept one was cut", async () => {
    await own.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'orderloom' and datname = current_database()",
    );
    expect(await answered(perform(system, sql([["select 1 as one", []]], { method: "READ" })))).toMatchObject({
      body: { rows: [{ one: 1 }] },
    });
  });

  it("leaves in doubt what was cut at the commit, and nothing before it", async () => {
    const { port } = system.config as { port: number };
    const proxy = await cutAt(port, "commit");
    const through = connection({ ...system.config, port: proxy.port }, system.secrets);
    const done = await perform(through, sql([["insert into orders (id) values ('in-doubt')", []]]));
    expect(done).toMatchObject({ ok: false, applied: "maybe", failure: { class: "transient" } });
    await proxy.close();
    expect(await perform(through, sql([["select 1", []]]))).toMatchObject({
      ok: false,
      applied: "no",
      failure: { reason: { code: "notReached" } },
    });
  });
});

/** A proxy that cuts the connection when a client sends the word. */
async function cutAt(port: number, word: string): Promise<{ port: number; close(): Promise<void> }> {
  const { connect } = await import("node:net");
  const open = new Set<Socket>();
  const server: Server = createServer((client) => {
    const target = connect(port, "127.0.0.1");
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
    }
    client.on("data", (chunk) => {
      if (chunk.includes(word)) for (const socket of [client, target]) socket.destroy();
      else target.write(chunk);
    });
    target.pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

describe("a mailbox", () => {
  const messages: string[] = [];
  let server: SMTPServer;
  let system: OpenConnection;
  beforeAll(async () => {
    server = new SMTPServer({
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) =>
        password === "right" ? done(null, { user: username }) : done(new Error("Wrong password")),
      onRcptTo: ({ address }, _, done) =>
        address.startsWith("full")
          ? done(Object.assign(new Error("Mailbox full"), { responseCode: 452 }))
          : address.startsWith("no")
            ? done(Object.assign(new Error("No such user"), { responseCode: 550 }))
            : done(),
      onData(stream, _, done) {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          messages.push(Buffer.concat(chunks).toString());
          done();
        });
      },
    });
    server.listen(0, "127.0.0.1");
    await once(server.server, "listening");
    const { port } = server.server.address() as AddressInfo;
    system = connection(
      { host: "127.0.0.1", port, tls: "off", from: "orders@example.com", user: "orderloom" },
      { password: "right" },
    );
  });
  afterAll(async () => {
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const mail = (to: string, body: object = {}) =>
    request("mail", {
      method: "POST",
      headers: { "message-id": "dev/ops/mail.send/1/send" },
      body: { to, subject: "Late", text: "Order 1", ...body },
    });

  it("gets the message, known by the effect's key", async () => {
    const attachments = [{ filename: "order.csv", content: "id\n1\n" }];
    expect(await answered(perform(system, mail("ops@example.com", { attachments })))).toMatchObject({
      status: 200,
      body: { accepted: ["ops@example.com"] },
    });
    expect(messages[0]).toMatch(/Message-ID:\s+<[0-9a-f]{64}@orderloom>/);
    expect(messages[0]).toContain("From: orders@example.com");
    expect(messages[0]).toContain("filename=order.csv");
  });

  it.each([
    ["full@example.com", 503, "452"],
    ["nobody@example.com", 422, "550"],
  ])("says by a status that it does not take a message for %s", async (to, status, code) => {
    expect(await answered(perform(system, mail(to)))).toMatchObject({ status, body: { code } });
  });

  it("takes part of the addresses, and says so", async () => {
    const told = await answered(perform(system, mail("ops@example.com, nobody@example.com")));
    expect(told).toMatchObject({ status: 207, body: { accepted: ["ops@example.com"], rejected: ["nobody@example.com"] } });
  });

  it("says that the password is wrong, without it", async () => {
    const told = await answered(perform(connection(system.config, { password: "wrong-password" }), mail("ops@example.com")));
    expect(told.status).toBe(401);
    expect(JSON.stringify(told)).not.toContain("wrong-password");
  });

  it("reads no file of this machine for an attachment", async () => {
    const before = messages.length;
    const path = join(filesRoot, "secret.txt");
    await writeFile(path, "secret");
    await perform(system, mail("ops@example.com", { attachments: [{ filename: "x", path }] }));
    expect(messages.slice(before).join()).not.toContain(Buffer.from("secret").toString("base64"));
  });

  it("is not there, and nothing was sent", async () => {
    const away = connection({ ...system.config, port: 1 }, system.secrets);
    expect(await perform(away, mail("ops@example.com"))).toMatchObject({
      ok: false,
      applied: "no",
      failure: { class: "transient" },
    });
  });
});

describe("a folder", () => {
  let server: TestSftp;
  let remote: string;
  beforeAll(async () => {
    remote = await mkdtemp(join(tmpdir(), "orderloom-sftp-"));
    server = await startSftp(remote);
    for (const root of [join(filesRoot, "partner"), remote]) await mkdir(join(root, "out"), { recursive: true });
  });
  afterAll(async () => {
    await server.close();
    await rm(remote, { recursive: true });
  });
  const places: Record<"fileDrop" | "sftpDrop", () => { system: OpenConnection; root: string }> = {
    fileDrop: () => ({ system: connection({ folder: "partner" }), root: join(filesRoot, "partner") }),
    sftpDrop: () => {
      const { port, hostKey } = server;
      const config = { host: "127.0.0.1", port, username: sftpUser.username, folder: "", hostKey };
      return { system: connection(config, { password: sftpUser.password }), root: remote };
    },
  };

  it.each(["fileDrop", "sftpDrop"] as const)("gets a file by %s, whole, and again in its place", async (transport) => {
    const { system, root } = places[transport]();
    for (const body of ["id\r\n1\r\n", "id\r\n2\r\n"]) {
      const told = await answered(perform(system, request(transport, { method: "PUT", path: "out/o%C3%B6.csv", body })));
      expect(told).toEqual({ status: 201, body: { path: "out/oö.csv", size: 7 } });
      expect(await readFile(join(root, "out/oö.csv"), "utf8")).toBe(body);
    }
    await expect(readFile(join(root, "out/oö.csv.part"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it.each(["../evil.csv", "out/../../evil.csv", "", "a:b.csv"])("takes no name such as %s", async (path) => {
    const { system } = places.fileDrop();
    expect(await perform(system, request("fileDrop", { path, body: "x" }))).toMatchObject({
      ok: false,
      failure: { class: "invalid" },
      applied: "no",
    });
  });

  it("says which folder is not there", async () => {
    const { system } = places.fileDrop();
    const done = await perform(system, request("fileDrop", { path: "nowhere/a.csv", body: "x" }));
    expect(done).toMatchObject({ ok: false, failure: { class: "rejected", reason: { code: "folder.unusable" } } });
  });
});

describe("a system where nobody may go", () => {
  it.each([
    ["a mailbox", "mail", { host: "2852039166", port: 25, tls: "off" }, { body: { to: "a@example.com", text: "x" } }],
    ["a database", "sql", { dialect: "postgresql", host: "10.255.255.1", port: 5432, database: "x", user: "x" }, { body: [] }],
    ["a server for files", "sftpDrop", { host: "169.254.169.254", port: 22, username: "x", hostKey: "x" }, { path: "a.csv" }],
  ] as const)("%s: nothing is sent, and its connection waits for a person", async (_what, transport, config, more) => {
    expect(await perform(connection(config), request(transport, more))).toMatchObject({
      ok: false,
      failure: { class: "auth", reason: { message: expect.stringContaining("may not be reached"), hint: expect.any(String) } },
    });
  });
});
