import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listAudit } from "./audit.ts";
import { openConnections, putConnection } from "./connections.ts";
import { leaseCredential, readCredentialRow, settleCredential } from "./credentials.ts";
import type { Db } from "./database.ts";
import { newId } from "./ids.ts";
import { openKeyRing } from "./keyRing.ts";
import { keyUse, rotateKeys } from "./rekey.ts";
import { type SecretBox, secretBox } from "./secrets.ts";
import { openStore } from "./store.fixture.ts";
import { givenSecrets } from "./subscriptionSecrets.ts";
import { type ClaimedSubscription, claimSubscriptions, noteStep } from "./subscriptions.ts";

/** Keys change while processes run that know the old one alone. */

let store: Awaited<ReturnType<typeof openStore>>;
let home = "";
let box: SecretBox;
/** Another process of the same home. */
let other: SecretBox;
/** More than one batch. */
const ids: string[] = [];
let given: ClaimedSubscription;
let place = { environment: "dev", connectionId: "", kind: "token" };
const keysOf = (): string[] => readFileSync(join(home, "secret.key"), "utf8").trim().split("\n");

const put = (db: Db, with_: SecretBox, name: string, token: string) =>
  putConnection(
    db,
    with_,
    {
      environment: "dev",
      name,
      connector: "shopify",
      connectorVersion: "1.0.0",
      systemAccount: name,
      config: {},
      secrets: { token },
      sandbox: false,
    },
    "test",
  );

beforeAll(async () => {
  store = await openStore();
  // Those of the sandbox were sealed with a key of their own.
  await sql`update connection set secrets = null`.execute(store.db);
  home = mkdtempSync(join(tmpdir(), "orderloom-keys-"));
  [box, other] = [secretBox(openKeyRing(home, undefined)), secretBox(openKeyRing(home, undefined))];
  for (let count = 0; count < 60; count++) ids.push(await put(store.db, box, `c${count}`, `canary-${count}`));
  place = { ...place, connectionId: ids[0] ?? "" };
  const lease = newId();
  await leaseCredential(store.db, place, lease, 10_000);
  const kept = { token: "got", cookies: "", goodUntil: 1, fingerprint: "f", refreshOf: "r", revision: 1 };
  await settleCredential(store.db, box, place, lease, { kept });
  const by = { worker: "w1", workerGroup: "default", leaseMs: 10_000, most: 1 };
  const [subscription] = await claimSubscriptions(store.db, by);
  if (!subscription) throw new Error("no subscription");
  given = subscription;
  const noted = [{ id: "hook-1", topic: "", expiresAt: null, proof: null }];
  const told = { subscription: "hook-1", secret: "canary-given" };
  await noteStep(store.db, box, given, { noted, address: "https://a.example", given: told });
});
afterAll(async () => {
  await store?.close();
  rmSync(home, { recursive: true, force: true });
});

it("makes the key once, for its owner's eyes", () => {
  expect(keysOf()).toHaveLength(1);
  expect(openKeyRing(home, undefined).current().bytes.equals(box.keys.current().bytes)).toBe(true);
  expect(statSync(join(home, "secret.key")).mode & 0o777).toBe(0o600);
});

it("encrypts every secret anew and retires the old key; whoever runs goes on with both, and with the new one", async () => {
  const [old = ""] = keysOf();
  // A process that has read the file, and one that writes while keys change.
  expect((await openConnections(store.db, other, [ids[1] ?? ""]))[0]?.secrets).toEqual({ token: "canary-1" });
  const [rotated, busy] = await Promise.all([
    rotateKeys(store.db, box, "ada"),
    rotateKeys(store.db, other, "eve"),
    ...["w1", "w2", "w3"].map((name) => put(store.db, other, name, "written meanwhile")),
  ]);
  const done = [rotated, busy].filter((each) => each?.ok);
  expect(done.length).toBeGreaterThanOrEqual(1);
  expect([rotated, busy].filter((each) => !each?.ok).every((each) => !each?.ok && each?.why === "busy")).toBe(true);
  expect(keysOf()).toHaveLength(1);
  expect(keysOf()).not.toContain(old);
  for (const each of [box, other]) {
    const opened = await openConnections(store.db, each, ids);
    expect(opened.map(({ secrets }) => secrets.token).sort()).toEqual(ids.map((_id, index) => `canary-${index}`).sort());
    expect((await readCredentialRow(store.db, each, place))?.kept?.token).toBe("got");
    expect(await givenSecrets(store.db, each, given)).toEqual([{ subscription: "hook-1", secret: "canary-given" }]);
  }
  const use = await keyUse(store.db, box);
  expect(use).toEqual([{ id: box.keys.current().id.toString("hex"), current: true, present: true, secrets: 65 }]);
  const { items } = await listAudit(store.db, { action: "keys", limit: 5 });
  expect(items.length).toBe(done.length);
  expect(JSON.stringify(items)).not.toContain(keysOf()[0]);
});

it("goes on where a change was broken off, with the same new key", async () => {
  box.keys.add();
  const [next, old] = keysOf();
  await put(store.db, other, "c0", "canary-0");
  expect((await keyUse(store.db, box)).map(({ secrets }) => secrets)).toEqual([1, 64]);
  const rotated = await rotateKeys(store.db, box, "ada");
  expect(rotated).toMatchObject({ ok: true, resealed: 64 });
  expect(keysOf()).toEqual([next]);
  expect(keysOf()).not.toContain(old);
});

it("begins nothing while a secret cannot be opened, and says which", async () => {
  const before = readFileSync(join(home, "secret.key"), "utf8");
  await sql`update connection set secrets = (select secrets from connection where id = ${ids[2]}) where id = ${ids[3]}`.execute(
    store.db,
  );
  expect(await rotateKeys(store.db, box, "ada")).toEqual({
    ok: false,
    why: "unopened",
    places: [{ environment: "dev", connection: ids[3], field: "secrets" }],
  });
  expect(readFileSync(join(home, "secret.key"), "utf8")).toBe(before);
});

it("does not take for known what a system gave with another subscription, and forgets it with that", async () => {
  const copy = sql`insert into subscription_secret select binding_id, 'hook-2', sealed from subscription_secret`;
  await copy.execute(store.db);
  expect((await givenSecrets(store.db, box, given)).map(({ subscription }) => subscription)).toEqual(["hook-1"]);
  await noteStep(store.db, box, given, { noted: [], address: "https://a.example" });
  expect((await sql`select 1 from subscription_secret`.execute(store.db)).rows).toEqual([]);
});

it("does not open the secrets of a connection that was moved to another environment", async () => {
  await sql`update connection set environment = 'staging' where id = ${ids[4]}`.execute(store.db);
  await expect(openConnections(store.db, box, [ids[4] ?? ""])).rejects.toThrow(/belong elsewhere/);
});

it("says what is wrong with a file or a variable that holds no key", () => {
  writeFileSync(join(home, "secret.key"), "not a key\n");
  expect(() => box.keys.current()).toThrow(/64 hex digits/);
  expect(() => openKeyRing(home, "abc")).toThrow(/ORDERLOOM_SECRET_KEY must hold keys of 64 hex digits/);
});
