import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import pg from "pg";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runCli } from "#runtime/cli/program.ts";
import { fromRoot } from "#runtime/root.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { auditHash } from "#schemas/audit.ts";
import type { Grant } from "#schemas/people.ts";
import { ask } from "./support/ask.ts";
import { axeFindings, hasChromium, launchBrowser, openPage } from "./support/browser.ts";
import { type Cluster, startCluster, webhookPath } from "./support/cluster.ts";
import { until } from "./support/until.ts";

/** What people see of sign-in and the audit, on the screen and on the command line. */

const hasDesigner = existsSync(fromRoot("dist", "designer", "index.html"));
const password = "a loom and its shuttle";
/** Automation that sets the first admin up. */
const adminToken = "a-token-for-tests-alone";
/** Where people come in: a proxy on this machine ends HTTPS. */
const publicUrl = "https://loom.example.com";

let cluster: Cluster;
let client: pg.Pool;
beforeAll(async () => {
  cluster = await startCluster({
    workers: 0,
    schedulers: 0,
    env: {
      ORDERLOOM_ADMIN_TOKEN: adminToken,
      ORDERLOOM_SCRYPT_N: "16",
      ORDERLOOM_PUBLIC_URL: publicUrl,
      ORDERLOOM_TRUSTED_PROXIES: "127.0.0.1",
    },
  });
  client = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  await makeFirstAdmin();
});
afterAll(async () => {
  await client?.end();
  await cluster?.stop();
});

/** As whoever installs it does: on the page, where there is a browser. */
async function makeFirstAdmin(): Promise<void> {
  if (!hasChromium || !hasDesigner) {
    expect((await asAdmin("POST", "/set-up", { name: "ada", title: "Ada", password })).status).toBe(201);
    return;
  }
  const browser = await launchBrowser();
  try {
    const { page, complaints } = await openPage(browser);
    await page.goto(`${cluster.url}/set-up`);
    await page.locator("input[autocomplete=name]").fill("Ada");
    await page.locator("input[autocomplete=username]").fill("Ada");
    await page.locator("input[autocomplete=new-password]").fill(password);
    expect(await findingsInBoth(page)).toEqual([]);
    await page.locator("button[type=submit]").click();
    await page.getByTestId("account").waitFor();
    expect(complaints).toEqual([]);
    // It leads nobody in a second time.
    await page.goto(`${cluster.url}/set-up`);
    await page.getByTestId("account").waitFor();
  } finally {
    await browser.close();
  }
}

async function makePerson(name: string, grants: Grant[]): Promise<void> {
  expect((await asAdmin("POST", "/people", { name, title: name, password, grants })).status).toBe(201);
}

const asAdmin = (method: string, path: string, body?: unknown) =>
  ask(`${cluster.url}/api/v1${path}`, { method, body, headers: { authorization: `Bearer ${adminToken}` } });

describe.skipIf(!hasChromium || !hasDesigner)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser?.close());

  it("one signs in, makes a person and a token, reads the audit, and signs out again", async () => {
    const { page, complaints } = await openPage(browser);
    await page.goto(`${cluster.url}/dev/people`);
    await page.locator("input[autocomplete=username]").fill("ada");
    await page.locator("input[autocomplete=current-password]").fill("not the one");
    await page.getByTestId("sign-in").click();
    await page.getByRole("alert").waitFor();
    expect(await findingsInBoth(page)).toEqual([]);
    await page.locator("input[autocomplete=current-password]").fill(password);
    await page.getByTestId("sign-in").press("Enter");
    await page.getByTestId("person-row").filter({ hasText: "ada" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/dev/people");
    await page.getByTestId("new").click();
    await page.getByLabel(/^Full name/).fill("Made here");
    await page.getByLabel(/^Name/).fill("made-here");
    await page.locator("input[autocomplete=new-password]").fill(password);
    expect(await findingsInBoth(page)).toEqual([]);
    await page.getByTestId("save-person").click();
    await page.getByTestId("person-row").filter({ hasText: "made-here" }).getByText("Viewer, Everywhere").waitFor();
    await page.goto(`${cluster.url}/dev/people?show=tokens`);
    await page.getByTestId("new").click();
    await page.getByLabel(/^Name/).fill("for-ci");
    await page.getByTestId("make-token").click();
    expect(await page.getByTestId("token").textContent()).toMatch(/^olt_[\w-]{43}$/);
    await page.getByRole("button", { name: "I have copied it" }).click();
    const row = page.getByTestId("token-row").filter({ hasText: "for-ci" });
    expect(await row.textContent()).toMatch(/in (89|90) days/);
    await page.goto(`${cluster.url}/dev/audit?where=all&action=person`);
    await page.getByTestId("audit-row").first().getByRole("button").click();
    await page.getByText("previousHash").waitFor();
    expect(await findingsInBoth(page)).toEqual([]);
    await page.getByTestId("audit-export").click();
    const download = page.waitForEvent("download");
    await page.getByTestId("audit-table").click();
    const table = await text(await (await download).createReadStream());
    expect(table.split("\r\n").filter((line) => line.includes("made-here")).length).toBeGreaterThan(0);
    expect(table).toMatch(/^seq,at,actor,action,environment,subject,/);
    await page.getByTestId("account").click();
    await page.getByTestId("sign-out").click();
    await page.getByTestId("sign-in").waitFor();
    // A wrong password is answered 401, which the browser notes by itself.
    expect(complaints.filter((said) => !said.includes("401"))).toEqual([]);
    await page.close();
  });

  it("a viewer sees what there is, changes nothing of it, and reads in each button which role it needs", async () => {
    await makePerson("vera", [{ environment: "dev", role: "viewer" }]);
    const { run, letter } = await makeLetter();
    const { page, sent, complaints } = await pageOf(browser, "vera", "/dev/flows");
    const refusal = "This needs the role Operator or Admin in Development.";
    /** Pressed by hand and by key, it says why and does nothing. */
    const refuses = async (id: string, why = refusal) => {
      const button = page.getByTestId(id).first();
      expect(await button.getAttribute("aria-disabled")).toBe("true");
      // Only a focus that a key has moved is shown.
      await page.keyboard.press("Tab");
      await button.focus();
      await until(async () => (await describedBy(button)) === why, { what: `${id} to say why it does nothing` });
      await button.press("Enter");
      await button.click({ force: true });
    };
    await refuses("new-flow", "This needs the role Analyst or Admin.");
    await page.goto(`${cluster.url}/dev/flows/shopify-order-to-cash?node=erp`);
    await page.getByTestId("read-only").waitFor();
    expect(await page.getByTestId("config-attach").getAttribute("aria-readonly")).toBe("true");
    await refuses("publish", "This needs the role Analyst or Admin.");
    await refuses("pause");
    expect(await page.getByTestId("add-node").count()).toBe(0);
    await page.getByTestId("node-erp").click();
    await page.keyboard.press("Delete");
    expect(await findingsInBoth(page)).toEqual([]);
    await page.goto(`${cluster.url}/dev/runs/${run}`);
    await refuses("replay-run");
    await refuses("cancel-run");
    await page.goto(`${cluster.url}/dev/exceptions?letter=${letter}`);
    await refuses("letter-retry");
    await refuses("letter-resolve");
    await page.keyboard.press("r");
    expect(await page.getByTestId("assignee").isEditable()).toBe(false);
    expect(await page.getByTestId("bulk-all").count()).toBe(0);
    await page.goto(`${cluster.url}/dev/connections`);
    await page.getByTestId("connection-row").first().waitFor();
    await refuses("pause-connection");
    expect(sent).toEqual(["POST /api/v1/session"]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("incident: a script in the name of a flow, node, environment, person, connector or sample (stored XSS)", async () => {
    const hostile = `"><img src=x onerror="window.pwned=1"><script>window.pwned=1</script>\u202e{{7*7}}`;
    const { flow } = (await asAdmin("GET", "/flows/shopify-order-to-cash")).body;
    const nodes = flow.nodes.map((node: object) => ({ ...node, name: hostile }));
    const made = { ...flow, id: "hostile", name: hostile, description: hostile, owner: hostile, nodes };
    expect((await asAdmin("POST", "/flows", { flow: made })).status).toBe(201);
    await asAdmin("PUT", "/environments/staging", { title: hostile.slice(0, 60), reach: ["private"] });
    const message = { source: "orders", headers: {}, input: {}, expect: { outcome: "SUCCEEDED" } };
    const sample = { name: "hostile", title: hostile, ...message };
    expect((await asAdmin("PUT", "/flows/hostile/samples/hostile", { revision: 0, sample })).status).toBe(200);
    await asAdmin("POST", "/people", { name: "mallory", title: hostile, password, grants: [] });
    expect((await asAdmin("POST", "/flows/hostile/versions", { revision: 1, note: hostile, deployTo: ["dev"] })).status).toBe(
      201,
    );
    const columns = [{ name: "code", type: "text", title: hostile }];
    const table = { title: hostile, columns, key: ["code"], rows: [{ code: hostile }] };
    expect((await asAdmin("PUT", "/environments/dev/tables/hostile", table)).status).toBeLessThan(300);
    const { run, letter } = await makeLetter("/hooks/dev/hostile/orders", hostile);
    const { page, complaints } = await pageOf(browser, "ada", "/dev/flows");
    // What comes with the installation is hostile too: titles of connectors and node types, names of samples.
    for (const part of ["connectors", "node-types", "samples"])
      await page.route(new RegExp(`/api/v1/[^?]*${part}`), async (route) => {
        const json = JSON.stringify(await (await route.fetch()).json());
        await route.fulfill({
          json: JSON.parse(json.replaceAll(/"(title|summary)":"(?:[^"\\]|\\.)*"/g, `"$1":${JSON.stringify(hostile)}`)),
        });
      });
    for (const [path, shown] of [
      ["/dev/flows", hostile],
      ["/dev/flows/hostile", hostile],
      ["/dev/flows/hostile?node=erp", hostile],
      ["/dev/flows/hostile/versions", hostile],
      ["/dev/flows/hostile/versions/1", hostile],
      ["/staging/flows/hostile/promote?version=1&from=dev", hostile],
      [`/dev/runs/${run}`, hostile],
      [`/dev/exceptions?letter=${letter}`, hostile],
      ["/dev/tables", hostile],
      ["/dev/tables/hostile", hostile],
      ["/dev/connections", hostile],
      ["/dev/people", hostile],
      ["/dev/environments", hostile.slice(0, 60)],
      ["/dev/audit?where=all", "mallory"],
    ] as const) {
      await page.goto(cluster.url + path);
      await until(async () => (await page.locator("body").textContent())?.includes(shown), { what: `${path} to show the name` });
      expect(await page.evaluate("[typeof window.pwned, document.querySelectorAll('img[src=x]').length]"), path).toEqual([
        "undefined",
        0,
      ]);
    }
    await page.goto(`${cluster.url}/dev/flows/hostile`);
    await page.getByTestId("preview").press("Enter");
    await page.getByTestId("preview-sample").click();
    await until(async () => (await page.getByRole("option").allTextContents()).includes(hostile), { what: "the sample's title" });
    expect(await page.evaluate("typeof window.pwned")).toBe("undefined");
    // Nothing that the page does itself is refused by its own policy.
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("an admin says what an environment may reach, and reads what cannot be said", async () => {
    const { page } = await pageOf(browser, "ada", "/dev/environments");
    await page.getByTestId("edit-dev").click();
    await page.getByTestId("environment-reach").fill("10.20.0.0/33");
    await page.keyboard.press("Enter");
    await page.getByTestId("environment-save").click();
    await page.getByText('"10.20.0.0/33" is nothing that can be reached.').waitFor();
    expect(await findingsInBoth(page)).toEqual([]);
    await page.getByTestId("environment-reach").press("Backspace");
    await page.getByTestId("environment-reach").fill("erp.internal:8069");
    await page.keyboard.press("Enter");
    await page.getByTestId("environment-save").click();
    await page.getByTestId("environment-save").waitFor({ state: "detached" });
    expect((await asAdmin("GET", "/environments")).body.items[0].reach).toEqual(["erp.internal:8069"]);
    // What it may take of what all share.
    await page.getByTestId("edit-dev").press("Enter");
    await page.getByTestId("limit-evaluatedAtOnce").fill("4");
    await page.getByTestId("limit-payloadDays").fill("30");
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("environment-save").press("Enter");
    await until(async () => (await page.getByTestId("limits-dev").textContent()) === "4 at once30 days of contents", {
      what: "the limits",
    });
    expect((await asAdmin("GET", "/environments")).body.items[0].limits).toEqual({
      evaluatedAtOnce: 4,
      acceptedPerSecond: null,
      payloadDays: 30,
    });
    await page.close();
  });

  it("an operator deploys what somebody else has published, and who has no role yet is told so", async () => {
    await makePerson("otto", [{ environment: "dev", role: "operator" }]);
    await makePerson("nora", []);
    const draft = (await asAdmin("GET", "/flows/shopify-order-to-cash")).body;
    const flow = { ...draft.flow, description: "Another" };
    const { revision } = (await asAdmin("PUT", `/flows/${flow.id}/draft`, { revision: draft.revision, flow })).body;
    expect((await asAdmin("POST", `/flows/${flow.id}/versions`, { revision })).status).toBe(201);
    const { page } = await pageOf(browser, "otto", `/dev/flows/${flow.id}`);
    await page.getByTestId("deploy").click();
    await page.getByTestId("deployed-version").filter({ hasText: "v2" }).waitFor();
    expect(await page.getByTestId("publish").getAttribute("aria-disabled")).toBe("true");
    await page.close();
    const { page: other } = await openPage(browser);
    await other.goto(`${cluster.url}/sign-in`);
    await other.locator("input[autocomplete=username]").fill("nora");
    await other.locator("input[autocomplete=current-password]").fill(password);
    await other.getByTestId("sign-in").click();
    await other.getByRole("heading", { name: "You have no role yet" }).waitFor();
    await other.close();
  });
});

/** A run and a dead letter of it, which nothing works on. */
async function makeLetter(path = webhookPath, says = "X."): Promise<{ run: string; letter: string }> {
  const { receipt } = (await cluster.deliver(makeShopifyOrder("people", 1).body, {}, path)).body;
  const { rows } = await client.query(
    `insert into dead_letter (id, task_id, run_id, message_id, environment, flow_id, version_number, node_id, class, reason,
       attempts, created_at)
     select gen_random_uuid(), t.id, r.id, r.message_id, r.environment, r.flow_id, r.version_number, 'erp', 'invalid',
       jsonb_build_object('code', 'x', 'message', $2::text), 1, now() from run r join task t on t.run_id = r.id where r.message_id = $1
     returning id as letter, run_id as run`,
    [receipt, says],
  );
  return rows[0];
}

/** A page of a person who has just signed in, and every request by which it would change something. */
async function pageOf(
  browser: Browser,
  name: string,
  path: string,
): Promise<{ page: Page; sent: string[]; complaints: string[] }> {
  const { page, complaints } = await openPage(browser);
  const sent: string[] = [];
  page.on("request", (made) => {
    if (made.method() !== "GET") sent.push(`${made.method()} ${new URL(made.url()).pathname}`);
  });
  await page.goto(`${cluster.url}/sign-in?to=${encodeURIComponent(path)}`);
  await page.locator("input[autocomplete=username]").fill(name);
  await page.locator("input[autocomplete=current-password]").fill(password);
  await page.getByTestId("sign-in").click();
  await page.getByTestId("account").waitFor();
  return { page, sent, complaints };
}

/** The text that describes an element to those who do not see it either. */
async function describedBy(element: Locator): Promise<string | null> {
  const id = await element.getAttribute("aria-describedby");
  return id === null ? null : element.page().locator(`[id="${id}"]`).textContent();
}

/** What axe finds in the light scheme and in the dark one. */
async function findingsInBoth(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    await page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))");
    found.push(...(await axeFindings(page)).map((finding) => `${colorScheme}: ${finding}`));
  }
  return found;
}

it("behind a proxy that ends HTTPS a session is for HTTPS alone, and the client is known whatever it says of itself", async () => {
  await makePerson("hal", [{ environment: null, role: "admin" }]);
  // The proxy adds the address that it sees to what the client has made up.
  const proxied = { "x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.1, 203.0.113.7" };
  const path = `${cluster.url}/api/v1/session`;
  const begun = await ask(path, { body: { name: "hal", password }, headers: proxied });
  const set = String(begun.headers["set-cookie"]);
  expect(set).toMatch(/^__Host-orderloom-session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  expect(begun.headers["strict-transport-security"]).toMatch(/^max-age=\d{8,}$/);
  const cookie = set.split(";")[0] ?? "";
  const who = async (headers: object) => (await ask(path, { headers: { cookie, ...headers } })).body.person?.name;
  expect([await who(proxied), await who({})]).toEqual(["hal", undefined]);
  const change = (origin: string) =>
    ask(`${path}/password`, { method: "PUT", body: {}, headers: { cookie, ...proxied, origin } });
  expect([(await change(publicUrl)).body.code, (await change("https://evil.example")).body.code]).toEqual([
    "badRequest",
    "foreignPage",
  ]);
  const { rows } = await client.query("select address from audit where action = 'session.begun' and actor = 'hal'");
  expect(rows).toEqual([{ address: "203.0.113.7" }]);
});

describe("the audit on the command line", () => {
  async function verify(...more: string[]) {
    const out: string[] = [];
    const io = { out: (text: string) => out.push(text), err: () => {}, cwd: ".", root: ".", readStdin: async () => "" };
    const code = await runCli(["audit", "verify", "--json", "--url", cluster.url, ...more], io);
    return { code, ...(JSON.parse(out.join("\n")) as { ok: boolean; entries: number; head: string; fault?: string }) };
  }

  it("is verified from its export, against a head that was kept, and shows what was changed, taken away, put in or cut off", async () => {
    const { token } = (await asAdmin("POST", "/tokens", { name: "auditor", role: "admin", environments: null, days: 1 })).body;
    vi.stubEnv("ORDERLOOM_ADMIN_TOKEN", token);
    try {
      const whole = await verify();
      expect(whole).toMatchObject({ code: 0, ok: true });
      expect(whole.entries).toBeGreaterThan(5);
      expect((await asAdmin("GET", "/audit/head")).body.hash).toBe(whole.head);
      expect(await verify("--head", whole.head)).toMatchObject({ code: 0 });
      // Taken from the middle, and put back.
      const all = "insert into audit overriding system value select (jsonb_populate_record(null::audit, $1)).*";
      const { entry } = (await client.query("delete from audit where seq = 4 returning to_jsonb(audit) as entry")).rows[0];
      const between = (seq: number) => expect.stringMatching(new RegExp(`does not follow entry ${seq}: .* taken away or put in`));
      expect(await verify()).toMatchObject({ code: 1, fault: between(3) });
      await client.query(all, [entry]);
      expect(await verify("--head", whole.head)).toMatchObject({ code: 0 });
      // Put in behind it, with a hash that is its own.
      const forged = { ...entry, at: new Date(entry.at).toISOString(), actor: "mallory", previousHash: entry.hash };
      await client.query("alter table audit alter column seq set generated by default");
      await client.query("update audit set seq = seq + 1000 where seq > 4");
      await client.query(all, [{ ...forged, seq: 5, previous_hash: entry.hash, hash: auditHash(forged) }]);
      expect(await verify("--head", whole.head)).toMatchObject({ code: 1, fault: between(5), entries: 5 });
      await client.query("delete from audit where seq = 5");
      const { rows } = await client.query("delete from audit where seq = (select max(seq) from audit) returning hash");
      expect(rows[0].hash).toBe(whole.head);
      expect(await verify()).toMatchObject({ code: 0 });
      expect(await verify("--head", whole.head)).toMatchObject({ code: 1, fault: expect.stringContaining("taken away") });
      await client.query("update audit set subject = 'other' where seq = 3");
      expect(await verify()).toMatchObject({ code: 1, fault: expect.stringMatching(/^Entry 3 was changed/) });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
