import { existsSync } from "node:fs";
import pg from "pg";
import type { Browser, Page } from "playwright-core";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { runCli } from "#runtime/cli/program.ts";
import { fromRoot } from "#runtime/root.ts";
import { axeFindings, hasChromium, launchBrowser, openPage } from "./support/browser.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";

/** What people see of sign-in and the audit, on the screen and on the command line. */

const hasDesigner = existsSync(fromRoot("dist", "designer", "index.html"));
const password = "a loom and its shuttle";
/** Automation that sets the first admin up. */
const adminToken = "a-token-for-tests-alone";

let cluster: Cluster;
let client: pg.Pool;
beforeAll(async () => {
  cluster = await startCluster({
    workers: 0,
    schedulers: 0,
    env: { ORDERLOOM_ADMIN_TOKEN: adminToken, ORDERLOOM_SCRYPT_N: "16" },
  });
  client = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  expect((await asAdmin("POST", "/set-up", { name: "ada", title: "Ada", password })).status).toBe(201);
});
afterAll(async () => {
  await client?.end();
  await cluster?.stop();
});

async function asAdmin(method: "GET" | "POST", path: string, body?: unknown) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${adminToken}` };
  const answer = await request(`${cluster.url}/api/v1${path}`, { method, headers, body: body ? JSON.stringify(body) : null });
  // biome-ignore lint/suspicious/noExplicitAny: what a server answers is checked by the test that reads it.
  return { status: answer.statusCode, body: (await answer.body.json()) as any };
}

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
    await page.getByTestId("account").click();
    await page.getByTestId("sign-out").click();
    await page.getByTestId("sign-in").waitFor();
    // A wrong password is answered 401, which the browser notes by itself.
    expect(complaints.filter((said) => !said.includes("401"))).toEqual([]);
    await page.close();
  });
});

/** What axe finds in the light scheme and in the dark one. */
async function findingsInBoth(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    found.push(...(await axeFindings(page)).map((finding) => `${colorScheme}: ${finding}`));
  }
  return found;
}

describe("the audit on the command line", () => {
  async function verify(...more: string[]) {
    const out: string[] = [];
    const io = { out: (text: string) => out.push(text), err: () => {}, cwd: ".", root: ".", readStdin: async () => "" };
    const code = await runCli(["audit", "verify", "--json", "--url", cluster.url, ...more], io);
    return { code, ...(JSON.parse(out.join("\n")) as { ok: boolean; entries: number; head: string; fault?: string }) };
  }

  it("is verified from its export, against a head that was kept, and shows what was changed or cut off", async () => {
    const { token } = (await asAdmin("POST", "/tokens", { name: "auditor", role: "admin", environments: null, days: 1 })).body;
    vi.stubEnv("ORDERLOOM_ADMIN_TOKEN", token);
    try {
      const whole = await verify();
      expect(whole).toMatchObject({ code: 0, ok: true });
      expect(whole.entries).toBeGreaterThan(5);
      expect((await asAdmin("GET", "/audit/head")).body.hash).toBe(whole.head);
      expect(await verify("--head", whole.head)).toMatchObject({ code: 0 });
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
