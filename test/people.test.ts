import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { Role } from "#schemas/people.ts";
import { type Answer, ask } from "./support/ask.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";
import { allowed, makeThings, may, type Route, type Rule, requestTo, routesIn, type Things } from "./support/roleMatrix.ts";

/** Who may do what: every route of the API's own document, and signing in as a browser does. */

/** Dear enough that its time shows, cheap enough for dozens of sign-ins. */
const cheapPasswords = { ORDERLOOM_SCRYPT_N: `${2 ** 12}` };

let cluster: Cluster;
let client: pg.Pool;
beforeAll(async () => {
  cluster = await startCluster({ workers: 0, schedulers: 0, env: cheapPasswords });
  client = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
});
afterAll(async () => {
  await client?.end();
  await cluster?.stop();
});

const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  ask(`${cluster.url}${path}`, { method, body, headers });

const api = "/api/v1";
const password = "a loom and its shuttle";
const codeOf = ({ status, body }: Answer): string => `${status} ${body?.code ?? ""}`.trim();

/** The cookie that an answer sets, as a browser would send it back. */
const cookieOf = ({ headers }: Answer): string => String(headers["set-cookie"]).split(";")[0] ?? "";
const signIn = (name: string, given = password, headers: Record<string, string> = {}) =>
  send("POST", `${api}/session`, { name, password: given }, headers);

let admin = "";
const asAdmin = (method: string, path: string, body?: unknown) => send(method, `${api}${path}`, body, { cookie: admin });

async function person(name: string, role: Role, environment: string | null): Promise<string> {
  const made = await asAdmin("POST", "/people", { name, title: name, password, grants: [{ environment, role }] });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return cookieOf(await signIn(name));
}

describe("before sign-in is set up", () => {
  it("everything is open to the person at this machine, who has a name in the audit", async () => {
    expect((await send("GET", `${api}/session`)).body).toMatchObject({ signIn: false, setUp: "open", person: null });
    expect((await send("PUT", `${api}/environments/dev`, { limits: { payloadDays: 30 } })).status).toBe(200);
    const { body } = await send("GET", `${api}/audit?action=environment`);
    expect(body.items[0]).toMatchObject({ actor: "local", environment: "dev", address: "127.0.0.1" });
  });

  it("a page of another site can neither read nor change anything, and nobody can be made who would lock the others out", async () => {
    const foreign = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
    expect(codeOf(await send("POST", `${api}/set-up`, {}, foreign))).toBe("403 foreignPage");
    expect(codeOf(await send("GET", `${api}/runs`, undefined, { host: "evil.example" }))).toBe("403 foreignHost");
    const other = { name: "other", title: "Other", password, grants: [] };
    expect(codeOf(await send("POST", `${api}/people`, other))).toBe("409 notSetUp");
  });

  it("the first admin turns sign-in on, once", async () => {
    const first = { name: "ada", title: "Ada", password };
    expect(codeOf(await send("POST", `${api}/set-up`, { ...first, password: "short" }))).toBe("400 badRequest");
    expect(codeOf(await send("POST", `${api}/set-up`, { ...first, password: "aaaaaaaaaaaaaa" }))).toBe("422 passwordPoor");
    const answers = await Promise.all(["ada", "eve"].map((name) => send("POST", `${api}/set-up`, { ...first, name })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const made = answers.find(({ status }) => status === 201);
    if (!made) throw new Error("Nobody was made.");
    expect(made.headers["set-cookie"]).toMatch(/^orderloom-session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/);
    admin = cookieOf(made);
    expect(codeOf(await send("GET", `${api}/flows`))).toBe("401 signInNeeded");
    expect(codeOf(await send("GET", "/metrics"))).toBe("401 signInNeeded");
    expect((await send("GET", `${api}/session`)).body).toMatchObject({ signIn: true, setUp: "done", person: null, grants: [] });
    expect((await asAdmin("GET", "/flows")).status).toBe(200);
  });
});

describe("every route of the API's document", () => {
  let routes: Route[] = [];
  let things: Things;

  beforeAll(async () => {
    routes = routesIn((await send("GET", "/api/openapi.json")).body);
    const receipt = (await cluster.deliver(makeShopifyOrder("people", 1).body)).body.receipt;
    things = await makeThings(client, receipt, ["dev", "prod"]);
  });

  const managed = () => routes.filter(({ path }) => path.startsWith(api) || path === "/metrics");

  it("has a rule, and sources prove who they are to themselves", () => {
    expect(managed().length).toBeGreaterThan(45);
    expect(managed().filter(({ rule }) => rule === undefined)).toEqual([]);
    const others = routes.filter((route) => !managed().includes(route)).map(({ method, path }) => `${method} ${path}`);
    expect(others.sort()).toEqual([
      "GET /healthz",
      "GET /hooks/{environment}/{flow}/{node}",
      "GET /readyz",
      "GET /services/{environment}/{flow}/{node}/{receipt}",
      "POST /hooks/{environment}/{flow}/{node}",
      "POST /services/{environment}/{flow}/{node}",
    ]);
  });

  it("says what its rule is on purpose: no route has it by default", async () => {
    const { routeRules } = await import("#runtime/api/permissions.ts");
    const named = managed().map(({ method, path }) => `${method} ${path.replace(api, "").replace(/\{(\w+)\}/g, ":$1")}`);
    expect(named.sort()).toEqual(Object.keys(routeRules).sort());
  });

  const tokenOf = async (role: Role, environments: string[] | null): Promise<string> => {
    const name = `matrix-${randomBytes(6).toString("hex")}`;
    const made = await asAdmin("POST", "/tokens", { name, role, environments, days: 1 });
    expect(made.status).toBe(201);
    return made.body.token;
  };

  const scopes = [
    { scope: "its own environment", environments: ["dev"], named: "dev" },
    { scope: "another environment", environments: ["dev"], named: "prod" },
    { scope: "any environment, granted everywhere", environments: null, named: "prod" },
  ];
  const cases = scopes.flatMap((scope) => (Object.keys(may) as Role[]).map((role) => ({ ...scope, role })));
  it.each(cases)("lets a $role of $scope do what the role allows, and nothing else", async ({ role, environments, named }) => {
    const headers = { authorization: `Bearer ${await tokenOf(role, environments)}` };
    const wrong: string[] = [];
    for (const route of managed()) {
      const { path, body } = requestTo(route, named, things);
      const reply = await send(route.method, path, body, headers);
      const wanted = allowed(route.rule as Rule, role, environments?.includes(named) ?? true, environments === null);
      const refused = reply.status === 403 && ["forbidden", "noPerson"].includes(reply.body?.code);
      // Nobody is told to sign in who has a token, and what is allowed is answered by the route itself.
      if (refused === wanted || reply.status >= 500 || (reply.status === 401 && reply.body?.code === "signInNeeded"))
        wrong.push(`${route.method} ${path}: ${codeOf(reply)}, wanted it to be ${wanted ? "allowed" : "refused"}`);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    ["nobody", {}],
    ["a token that was never made", { authorization: `Bearer olt_${"x".repeat(43)}` }],
    ["a session that was never begun", { cookie: `orderloom-session=${"x".repeat(43)}` }],
  ])("is closed to %s", async (_who, headers: Record<string, string>) => {
    const open: string[] = [];
    for (const route of managed()) {
      const { path, body } = requestTo(route, "dev", things);
      const reply = await send(route.method, path, body, headers);
      if (route.rule !== "open" && codeOf(reply) !== "401 signInNeeded") open.push(`${route.method} ${path}: ${codeOf(reply)}`);
    }
    expect(open).toEqual([]);
  });

  it("is closed to a token that was revoked, and to one that has expired", async () => {
    const { token, made } = (await asAdmin("POST", "/tokens", { name: "short", role: "viewer", environments: null, days: 1 }))
      .body;
    const headers = { authorization: `Bearer ${token}` };
    const flows = () => send("GET", `${api}/flows`, undefined, headers);
    expect((await flows()).status).toBe(200);
    await client.query("update api_token set expires_at = clock_now() where id = $1", [made.id]);
    expect(codeOf(await flows())).toBe("401 signInNeeded");
    await client.query("update api_token set expires_at = clock_now() + interval '1 day' where id = $1", [made.id]);
    expect((await flows()).status).toBe(200);
    const longer = { name: "longer", role: "viewer", environments: null, days: 9 };
    const byToken = { authorization: `Bearer ${await tokenOf("admin", null)}` };
    expect(codeOf(await send("POST", `${api}/tokens`, longer, byToken))).toBe("422 tokenOutlives");
    expect((await asAdmin("DELETE", `/tokens/${made.id}`)).body.state).toBe("revoked");
    expect(codeOf(await flows())).toBe("401 signInNeeded");
    const kept = JSON.stringify((await client.query("select * from api_token")).rows);
    expect(kept).not.toContain(token);
    expect(JSON.stringify((await asAdmin("GET", "/tokens")).body)).not.toContain(token);
  });

  it("that lists environments or deployments shows those that one may see", async () => {
    const viewer = await person("vera", "viewer", "staging");
    const environments = (await send("GET", `${api}/environments`, undefined, { cookie: viewer })).body.items;
    expect(environments.map(({ id }: { id: string }) => id)).toEqual(["staging"]);
    const flow = (await send("GET", `${api}/flows/shopify-order-to-cash`, undefined, { cookie: viewer })).body;
    expect(flow.deployments).toEqual([]);
    expect((await asAdmin("GET", "/flows/shopify-order-to-cash")).body.deployments).toHaveLength(1);
  });

  it("takes nothing of another environment, where an id or the body names it", async () => {
    const own = { authorization: `Bearer ${await tokenOf("admin", ["dev"])}` };
    const others = managed().filter(({ path }) => /\{environment\}\/(promotions|subscriptions)\/\{id\}/.test(path));
    expect(others.length).toBeGreaterThan(6);
    for (const { method, path } of others) {
      const kind = path.includes("/promotions/") ? "promotion" : "subscription";
      const id = things.prod?.[kind] ?? "";
      const body = method === "GET" ? undefined : path.endsWith("/approve") ? { hash: "x" } : {};
      const at = (environment: string) => path.replace("{environment}", environment).replace("{id}", id);
      const refused = await send(method, at("dev"), body, own);
      const missing = (environment: string) => `There is no ${kind} ${id} in ${environment}.`;
      expect([refused.status, refused.body.message], `${method} ${path}`).toEqual([404, missing("dev")]);
      // Where it is, it is found: by the first that forgets it at the latest.
      if (!path.endsWith("/forget")) {
        const found = await send(method, at("prod"), body, { cookie: admin });
        expect(found.body.message, `${method} ${path}`).not.toBe(missing("prod"));
      }
    }
    const flow = "shopify-order-to-cash";
    const review = (messagesFrom: string) =>
      send("POST", `${api}/environments/dev/flows/${flow}/promotion-review`, { version: 1, messages: 1, messagesFrom }, own);
    expect([codeOf(await review("prod")), codeOf(await review("dev"))]).toEqual(["403 forbidden", "409 promotionNothing"]);
    const files = (environment: string) => send("GET", `${api}/export?flows=${flow}&environment=${environment}`, undefined, own);
    expect([codeOf(await files("prod")), codeOf(await files("dev"))]).toEqual(["403 forbidden", "200"]);
  });

  it("takes nothing of several environments from who may act in one of them only", async () => {
    const own = { authorization: `Bearer ${await tokenOf("admin", ["dev"])}` };
    const several = managed().filter(
      ({ rule }) => Array.isArray(rule) && rule.some((need) => need.in === "letters" || need.in === "deployTo"),
    );
    expect(several.length).toBeGreaterThan(2);
    for (const route of several)
      for (const named of [
        ["dev", "prod"],
        ["prod", "dev"],
      ]) {
        const body = { ids: named.map((environment) => things[environment]?.letter), deployTo: named };
        const { path } = requestTo(route, "dev", things);
        expect(codeOf(await send(route.method, path, body, own)), `${route.method} ${path}`).toBe("403 forbidden");
      }
  });

  it("lets an environment's own admin guard it more, and only an admin of all environments guard it less", async () => {
    const own = { authorization: `Bearer ${await tokenOf("admin", ["staging"])}` };
    const guard = (protection: string, more = {}) => send("PUT", `${api}/environments/staging`, { protection, ...more }, own);
    expect([(await guard("checks")).status, (await guard("approval")).status]).toEqual([200, 200]);
    for (const protection of ["none", "checks"]) {
      const refused = await guard(protection, { title: "Elsewhere" });
      expect([codeOf(refused), refused.body.message]).toEqual([
        "403 forbidden",
        "This needs the role admin in all environments.",
      ]);
    }
    expect((await guard("approval", { limits: { payloadDays: 30 } })).body).toMatchObject({
      title: "Staging",
      protection: "approval",
      limits: { payloadDays: 30 },
    });
    expect((await asAdmin("PUT", "/environments/staging", { protection: "none" })).body.protection).toBe("none");
  });

  it("gives a viewer a message without personal data only, and what is kept of it to whom may operate", async () => {
    const viewer = { cookie: await person("vivian", "viewer", "dev") };
    const operator = { cookie: await person("otto", "operator", "dev") };
    const ask = (body: object, as: Record<string, string>) =>
      send("POST", `${api}/runs/${things.dev?.run}/masked-message`, body, as);
    const masked = await ask({}, viewer);
    const email = masked.body.masked.find(({ kind }: { kind: string }) => kind === "email").pointer;
    expect(masked.body.input.email).toMatch(/@example\.com$/);
    expect(codeOf(await ask({ keep: [email] }, viewer))).toBe("403 forbidden");
    const kept = await ask({ keep: [email] }, operator);
    expect(kept.body.input[email.slice(1)]).not.toBe(masked.body.input[email.slice(1)]);
    expect(kept.body.input.total_price).toBe(masked.body.input.total_price);
  });

  it("incident: a viewer retries a run; the sentence says who may", async () => {
    const viewer = await person("victor", "viewer", "dev");
    const reply = await send("POST", `${api}/runs/${things.dev?.run}/replay`, {}, { cookie: viewer });
    expect([reply.status, reply.body.message]).toEqual([403, "This needs the role operator or admin in dev."]);
  });
});

describe("a session", () => {
  it("incident: session fixation; each sign-in gives another, whatever cookie the browser brought", async () => {
    await person("fay", "viewer", null);
    const brought = `orderloom-session=${"f".repeat(43)}`;
    const first = await signIn("fay", password, { cookie: brought });
    expect(first.status).toBe(200);
    expect(cookieOf(first)).not.toBe(brought);
    const second = await signIn("fay", password, { cookie: cookieOf(first) });
    const session = async (cookie: string) => (await send("GET", `${api}/session`, undefined, { cookie })).body.person?.name;
    expect([await session(brought), await session(cookieOf(first)), await session(cookieOf(second))]).toEqual([
      undefined,
      undefined,
      "fay",
    ]);
    const kept = JSON.stringify((await client.query("select * from session")).rows);
    expect(kept).not.toContain(cookieOf(second).split("=")[1]);
  });

  it("incident: a page of another site sends a request (CSRF), in browsers with Sec-Fetch-Site and without", async () => {
    const cookie = await person("cara", "admin", null);
    const change = (headers: Record<string, string>) =>
      send("PUT", `${api}/environments/dev`, { limits: { payloadDays: 7 } }, { cookie, ...headers });
    expect(codeOf(await change({ "sec-fetch-site": "cross-site" }))).toBe("403 foreignPage");
    expect(codeOf(await change({ "sec-fetch-site": "same-site" }))).toBe("403 foreignPage");
    expect(codeOf(await change({ origin: "https://evil.example" }))).toBe("403 foreignPage");
    expect(codeOf(await send("POST", `${api}/session`, { name: "x", password }, { "sec-fetch-site": "cross-site" }))).toBe(
      "403 foreignPage",
    );
    expect((await change({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await change({ origin: cluster.url })).status).toBe(200);
    // No form can send JSON, and nothing else is taken.
    const form = await send("PUT", `${api}/environments/dev`, undefined, {
      cookie,
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(form.status).toBeGreaterThanOrEqual(400);
  });

  it("ends when one signs out, when nobody uses it for a working day, and after a week", async () => {
    const alive = async (cookie: string) => (await send("GET", `${api}/system`, undefined, { cookie })).status === 200;
    const out = await person("olga", "viewer", null);
    expect(await alive(out)).toBe(true);
    const gone = await send("DELETE", `${api}/session`, undefined, { cookie: out });
    expect(gone.headers["set-cookie"]).toMatch(/orderloom-session=; /);
    expect(await alive(out)).toBe(false);
    for (const [column, past] of [
      ["seen_at", "clock_now() - interval '10 hours'"],
      ["expires_at", "clock_now()"],
    ]) {
      const cookie = cookieOf(await signIn("olga"));
      expect(await alive(cookie)).toBe(true);
      await client.query(`update session set ${column} = ${past} where person_id = (select id from person where name = 'olga')`);
      expect(await alive(cookie)).toBe(false);
    }
  });

  it("and all others of the person end when the password changes, by the person or by an admin", async () => {
    const [here, elsewhere] = [await person("paul", "viewer", null), cookieOf(await signIn("paul"))];
    const other = "another loom, another day";
    const change = (current: string) => send("PUT", `${api}/session/password`, { current, password: other }, { cookie: here });
    expect(codeOf(await change("not the one"))).toBe("401 signInWrong");
    const changed = await change(password);
    expect([changed.status, changed.body.person?.name]).toEqual([200, "paul"]);
    const names = async () =>
      Promise.all(
        [here, elsewhere, cookieOf(changed)].map(
          async (cookie) => (await send("GET", `${api}/session`, undefined, { cookie })).body.person?.name ?? null,
        ),
      );
    expect(await names()).toEqual([null, null, "paul"]);
    const { items } = (await asAdmin("GET", "/people")).body;
    const { id } = items.find(({ name }: { name: string }) => name === "paul");
    expect((await asAdmin("PUT", `/people/${id}`, { state: "disabled" })).status).toBe(200);
    expect(await names()).toEqual([null, null, null]);
    expect(codeOf(await signIn("paul", other))).toBe("401 signInWrong");
  });
});

describe("signing in", () => {
  it("is refused for an account after ten tries from an address, the right password too: for half a minute where it is known", async () => {
    await person("rita", "viewer", null);
    await client.query("delete from sign_in_try");
    for (const [name, least, most] of [
      ["nobody-here", 800, 900],
      ["rita", 1, 30],
    ] as const) {
      const tries = await Promise.all(Array.from({ length: 12 }, () => signIn(name, "not the one at all")));
      expect(tries.map(codeOf).filter((code) => code === "401 signInWrong")).toHaveLength(10);
      await client.query("update sign_in_try set since = clock_now()");
      const late = await signIn(name);
      expect(codeOf(late)).toBe("429 signInTooOften");
      expect(Number(late.headers["retry-after"])).toBeGreaterThanOrEqual(least);
      expect(Number(late.headers["retry-after"])).toBeLessThanOrEqual(most);
    }
    expect((await signIn("Rita ")).status).toBe(429);
    await client.query("update sign_in_try set since = since - interval '16 minutes'");
    expect((await signIn("rita")).status).toBe(200);
    const audited = await client.query("select subject from audit where action = 'signIn.tooMany'");
    // Once for each, though twelve tried.
    expect(audited.rows).toEqual([{ subject: "127.0.0.1" }, { subject: "127.0.0.1" }]);
  });

  it("is refused for an address after fifty, whichever names it tries", async () => {
    await client.query("update sign_in_try set tries = 48 where key like 'address %'");
    const guesses = await Promise.all(["one", "two", "three", "four"].map((name) => signIn(`guess-${name}`, "x")));
    expect(guesses.map(codeOf).sort()).toEqual([
      "401 signInWrong",
      "401 signInWrong",
      "429 signInTooOften",
      "429 signInTooOften",
    ]);
    await client.query("delete from sign_in_try");
  });

  it("takes as long for a name that is nobody's as for a wrong password", async () => {
    await person("tess", "viewer", null);
    const timed = async (name: string): Promise<number> => {
      const from = performance.now();
      expect(codeOf(await signIn(name, "not the one"))).toBe("401 signInWrong");
      return performance.now() - from;
    };
    // The quickest of each, in turns: what else the machine does slows both, and more tries let each meet a quiet moment.
    let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let tries = 0; tries < 5 || (tries < 40 && unknown <= known * 0.6); tries++) {
      known = Math.min(known, await timed("tess"));
      unknown = Math.min(unknown, await timed("nobody-at-all"));
      await client.query("delete from sign_in_try");
    }
    expect(unknown).toBeGreaterThan(known * 0.6);
  });
});
