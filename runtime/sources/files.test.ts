import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { deployments } from "#runtime/engine/deployments.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { readSettings } from "#runtime/settings.ts";
import { putConnection } from "#runtime/store/connections.ts";
import { putDeployment } from "#runtime/store/deployments.ts";
import { createFlow, publishVersion, readVersion } from "#runtime/store/flows.ts";
import { claimSources, listSources } from "#runtime/store/sources.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import { chain } from "../../test/support/deploy.ts";
import { sftpUser, startSftp, type TestSftp } from "../../test/support/sftpServer.ts";
import { lookFolder, openFolder } from "./files.ts";
import type { Folder } from "./folder.ts";
import { openLocalFolder } from "./localFolder.ts";

let store: Store;
let sftp: TestSftp;
let root: string;
let sftpRoot: string;
let parts: EngineParts;
let flows = 0;
/** How far the database's clock has been moved, in seconds. */
let clock = 0;

const LEASE_S = 2;
const LIMIT = 1_000;

beforeAll(async () => {
  store = await openStore();
  root = await mkdtemp(join(tmpdir(), "orderloom-files-"));
  sftpRoot = await mkdtemp(join(tmpdir(), "orderloom-sftp-"));
  sftp = await startSftp(sftpRoot);
  const settings = { ...readSettings({}), filesRoot: root, leaseMs: LEASE_S * 1000, maxBodyBytes: LIMIT };
  const nobody = () => Promise.reject(new Error("Nothing is evaluated here."));
  parts = {
    settings,
    reaches: openReaches(settings.reach),
    db: store.db,
    box: store.box,
    deployments: deployments(store.db, store.box),
    log: pino({ level: "silent" }),
    http: { perform: nobody },
    evaluators: { segment: nobody, answer: nobody, poll: nobody, expression: nobody, close: async () => {} },
    queues: { hint: async () => {}, listen: nobody, close: async () => {} },
  } as unknown as EngineParts;
});
afterAll(async () => {
  await sftp?.close();
  await store?.close();
  for (const folder of [root, sftpRoot]) await rm(folder, { recursive: true, force: true });
});

interface Inbox {
  /** The folder on this machine, also where the source reaches it by SFTP. */
  path: string;
  put(name: string, text: string): Promise<void>;
  /** One look; the folder's operations pass through `around`. True when there was something to look through. */
  look(around?: (folder: Folder) => Folder): Promise<boolean>;
  /** Looks until nothing is left to do. */
  lookOn(): Promise<void>;
  /** Bodies of the messages, in their order. */
  messages(): Promise<Record<string, unknown>[]>;
  names(folder: string): Promise<string[]>;
  source(): Promise<Awaited<ReturnType<typeof listSources>>[number] | undefined>;
}

/** A deployed flow that takes files, of a connection and folder of its own. */
async function inbox(kind: "files" | "sftp", config: object = {}, connection: object = {}): Promise<Inbox> {
  flows += 1;
  const id = `${kind}-${flows}`;
  const path = join(kind === "files" ? root : sftpRoot, id);
  await mkdir(path);
  const flow = chain(
    id,
    [{ id: "in", type: `${kind}.fileArrived`, slot: "folder", config: { ...config } }],
    [{ name: "folder", connector: kind }],
  );
  const { catalog } = await builtCatalog();
  const held =
    kind === "files"
      ? { folder: id }
      : { host: "127.0.0.1", port: sftp.port, username: sftpUser.username, folder: `/${id}`, hostKey: sftp.hostKey };
  const input = {
    environment: "dev",
    name: id,
    connector: kind,
    connectorVersion: "1.0.0",
    systemAccount: id,
    config: { ...held, ...connection },
    secrets: kind === "files" ? {} : { password: sftpUser.password },
    sandbox: false,
  };
  const connectionId = await putConnection(store.db, store.box, input, "test");
  await createFlow(store.db, flow, "test");
  await publishVersion(store.db, flow, makeLock(flow, catalog), "", "test");
  const version = await readVersion(store.db, id, "latest");
  if (!version) throw new Error("The flow was published and is not there.");
  await putDeployment(store.db, "dev", id, { version, slots: { folder: connectionId }, state: "active" }, "test");
  const look: Inbox["look"] = async (around = (folder) => folder) => {
    // Past the interval, and past the lease of one that broke off.
    clock += 120;
    await store.pass(clock);
    const [source] = (
      await claimSources(store.db, { worker: "w", workerGroup: "default", leaseMs: LEASE_S * 1000, most: 100 })
    ).filter(({ flow: of }) => of === id);
    if (!source) return false;
    parts.deployments.forget();
    await lookFolder({ parts, source, signal: new AbortController().signal }, async (...given) =>
      around(await openFolder(...given)),
    );
    return true;
  };
  return {
    path,
    put: async (name, text) => {
      await writeFile(join(path, name), text);
      const at = new Date(Date.now() - 60_000);
      await utimes(join(path, name), at, at);
    },
    look,
    lookOn: async () => {
      for (let looks = 0; looks < 4; looks++) await look();
    },
    messages: async () =>
      (await store.db.selectFrom("message").select("body").where("flow_id", "=", id).orderBy("id").execute()).map(
        ({ body }) => JSON.parse(body ?? "") as Record<string, unknown>,
      ),
    names: async (folder) => (await readdir(join(path, folder))).sort(),
    source: async () => (await listSources(store.db, "dev", id))[0],
  };
}

describe.each(["files", "sftp"] as const)("%s", (kind) => {
  it("takes a file once it has rested, one message each, and archives it", async () => {
    const box = await inbox(kind, { names: "*.csv", format: "csv" });
    await box.put("orders.csv", "id,total\n1,10.00\n2,20.50\n");
    await box.put("notes.txt", "not asked for");
    await box.put("late.csv.part", "still written");
    await box.look();
    expect(await box.messages()).toEqual([]);
    await appendFile(join(box.path, "orders.csv"), "3,5.00\n");
    await box.look();
    expect(await box.messages()).toEqual([]);
    await box.look();
    const rows = [
      { id: "1", total: "10.00" },
      { id: "2", total: "20.50" },
      { id: "3", total: "5.00" },
    ];
    expect(await box.messages()).toEqual([
      { name: "orders.csv", path: "orders.csv", size: 32, modifiedAt: expect.stringMatching(/^\d{4}-.*Z$/), rows },
    ]);
    expect(await box.names("archive")).toEqual([expect.stringMatching(/^[0-9a-f-]{36}~orders\.csv$/)]);
    expect((await box.names("")).filter((name) => name.includes("."))).toEqual(["late.csv.part", "notes.txt"]);
    await box.lookOn();
    expect(await box.messages()).toHaveLength(1);
    // The same name again, with another time: another file.
    await box.put("orders.csv", "id,total\n1,10.00\n2,20.50\n3,5.00\n");
    await box.lookOn();
    expect(await box.messages()).toHaveLength(2);
  });

  it("puts a file that cannot be a message aside with its reason, says so, and takes the others", async () => {
    const box = await inbox(kind, { format: "json" });
    await box.put("bad.json", '{"id": ');
    await box.put("large.json", JSON.stringify("x".repeat(LIMIT)));
    await box.put("good.json", '{"id": 820982911946154508}');
    await box.lookOn();
    expect((await box.messages()).map(({ json }) => json)).toEqual([{ id: "820982911946154508" }]);
    const refused = await box.names("error");
    expect(refused.map((name) => name.replace(/^.*~/, "")).sort()).toEqual([
      "bad.json",
      "bad.json.reason.txt",
      "large.json",
      "large.json.reason.txt",
    ]);
    const reasonOf = async (name: string) =>
      readFile(join(box.path, "error", refused.find((each) => each.endsWith(name)) ?? ""), "utf8");
    expect(await reasonOf("bad.json.reason.txt")).toMatch(/not JSON/);
    expect(await reasonOf("large.json.reason.txt")).toMatch(/1002 bytes, more than the 1000/);
    expect(await box.source()).toMatchObject({ failures: 0, lastError: { class: "invalid", reason: { code: "file.refused" } } });
    for (const name of refused) await rm(join(box.path, "error", name));
    await box.look();
    expect(await box.source()).toMatchObject({ lastError: null });
  });

  it("loses no file and takes none twice, wherever a look breaks off", async () => {
    class Crash extends Error {}
    /** Breaks off before or after the operation of that number; counts them all. */
    const crashing =
      (at: number, when: "before" | "after", counted: { operations: number }) =>
      (folder: Folder): Folder => {
        const step =
          <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
          async (...given: Arguments): Promise<Result> => {
            counted.operations += 1;
            const here = counted.operations === at;
            if (here && when === "before") throw new Crash();
            const result = await work(...given);
            if (here) throw new Crash();
            return result;
          };
        return {
          ...folder,
          list: step(folder.list),
          read: step(folder.read),
          move: step(folder.move),
          write: step(folder.write),
        };
      };
    let points = 0;
    for (const when of ["before", "after"] as const) {
      for (let at = 1; ; at++) {
        const box = await inbox(kind, { format: "json" });
        for (const number of [1, 2]) await box.put(`${number}.json`, `{"n": ${number}}`);
        await box.put("bad.json", "{");
        await box.look();
        const counted = { operations: 0 };
        const brokeOff = await box.look(crashing(at, when, counted)).then(
          () => false,
          (error: unknown) => {
            if (error instanceof Crash) return true;
            throw error;
          },
        );
        await box.lookOn();
        const where = `${when} operation ${at}`;
        expect((await box.messages()).map(({ json }) => (json as { n: number }).n).sort(), where).toEqual([1, 2]);
        expect(await box.names("archive"), where).toHaveLength(2);
        expect(
          (await box.names("error")).map((name) => name.replace(/^.*~/, "")),
          where,
        ).toEqual(["bad.json", "bad.json.reason.txt"]);
        expect(await box.names("processing"), where).toEqual([]);
        if (!brokeOff) break;
        points += 1;
      }
    }
    console.log(`${kind}: broken off at ${points} points, no file lost or doubled.`);
    expect(points).toBeGreaterThan(16);
  });

  it("leaves alone what another look has taken over", async () => {
    const box = await inbox(kind, { format: "json" });
    await box.put("1.json", "{}");
    await box.look();
    // While this look holds a claimed file, its lease ends and another takes the source over, and the file.
    let overtaken = false;
    await box.look((folder) => ({
      ...folder,
      read: async (...given) => {
        const bytes = await folder.read(...given);
        if (!overtaken) {
          overtaken = true;
          await box.look();
          await box.look();
        }
        return bytes;
      },
    }));
    await box.lookOn();
    expect(overtaken).toBe(true);
    expect(await box.messages()).toHaveLength(1);
    expect(await box.names("archive")).toHaveLength(1);
    expect(await box.names("processing")).toEqual([]);
  });
});

describe("a local folder", () => {
  it.each([
    ["leads out by a link", "linked", "leads out of the folder for files"],
    ["leads out by its name", "../elsewhere", "leads out|no folder"],
    ["is not there", "nowhere", "There is no folder nowhere"],
  ])("incident: a path that leads out of the folder for files; one that %s is refused by name", async (_what, folder, says) => {
    const outside = await mkdtemp(join(tmpdir(), "orderloom-outside-"));
    await rm(join(root, "linked"), { force: true });
    await symlink(outside, join(root, "linked"));
    const box = await inbox("files", {}, { folder });
    await box.look();
    expect(await box.source()).toMatchObject({
      failures: 1,
      lastError: { class: "rejected", reason: { code: "folder.unusable" } },
    });
    expect((await box.source())?.lastError?.reason.message).toMatch(new RegExp(says));
    expect(await readdir(outside)).toEqual([]);
    await rm(outside, { recursive: true });
  });

  it("incident: a link in the place of a file", async () => {
    const box = await inbox("files");
    await writeFile(join(root, "secret.txt"), "secret");
    await symlink(join(root, "secret.txt"), join(box.path, "order.txt"));
    await box.lookOn();
    expect(await box.messages()).toEqual([]);
    // Nor is one written through.
    const folder = await openLocalFolder(root, []);
    await symlink(join(root, "secret.txt"), join(root, "out.txt"));
    await expect(folder.write({ folder: "", name: "out.txt" }, "overwritten")).rejects.toThrow("ELOOP");
    await rm(join(root, "out.txt"));
    for (const text of ["longer text", "text"]) await folder.write({ folder: "", name: "out.txt" }, text);
    expect([await readFile(join(root, "secret.txt"), "utf8"), await readFile(join(root, "out.txt"), "utf8")]).toEqual([
      "secret",
      "text",
    ]);
  });
});

describe("an SFTP server", () => {
  it.each([
    ["that shows another key", { hostKey: `SHA256:${"A".repeat(43)}` }, "sftp.hostKey"],
    ["that refuses the credentials", { username: "somebody" }, "sftp.refused"],
    ["that is the cloud's metadata, written in decimal,", { host: "2852039166" }, "sftp.outOfReach"],
  ])("%s pauses the connection", async (_what, connection, code) => {
    const box = await inbox("sftp", {}, connection);
    await box.look();
    expect(await box.source()).toMatchObject({ state: "paused", lastError: { class: "auth", reason: { code } } });
  });

  it("that is away is looked at again later", async () => {
    const box = await inbox("sftp", {}, { port: 1 });
    await box.look();
    expect(await box.source()).toMatchObject({
      state: "active",
      failures: 1,
      lastError: { class: "transient", reason: { code: "sftp.broken" } },
    });
  });
});
