import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { ask } from "./support/ask.ts";
import { axeFindings, hasChromium, launchBrowser, openPage } from "./support/browser.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";

/** Signing in at a real OpenID provider, on another site than the server. */

const adminToken = "a-token-for-tests-alone";
const hasDesigner = existsSync(fromRoot("dist", "designer", "index.html"));

interface Account {
  preferred_username: string;
  name: string;
  groups: string[];
}

const people: Record<string, Account> = {
  "sub-vera": { preferred_username: "Vera", name: "Vera Loom", groups: ["shop"] },
  "sub-ada": { preferred_username: "ada", name: "Another Ada", groups: ["shop"] },
  "sub-gone": { preferred_username: "gone", name: "Gone", groups: ["loom-admins"] },
};

let cluster: Cluster;
let provider: ChildProcess;
beforeAll(async () => {
  const port = await freePort();
  cluster = await startCluster({
    workers: 0,
    schedulers: 0,
    env: {
      ORDERLOOM_ADMIN_TOKEN: adminToken,
      ORDERLOOM_SCRYPT_N: "16",
      ORDERLOOM_OIDC_ISSUER: `http://localhost:${port}`,
      ORDERLOOM_OIDC_CLIENT_ID: "loom",
      ORDERLOOM_OIDC_CLIENT_SECRET: "a secret of the client",
      ORDERLOOM_OIDC_TITLE: "Weaver ID",
      ORDERLOOM_OIDC_SCOPE: "openid profile groups",
      // One rule names an environment that there is none of: it lets nobody in, and keeps nobody out.
      ORDERLOOM_OIDC_ROLES: "loom-admins=admin, shop=analyst@dev, shop=analyst@deb",
    },
  });
  provider = fork(fromRoot("test", "support", "oidcProvider.mjs"), { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const redirect = `${cluster.url}/api/v1/session/oidc/callback`;
  const client = { client_id: "loom", client_secret: "a secret of the client", redirect_uris: [redirect] };
  await tell({ port, client, people });
});
afterAll(async () => {
  provider?.kill("SIGKILL");
  await cluster?.stop();
});

async function tell(message: object): Promise<void> {
  const ready = once(provider, "message");
  provider.send(message);
  await ready;
}

/** What one browser keeps: cookies by host, whichever the path. */
type Jar = Map<string, Map<string, string>>;

/** One request of a browser; a redirect is answered, not followed. */
async function visit(jar: Jar, address: string, form?: Record<string, string>) {
  const { host } = new URL(address);
  const own = jar.get(host) ?? new Map<string, string>();
  jar.set(host, own);
  const answer = await request(address, {
    method: form ? "POST" : "GET",
    headers: {
      cookie: [...own].map(([name, value]) => `${name}=${value}`).join("; "),
      ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
    },
    body: form ? new URLSearchParams(form).toString() : null,
  });
  await answer.body.dump();
  for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === "") own.delete(name);
    else own.set(name, value);
  }
  const { location } = answer.headers;
  return { status: answer.statusCode, to: location ? new URL(String(location), address).href : undefined };
}

const beginning = (to = "/dev/flows") => `${cluster.url}/api/v1/session/oidc?to=${encodeURIComponent(to)}`;

/** Signs in at the provider; answers the address to which it leads back, not yet visited. */
async function wayBack(jar: Jar, login: string, to?: string): Promise<string> {
  let address = (await visit(jar, beginning(to))).to ?? "";
  for (let steps = 0; steps < 10 && !address.startsWith(cluster.url); steps++) {
    const form = address.includes("/interaction/") ? { prompt: "login", login, password: "any" } : undefined;
    address = (await visit(jar, address, form)).to ?? "";
  }
  expect(address).toMatch(/\/callback\?code=/);
  return address;
}

const api = (method: string, path: string, body?: unknown) =>
  ask(`${cluster.url}/api/v1${path}`, { method, body, headers: { authorization: `Bearer ${adminToken}` } });

/** Who a browser is signed in as. */
async function whoIs(jar: Jar) {
  const cookie = [...(jar.get(new URL(cluster.url).host) ?? [])].map(([name, value]) => `${name}=${value}`).join("; ");
  const { person, grants } = (await ask(`${cluster.url}/api/v1/session`, { headers: { cookie } })).body;
  return person ? { name: person.name as string, grants } : null;
}

const door = (problem: string) => `${cluster.url}/sign-in?problem=${problem}`;

it("lets nobody in before the first admin was made", async () => {
  const jar: Jar = new Map();
  expect((await visit(jar, await wayBack(jar, "sub-vera"))).to).toBe(door("notSetUp"));
  expect((await api("GET", "/session")).body.provider).toBe(null);
  const first = { name: "ada", title: "Ada", password: "a loom and its shuttle" };
  // No proxy is trusted here: what a client says of its way is its own word.
  const said = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7" };
  const headers = { authorization: `Bearer ${adminToken}`, ...said };
  const made = await ask(`${cluster.url}/api/v1/set-up`, { body: first, headers });
  expect([made.status, String(made.headers["set-cookie"])]).toEqual([201, expect.stringMatching(/^orderloom-session=/)]);
  expect((await api("GET", "/audit?action=signIn")).body.items).toMatchObject([{ actor: "token", address: "127.0.0.1" }]);
  expect((await api("GET", "/session")).body.provider).toBe("Weaver ID");
});

it("makes a person at the first sign-in, with the roles of the groups, and changes these with the groups", async () => {
  const jar: Jar = new Map();
  expect((await visit(jar, await wayBack(jar, "sub-vera", "/dev/runs?q=1"))).to).toBe(`${cluster.url}/dev/runs?q=1`);
  expect(await whoIs(jar)).toEqual({ name: "vera", grants: [{ environment: "dev", role: "analyst" }] });
  await tell({ people: { ...people, "sub-vera": { ...people["sub-vera"], groups: ["other"] } } });
  const again: Jar = new Map();
  await visit(again, await wayBack(again, "sub-vera"));
  expect(await whoIs(again)).toEqual({ name: "vera", grants: [] });
  await tell({ people });
  const { items } = (await api("GET", "/audit?subject=vera&action=person")).body;
  expect(items).toMatchObject([
    { action: "person.changed", actor: "oidc", address: "127.0.0.1", before: { grants: [{ role: "analyst" }] } },
    { action: "person.made", actor: "oidc", after: { title: "Vera Loom" } },
  ]);
});

it("takes no ID token that the provider has not signed, or that is of another issuer, client, sign-in or time", async () => {
  const signIn = async (forge: object) => {
    await tell({ people, forge });
    const jar: Jar = new Map();
    return { to: (await visit(jar, await wayBack(jar, "sub-vera"))).to, name: (await whoIs(jar))?.name };
  };
  const now = Math.floor(Date.now() / 1_000);
  expect(await signIn({ claims: {} })).toEqual({ to: `${cluster.url}/dev/flows`, name: "vera" });
  for (const forge of [
    { foreign: true },
    { claims: { iss: "https://evil.example" } },
    { claims: { aud: "another-client" } },
    { claims: { nonce: "of another sign-in" } },
    { claims: { iat: now - 7_200, exp: now - 3_600 } },
    // The page about the user is of whom the token names.
    { claims: { sub: "sub-gone" } },
  ])
    expect(await signIn(forge), JSON.stringify(forge)).toEqual({ to: door("refused"), name: undefined });
  await tell({ people });
});

it("takes nobody for a person of the same name who was there before", async () => {
  const jar: Jar = new Map();
  await visit(jar, await wayBack(jar, "sub-ada"));
  expect(await whoIs(jar)).toEqual({ name: "ada-2", grants: [{ environment: "dev", role: "analyst" }] });
});

it("begins another session than the browser had, whoever put that one there (session fixation)", async () => {
  const host = new URL(cluster.url).host;
  const jar: Jar = new Map([[host, new Map([["orderloom-session", "f".repeat(43)]])]]);
  await visit(jar, await wayBack(jar, "sub-vera"));
  expect(jar.get(host)?.get("orderloom-session")).not.toBe("f".repeat(43));
  expect((await whoIs(jar))?.name).toBe("vera");
});

it("takes a code only from the browser that asked for it, and only once (CSRF of the sign-in)", async () => {
  const [own, victim, third]: [Jar, Jar, Jar] = [new Map(), new Map(), new Map()];
  const address = await wayBack(own, "sub-vera");
  expect((await visit(victim, address)).to).toBe(door("expired"));
  // One that has begun a sign-in of its own has another state, and another proof key for whoever guesses that.
  await visit(third, beginning());
  expect((await visit(third, address)).to).toBe(door("refused"));
  const begun = new URL((await visit(third, beginning())).to ?? "");
  const forged = new URL(address);
  forged.searchParams.set("state", begun.searchParams.get("state") ?? "");
  expect((await visit(third, forged.href)).to).toBe(door("refused"));
  expect([await whoIs(victim), await whoIs(third)]).toEqual([null, null]);
  const kept: Jar = new Map([...own].map(([host, cookies]) => [host, new Map(cookies)]));
  expect((await visit(own, address)).to).toBe(`${cluster.url}/dev/flows`);
  expect((await visit(own, address)).to).toBe(door("expired"));
  expect((await visit(kept, address)).to).toBe(door("refused"));
  expect(await whoIs(kept)).toBe(null);
});

it("leads to no other site afterwards", async () => {
  for (const to of ["//evil.example", "https://evil.example", "/\\evil.example"]) {
    const jar: Jar = new Map();
    expect((await visit(jar, await wayBack(jar, "sub-vera", to))).to).toBe(`${cluster.url}/`);
  }
});

it("keeps out whose account was disabled here, whatever the provider says", async () => {
  const jar: Jar = new Map();
  await visit(jar, await wayBack(jar, "sub-gone"));
  const { items } = (await api("GET", "/people")).body;
  const { id } = items.find(({ name }: { name: string }) => name === "gone");
  expect((await api("PUT", `/people/${id}`, { state: "disabled" })).status).toBe(200);
  expect(await whoIs(jar)).toBe(null);
  expect((await visit(jar, await wayBack(jar, "sub-gone"))).to).toBe(door("disabled"));
  expect(await whoIs(jar)).toBe(null);
});

it.skipIf(!hasChromium || !hasDesigner)("is a button on the page where one signs in", async () => {
  const browser = await launchBrowser();
  const { page } = await openPage(browser);
  await page.goto(door("refused"));
  await page.getByRole("alert").waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await page.goto(`${cluster.url}/dev/connections`);
  await page.getByRole("link", { name: "Sign in with Weaver ID" }).click();
  await page.locator("input[name=login]").fill("sub-vera");
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await page.getByRole("button", { name: "Account of Vera Loom" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/dev/connections");
  await browser.close();
});

it("says that the provider does not answer", async () => {
  const jar: Jar = new Map();
  const address = await wayBack(jar, "sub-vera");
  provider.kill("SIGKILL");
  await once(provider, "exit");
  expect((await visit(jar, address)).to).toBe(door("unreachable"));
  expect(await whoIs(jar)).toBe(null);
});
