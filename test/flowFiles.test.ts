import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { northwind } from "#runtime/sandbox/northwind.ts";
import type { FlowFiles } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";
import type { PromotionCheck } from "#schemas/promotion.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { administeredServer, adminToken, flowId } from "./support/administered.ts";

/** Flows, connectors and samples as files, from one server into a folder and into another server; and the keys of a server. */

type Administered = ReturnType<typeof administeredServer>;

const server = administeredServer();
const other = administeredServer({ ORDERLOOM_DEMO: "off" });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-files-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const cli = (at: Administered, ...args: string[]) => at.run(folder, ...args);
const flowFile = () => join(folder, `flows/${flowId}.flow.json`);
const newest = async (at: Administered): Promise<{ number: number; hash: string } | undefined> =>
  (await at.call("GET", `/flows/${flowId}/versions`)).body.items[0];

it("flows are pulled to the same bytes each time, and make the same versions where they are pushed", async () => {
  expect(await cli(server, "pull", ".")).toMatchObject({ code: 0, said: expect.stringContaining("1 flow, ") });
  expect((await cli(server, "pull", ".")).said).toMatch(/1 flow, 0 files written, 1\d unchanged\.$/);
  const dry = await cli(other, "push", ".", "--publish", "--dry-run");
  expect(dry.said).toMatch(/a new flow; a new version \(\w{8}\); 7 of 7 samples passed/);
  expect(dry.said).toMatch(/slot erp of shopify-order-to-cash in prod needs a connection of netsuite/);
  expect((await other.call("GET", `/flows/${flowId}`)).status).toBe(404);
  const pushed = await cli(other, "push", ".", "--publish", "--commit", "c0ffee");
  expect(pushed).toMatchObject({ code: 0, said: expect.stringMatching(/Done\.$/) });
  expect((await newest(other))?.hash).toBe((await newest(server))?.hash);
  expect(await cli(other, "drift", ".")).toMatchObject({ code: 0 });
  expect(await cli(server, "drift", ".")).toMatchObject({ code: 0 });
});

it("what is changed on the server since shows as drift, and is not overwritten unless told", async () => {
  const { body } = await other.call("GET", `/flows/${flowId}`);
  const { flow, revision } = body as { flow: Flow; revision: number };
  const changed = { revision, flow: { ...flow, owner: "night-shift" } };
  expect((await other.call("PUT", `/flows/${flowId}/draft`, changed)).status).toBe(200);
  expect(await cli(other, "drift", ".")).toMatchObject({ code: 0 });
  expect(await cli(other, "drift", ".", "--drafts")).toEqual({
    code: 1,
    said: `differs: flows/${flowId}.flow.json\n1 file differs.`,
  });
  const { files } = (await other.call("GET", `/flows/${flowId}/files`)).body as { files: FlowFiles };
  expect(files).toMatchObject({ origin: { commit: "c0ffee" }, draft: "changed", deployments: [] });

  await writeFile(flowFile(), (await readFile(flowFile(), "utf8")).replace("Shopify order to cash", "Orders to cash"));
  const refused = await cli(other, "push", ".", "--publish");
  expect(refused.code).toBe(1);
  expect(refused.said).toMatch(/flow shopify-order-to-cash changed: \/name/);
  expect(refused.said).toMatch(/refused: The draft of shopify-order-to-cash has changes here that were never published/);
  expect((await newest(other))?.number).toBe(1);
  expect(await cli(other, "push", ".", "--publish", "--force")).toMatchObject({ code: 0 });
  expect((await newest(other))?.number).toBe(2);
});

it("one file holds them with a hash of each and no secret; with a byte changed it is refused, and only admins bring connectors", async () => {
  expect(await cli(server, "export", "all.bundle.json")).toMatchObject({ code: 0 });
  const file = join(folder, "all.bundle.json");
  const text = await readFile(file, "utf8");
  for (const { secrets } of northwind("")) for (const secret of Object.values(secrets)) expect(text).not.toContain(secret);
  await writeFile(file, text.replace("Shopify order to cash", "Shopify order to trash"));
  const refused = await cli(other, "import", "all.bundle.json", "--dry-run");
  expect(refused.code).toBe(1);
  expect(refused.said).toMatch(/refused: flows\/shopify-order-to-cash\.flow\.json has another hash than is said/);

  const connector = join(folder, "nodes/connectors/netsuite.connector.json");
  await writeFile(connector, (await readFile(connector, "utf8")).replace(/"version": "[\d.]+"/, '"version": "99.0.0"'));
  const brought = await cli(other, "push", ".", "--publish", "--dry-run");
  expect(brought).toMatchObject({ code: 0, said: expect.stringContaining("connector netsuite changed: /version") });
  const token = { name: "ci", role: "analyst", environments: null, days: 1 };
  const { token: analyst } = (await other.call("POST", "/tokens", token)).body as { token: string };
  vi.stubEnv("ORDERLOOM_ADMIN_TOKEN", analyst);
  const asAnalyst = await cli(other, "push", ".", "--dry-run");
  vi.stubEnv("ORDERLOOM_ADMIN_TOKEN", adminToken);
  expect(asAnalyst.code).toBe(1);
  expect(asAnalyst.said).toMatch(/Only an admin brings connectors that are not installed: netsuite/);
});

it("a sample kept on the server is a file like the others, and holds up the version that was published with it", async () => {
  const at = `/flows/${flowId}/samples`;
  const { items } = (await other.call("GET", at)).body;
  const { body } = await other.call("GET", `${at}/${items[0]?.name}`);
  const keep = (expect: FlowSample["expect"], revision: number) =>
    other.call("PUT", `${at}/ours`, { revision, sample: { ...body, name: "ours", title: "Ours", expect } });
  expect((await keep(body.expect, 0)).status).toBe(200);
  expect((await keep(body.expect, 0)).body).toMatchObject({ code: "sampleConflict" });
  const drift = await cli(other, "drift", ".", "--drafts");
  expect(drift.said).toContain(`only on the server: flows/samples/${flowId}/ours.sample.json`);
  expect(await cli(other, "pull", ".", "--drafts")).toMatchObject({ code: 0 });

  const file = join(folder, `flows/samples/${flowId}/ours.sample.json`);
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace('"SUCCEEDED"', '"invalid"'));
  const failing = await cli(other, "push", ".", "--publish", "--force");
  expect(failing.said).toMatch(/sample ours is new or changed/);
  expect(failing.said).toMatch(/refused: The sample of shopify-order-to-cash fails. ours: Ended SUCCEEDED, not invalid/);
  // It was kept here by hand: files that say otherwise do not go over it unasked.
  await writeFile(file, text.replace('"Ours"', '"From the files"'));
  const refused = await cli(other, "push", ".");
  expect(refused.code).toBe(1);
  expect(refused.said).toContain("sample ours is new or changed, and loses what was changed on the server");
  expect(refused.said).toContain(`refused: Sample ours of ${flowId} was changed here, and is in no version and no files pushed.`);
  expect((await other.call("GET", `${at}/ours`)).body).toMatchObject({ title: "Ours" });
  expect(await cli(other, "push", ".", "--force")).toMatchObject({ code: 0 });
  expect((await other.call("GET", `${at}/ours`)).body).toMatchObject({ title: "From the files" });
  // What was pushed and left alone since is the files' to change.
  await writeFile(file, text.replace('"Ours"', '"From later files"'));
  const again = await cli(other, "push", ".");
  expect(again).toMatchObject({ code: 0, said: expect.stringMatching(/sample ours is new or changed$/m) });

  const published = async () => {
    const { revision } = (await other.call("GET", `/flows/${flowId}`)).body;
    const { number } = (await other.call("POST", `/flows/${flowId}/versions`, { revision })).body;
    return number;
  };
  const checked = async (version: number) => {
    const asked = { version, messages: 0 };
    const found = await other.call("POST", `/environments/dev/flows/${flowId}/promotion-review`, asked);
    return found.body.checks.find(({ name }: PromotionCheck) => name === "samples")?.outcome;
  };
  expect((await keep({ outcome: "invalid" }, 3)).status).toBe(200);
  const number = await published();
  expect(await checked(number)).toBe("failed");
  expect((await other.call("DELETE", `${at}/ours`)).status).toBe(204);
  expect(await checked(number)).toBe("failed");
  expect(await published()).toBe(number);
  expect(await checked(number)).toBe("passed");
  expect((await other.call("DELETE", `${at}/${items[0]?.name}`)).body).toMatchObject({ code: "sampleGiven" });
});

it("reference tables of an environment are files as well, put whole into another, and told where they differ", async () => {
  const carriers = {
    title: "Carriers",
    columns: [
      { name: "code", type: "text" },
      { name: "scac", type: "text", required: true },
    ],
    key: ["code"],
    rows: [
      { code: "ups", scac: "UPSN" },
      { code: "dhl", scac: "DHLC" },
    ],
  };
  await server.must("PUT", "/environments/dev/tables/carriers", carriers);
  const file = "tables/dev/carriers.table.json";
  const tables = (at: Administered, verb: string, ...more: string[]) =>
    cli(at, "tables", verb, ".", "--environment", "dev", ...more);
  expect((await tables(server, "pull")).said).toBe(`written: ${file}\n1 table, 1 file written, 0 unchanged.`);
  expect((await tables(server, "pull")).said).toBe("1 table, 0 files written, 1 unchanged.");
  expect(await tables(server, "drift")).toMatchObject({ code: 0 });

  expect((await tables(other, "drift")).said).toContain("only in the files: carriers, with 2 rows");
  expect((await tables(other, "push", "--dry-run")).said).toContain("new: carriers, with 2 rows\nNothing was changed");
  expect((await other.call("GET", "/environments/dev/tables/carriers")).status).toBe(404);
  expect(await tables(other, "push")).toMatchObject({ code: 0, said: expect.stringMatching(/Done\.$/) });
  expect((await other.call("GET", "/environments/dev/tables/carriers")).body).toMatchObject({ title: "Carriers", key: ["code"] });

  const text = await readFile(join(folder, file), "utf8");
  await writeFile(join(folder, file), text.replace("DHLC", "DHLX"));
  expect(await tables(other, "drift")).toMatchObject({
    code: 1,
    said: expect.stringContaining("differs: carriers: rows of the files"),
  });
  expect((await tables(other, "push")).said).toContain(
    "changes: carriers: rows of the files beside those of the server: 1 changed",
  );
  expect(await tables(other, "drift")).toMatchObject({ code: 0, said: "The server has what the files say." });
  await writeFile(join(folder, file), text.replace("DHLC", ""));
  expect(await tables(other, "push")).toMatchObject({ code: 1, said: expect.stringContaining(file) });
});

it("what an environment runs is told beside the files that it came from, and by drift where it differs from them", async () => {
  for (const { name, connector, config, secrets } of northwind("http://127.0.0.1:9"))
    await other.must("PUT", `/environments/dev/connections/${name}`, { connector, config, secrets });
  const deploy = (version: number) => other.must("PUT", `/environments/dev/deployments/${flowId}`, { version, state: "paused" });
  const standings = async () => {
    const { files } = (await other.call("GET", `/flows/${flowId}/files`)).body as { files: FlowFiles };
    return files.deployments.map(({ environment, standing }) => [environment, standing]);
  };
  const named = async (name: string) =>
    writeFile(flowFile(), (await readFile(flowFile(), "utf8")).replace(/"name": "[^"]*"/, `"name": "${name}"`));
  const push = async (name: string): Promise<number> => {
    await named(name);
    expect(await cli(other, "push", ".", "--publish", "--force")).toMatchObject({ code: 0 });
    return (await newest(other))?.number ?? 0;
  };
  expect(await cli(other, "pull", ".", "--drafts")).toMatchObject({ code: 0 });
  const first = await push("First from files");
  await deploy(first);
  expect(await standings()).toEqual([["dev", "same"]]);
  expect(await cli(other, "drift", ".", "--environment", "dev")).toEqual({ code: 0, said: "The server has what the files say." });

  const second = await push("Second from files");
  expect(await standings()).toEqual([["dev", "older"]]);
  const differs = await cli(other, "drift", ".", "--environment", "dev");
  expect(differs).toMatchObject({ code: 1, said: expect.stringContaining(`differs: flows/${flowId}.flow.json`) });
  await deploy(second);
  expect(await cli(other, "drift", ".", "--environment", "dev")).toMatchObject({ code: 0 });

  // Drawn and published on the server: it runs, and came from no files.
  const { flow, revision } = (await other.call("GET", `/flows/${flowId}`)).body as { flow: Flow; revision: number };
  const drawn = await other.must<{ revision: number }>("PUT", `/flows/${flowId}/draft`, {
    revision,
    flow: { ...flow, name: "Drawn" },
  });
  const { number } = await other.must<{ number: number }>("POST", `/flows/${flowId}/versions`, { revision: drawn.revision });
  await deploy(number);
  expect(await standings()).toEqual([["dev", "other"]]);
  expect(await cli(other, "drift", ".", "--environment", "dev")).toMatchObject({ code: 1 });
  expect(await cli(other, "drift", ".", "--environment", "mars")).toMatchObject({
    code: 1,
    said: expect.stringContaining("mars"),
  });
});

it("the keys that seal its secrets are listed and changed from the command line", async () => {
  const listed = async () => JSON.parse((await cli(server, "keys", "list", "--json")).said);
  const { items } = await listed();
  expect(items).toMatchObject([{ current: true, present: true, secrets: expect.any(Number) }]);
  const [old] = items as { id: string; secrets: number }[];
  const table = await cli(server, "keys", "list");
  expect(table.said.split("\n")[2]).toMatch(new RegExp(`^${old?.id} +in use +${old?.secrets}$`));
  const rotated = await cli(server, "keys", "rotate");
  expect(rotated.code).toBe(0);
  expect(rotated.said).toMatch(
    new RegExp(`^Key \\w+ is in use; ${old?.secrets} sets of secrets encrypted anew\\. Retired: ${old?.id}\\.$`),
  );
  const after = (await listed()) as { ok: boolean; items: { id: string; current: boolean; secrets: number }[] };
  expect(after).toMatchObject({ ok: true, items: [{ current: true, secrets: old?.secrets }] });
  expect(after.items[0]?.id).not.toBe(old?.id);
});
