import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Promotion, PromotionReview } from "#schemas/promotion.ts";
import { administeredServer, flowId } from "./support/administered.ts";
import { axeFindings, hasChromium, launchBrowser, openPage } from "./support/browser.ts";
import { publishOwned, requestOn } from "./support/promotionPage.ts";
import { risky, riskyId, unchecked } from "./support/riskyFlow.ts";
import { sendOrder } from "./support/sendOrder.ts";
import { until } from "./support/until.ts";

/** A version on its way from dev to prod, with the people who take part. */

const password = "a loom and its shuttle";
const ORDERS = 12;

// Nothing inside networks may be reached here: its own sandbox has to be, all the same.
const administered = administeredServer({ ORDERLOOM_SCRYPT_N: "16", ORDERLOOM_REACH: "" });
const { call, must } = administered;
/** Where its simulated systems answer. */
let sandbox: string;
beforeAll(async () => {
  await sendOrders();
  await connectProd();
});

/** Orders that dev has booked: what a promotion is tried on. */
async function sendOrders(): Promise<void> {
  const hook = `${administered.url}/hooks/dev/${flowId}/orders`;
  for (let number = 0; number < ORDERS; number++) await sendOrder(hook, makeShopifyOrder("promoted", number));
  await until(
    async () => {
      const { items } = await must<{ items: { state: string }[] }>("GET", `/runs?environment=dev&flow=${flowId}`);
      return items.length >= ORDERS && items.every(({ state }) => state !== "RUNNING");
    },
    { what: "the orders to be booked" },
  );
}

/** The same systems for prod, each with its own connection, as an admin makes them. */
async function connectProd(): Promise<void> {
  const { items } = await must<{ items: { name: string; config: { baseUrl: string } }[] }>(
    "GET",
    "/environments/dev/connections",
  );
  sandbox = new URL(items[0]?.config.baseUrl ?? "").origin;
  for (const { name, connector, config, secrets } of northwind(sandbox)) {
    const made = await must<{ systemAccount: string; secretNames: string[] }>("PUT", `/environments/prod/connections/${name}`, {
      connector,
      config,
      secrets,
    });
    expect(made.secretNames).toEqual(Object.keys(secrets).sort());
    expect(JSON.stringify(made)).not.toContain(Object.values(secrets)[0]);
  }
}

/** Changes the draft, and publishes it without deploying it. */
async function publish(note: string, change: (flow: Flow) => Flow, id = flowId): Promise<number> {
  const { flow, revision } = await must<{ flow: Flow; revision: number }>("GET", `/flows/${id}`);
  const saved = await must<{ revision: number }>("PUT", `/flows/${id}/draft`, { revision, flow: change(flow) });
  return (await must<{ number: number }>("POST", `/flows/${id}/versions`, { revision: saved.revision, note })).number;
}

const running = async (environment: string, id = flowId): Promise<number[]> => {
  const { deployments } = await must<{ deployments: { environment: string; versions: { number: number }[] }[] }>(
    "GET",
    `/flows/${id}`,
  );
  return deployments.find((each) => each.environment === environment)?.versions.map(({ number }) => number) ?? [];
};

const review = (environment: string, version: number, more: object = {}, id = flowId) =>
  must<PromotionReview>("POST", `/environments/${environment}/flows/${id}/promotion-review`, { version, ...more });

it("dev is not protected: a version is promoted there from the command line, tried on what came in", async () => {
  const number = await publish("Mark the order", (flow) => ({
    ...flow,
    nodes: flow.nodes.map((node) =>
      node.id === "erp" ? { ...node, config: { ...node.config, newOrderStatus: "A", attach: "booked" } } : node,
    ),
  }));
  // The sandbox sends orders of its own besides.
  const found = await review("dev", number, { messages: ORDERS });
  expect(found.checks.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  expect(found.diff).toMatchObject({ messages: ORDERS, differing: ORDERS });
  const status = found.diff.groups.find(
    ({ kind, node, field }) => kind === "request" && node === "erp" && /orderStatus/.test(field),
  );
  expect(status?.messages).toBe(ORDERS);
  expect(found.nodeNames.erp).toBe("Book in NetSuite");
  // What the ERP would answer to another request is not known, so nothing is said of the warehouse.
  expect(found.diff.unknownAt.erp).toBe(ORDERS);
  expect(found.diff.groups.filter(({ node }) => node === "wms")).toEqual([]);

  const cli = (...args: string[]) => administered.run(fromRoot("."), ...args);
  expect(await cli("promote", flowId, "--to", "dev", "--dry-run")).toMatchObject({ code: 0 });
  expect(await running("dev")).toEqual([1]);
  const promoted = await cli("promote", flowId, "--to", "dev", "--note", "From CI");
  expect(promoted).toMatchObject({ code: 0, said: expect.stringMatching(/it runs now/) });
  expect(await running("dev")).toEqual([number]);
});

it("a protected environment takes no version but by promotion, and none with a failed check or an unacknowledged risk", async () => {
  const direct = await call("PUT", `/environments/prod/deployments/${flowId}`, { version: 1, state: "active" });
  expect([direct.status, direct.body.code]).toEqual([409, "environmentProtected"]);
  const ownerless = await publish("Nobody's", ({ owner: _owner, ...flow }) => flow);
  const found = await review("prod", ownerless, { messagesFrom: "dev" });
  expect(found.checks.find(({ name }) => name === "owner")?.outcome).toBe("failed");
  const wish = { version: ownerless, hash: found.hash, messagesFrom: "dev" };
  const refused = await call("POST", `/environments/prod/flows/${flowId}/promotions`, wish);
  expect([refused.status, refused.body.code]).toEqual([422, "promotionBlocked"]);
  // What it is tried on is no part of it, and was exchanged by publishing it again.
  const sample = { name: "again", title: "Again", source: "gone", headers: {}, input: {}, expect: { outcome: "SUCCEEDED" } };
  await must("PUT", `/flows/${flowId}/samples/again`, { revision: 0, sample });
  const risksOf = async () => (await review("prod", ownerless, { messages: 0 })).risks.map(({ name }) => name);
  expect(await publish("Nobody's", (flow) => flow)).toBe(ownerless);
  expect(await risksOf()).toContain("samplesChanged");
  await must("DELETE", `/flows/${flowId}/samples/again`);
  expect(await publish("Nobody's", (flow) => flow)).toBe(ownerless);
  expect(await risksOf()).not.toContain("samplesChanged");
  await publish("Ours again", (flow) => ({ ...flow, owner: "channels-team" }));
});

it("what an analyst requests waits for somebody who operates the environment, and may be withdrawn by who asked", async () => {
  const made = await must<{ token: string }>("POST", "/tokens", {
    name: "analyst",
    role: "analyst",
    environments: ["dev"],
    days: 1,
  });
  const asAnalyst = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${made.token}`, "content-type": "application/json" };
    const answer = await fetch(`${administered.url}/api/v1/environments/dev${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Promotion & { code: string } };
  };
  // Who does not operate the environment sends nothing to its systems.
  const reviewed = await asAnalyst(`/flows/${flowId}/promotion-review`, { version: 1, messages: 0 });
  const { checks } = reviewed.body as unknown as PromotionReview;
  const tried = checks.filter(({ name }) => name === "connection");
  expect(new Set(tried.map(({ outcome, detail }) => `${outcome} ${detail.split(".")[0]}`))).toEqual(
    new Set(["warned It was never tested"]),
  );
  const { hash, risks } = await review("dev", 1, { messages: 0 });
  const wish = { version: 1, messages: 0, hash, acknowledged: risks.map(({ name }) => name) };
  const asked = await asAnalyst(`/flows/${flowId}/promotions`, wish);
  expect([asked.status, asked.body.state, asked.body.requestedBy]).toEqual([201, "requested", "token:analyst"]);
  expect((await asAnalyst(`/promotions/${asked.body.id}/approve`, { hash })).status).toBe(403);
  expect((await asAnalyst(`/promotions/${asked.body.id}/withdraw`, {})).body.state).toBe("withdrawn");
  const others = await must<Promotion>("POST", `/environments/dev/flows/${flowId}/promotions`, {
    ...wish,
    activateAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  const refused = await asAnalyst(`/promotions/${others.id}/withdraw`, {});
  expect([refused.status, refused.body.code]).toEqual([403, "promotionOthers"]);
  expect((await asAnalyst(`/flows/${flowId}/promotions`, wish)).body.code).toBe("promotionOpen");
  await must("POST", `/environments/dev/promotions/${others.id}/withdraw`, {});
  expect(await running("dev")).not.toEqual([1]);
});

it("a slot with several connections takes the one named; a risk keeps a version back until it is acknowledged by its name", async () => {
  for (const environment of ["dev", "prod"]) {
    for (const accountName of ["web-north", "web-south"]) {
      const web = { connector: "http", config: { accountName, baseUrl: sandbox }, secrets: { key: "Bearer of-nothing" } };
      await must("PUT", `/environments/${environment}/connections/${accountName}`, web);
    }
  }
  await must("POST", "/flows", { flow: risky });
  expect([await publish("Checked", (flow) => flow, riskyId), await publish("Faster", unchecked, riskyId)]).toEqual([1, 2]);

  const cli = (...args: string[]) =>
    administered.run(fromRoot("."), "promote", riskyId, "--to", "dev", "--messages", "0", ...args);
  const unbound = await cli("--on", "1");
  expect(unbound).toMatchObject({ code: 1, said: expect.stringMatching(/failed: slots\. Slot web has no connection in dev\./) });
  const first = await cli("--on", "1", "--slot", "web=web-north");
  expect(first).toMatchObject({ code: 0, said: expect.stringMatching(/slot web: web-north\n[\s\S]*it runs now/) });

  const { hash, risks } = await review("dev", 2, { messages: 0 }, riskyId);
  expect(risks.map(({ name }) => name)).toEqual(["checksLess:check", "effectKey:post"]);
  const ask = (acknowledged: string[]) => {
    const wish = { version: 2, hash, messages: 0, acknowledged };
    return call("POST", `/environments/dev/flows/${riskyId}/promotions`, wish);
  };
  const refused = [await ask([]), await ask(["checksLess:check", "effectKey:check"])];
  expect(refused.map(({ status, body: { code, message } }) => [status, code, message])).toEqual([
    [422, "promotionRisks", "Risks are not acknowledged: checksLess:check, effectKey:post."],
    [422, "promotionRisks", "Risks are not acknowledged: effectKey:post."],
  ]);
  const held = await cli("--acknowledge", "checksLess:check");
  expect(held).toMatchObject({ code: 1, said: expect.stringMatching(/Not requested, acknowledge first: effectKey:post$/) });
  expect(await running("dev", riskyId)).toEqual([1]);
  const all = ["--acknowledge", "checksLess:check", "--acknowledge", "effectKey:post"];
  const promoted = await cli(...all, "--slot", "web=web-south");
  expect(promoted).toMatchObject({ code: 0, said: expect.stringMatching(/slot web: web-south\n[\s\S]*it runs now/) });
  expect([await running("dev", riskyId), await webOf("dev")]).toEqual([[2], "web-south"]);

  const id = /Promoted, as (\S+):/.exec(promoted.said)?.[1];
  await must("POST", `/environments/dev/promotions/${id}/roll-back`, {});
  expect([await running("dev", riskyId), await webOf("dev")]).toEqual([[1], "web-north"]);
  const taken = await ask(["checksLess:check", "effectKey:post"]);
  expect([taken.status, taken.body.state, taken.body.slots.web]).toEqual([201, "active", "web-north"]);
});

/** What the risky flow's slot of the web is bound to. */
async function webOf(environment: string): Promise<string | undefined> {
  const path = `/flows/${riskyId}`;
  const { deployments } = await must<{ deployments: { environment: string; slots: Record<string, string> }[] }>("GET", path);
  return deployments.find((each) => each.environment === environment)?.slots.web;
}

describe.skipIf(!hasChromium)("with two people", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
    await must("POST", "/set-up", { name: "ada", title: "Ada", password });
    await must("POST", "/people", {
      name: "bob",
      title: "Bob",
      password,
      grants: [{ environment: "prod", role: "operator" }],
    });
  });
  afterAll(() => browser?.close());

  const enter = async (name: string, flow = flowId): Promise<{ page: Page; complaints: string[] }> => {
    const opened = await openPage(browser);
    await opened.page.goto(`${administered.url}/prod/flows/${flow}/promote?version=2&from=${name === "ada" ? "dev" : "prod"}`);
    await opened.page.locator("input[autocomplete=username]").fill(name);
    await opened.page.locator("input[autocomplete=current-password]").fill(password);
    await opened.page.getByTestId("sign-in").press("Enter");
    return opened;
  };

  it("one requests, cannot approve it, another approves; it runs, and one click leads back", async () => {
    const ada = await enter("ada");
    await ada.page.getByTestId("promotion-checks").waitFor({ timeout: 30_000 });
    expect(await ada.page.getByTestId("replay-summary").textContent()).toMatch(/Tried alone on \d+ messages/);
    expect(await axeFindings(ada.page)).toEqual([]);
    await ada.page.getByTestId("promotion-note").fill("Finance asked for it");
    await ada.page.getByTestId("promotion-request").click();
    const asked = ada.page.locator('[data-testid="promotion-entry"][data-state="requested"]');
    await asked.waitFor();
    await asked.getByTestId("promotion-approve").click();
    await ada.page.getByText(/cannot approve it/).waitFor();
    expect(await running("prod")).toEqual([]);

    const bob = await enter("bob");
    await bob.page.getByText(/^Nothing ran here then\. Tried alone on \d+ messages of \w+:/).waitFor();
    // The versions are of whoever holds the installation's token, which may be Bob.
    const unknown = await bob.page.getByTestId("promotion-unnamed").textContent();
    expect(unknown).toMatch(/^Author unknown.*the installation's token/);
    await bob.page.getByTestId("promotion-approve").click();
    await bob.page.locator('[data-testid="promotion-entry"][data-state="active"]').waitFor();
    expect(await running("prod")).toEqual([2]);
    const { items } = await must<{ items: Promotion[] }>("GET", `/environments/prod/flows/${flowId}/promotions`);
    expect(items[0]).toMatchObject({ requestedBy: "ada", approvedBy: "bob", alone: false, base: null, version: 2 });
    const versions = await must<{ items: { number: number; hash: string }[] }>("GET", `/flows/${flowId}/versions`);
    expect(items[0]?.hash).toBe(versions.items.find(({ number }) => number === 2)?.hash);

    const next = await must<PromotionReview>("POST", `/environments/prod/flows/${flowId}/promotion-review`, { version: 1 });
    const acknowledged = next.risks.map(({ name }) => name);
    const second = await must<Promotion>("POST", `/environments/prod/flows/${flowId}/promotions`, {
      version: 1,
      hash: next.hash,
      acknowledged,
    });
    const byToken = await call("POST", `/environments/prod/promotions/${second.id}/approve`, {
      hash: next.hash,
    });
    expect([byToken.status, byToken.body.code]).toEqual([403, "promotionNoPerson"]);
    const waiting = bob.page.locator('[data-testid="promotion-entry"][data-state="requested"]');
    await waiting.getByTestId("promotion-approve").click();
    await until(async () => (await running("prod"))[0] === 1, { what: "version 1 to run in prod" });
    await bob.page.getByTestId("promotion-roll-back").click();
    await bob.page.locator('[data-testid="promotion-entry"][data-state="rolledBack"]').waitFor();
    expect(await running("prod")).toEqual([2]);

    // Once more, with a share of new messages first, asked for on the page.
    await ada.page.goto(`${administered.url}/prod/flows/${flowId}/promote?version=1&from=dev`);
    await ada.page.getByTestId("promotion-checks").waitFor({ timeout: 30_000 });
    // Prod has had no messages to try it on. Those of dev are tried here, and of none the ERP's answers to both versions are known.
    expect(acknowledged).toContain("untried");
    for (const risk of await ada.page.getByTestId(/^risk-/).all()) await risk.check();
    await ada.page.getByTestId("canary-begin").check({ force: true });
    await ada.page.getByTestId("canary-share").fill("25");
    await ada.page.getByTestId("promotion-request").click();
    await asked.getByText(/25 % of new messages/).waitFor();
    await waiting.getByTestId("promotion-approve").click();
    await bob.page.getByTestId("canary-candidate").getByText("25 %").waitFor();
    await bob.page.getByTestId("canary-deployed").getByText("75 %").waitFor();
    expect(await axeFindings(bob.page)).toEqual([]);
    await bob.page.getByTestId("canary-stop").click();
    await bob.page.locator('[data-testid="promotion-entry"][data-state="stopped"]').waitFor();
    expect(await running("prod")).toEqual([2]);
    expect(bob.complaints).toEqual([]);

    // What was exported is taken in again: it says beforehand that nothing changes, and the flow is of files then.
    const bundle = Buffer.from(JSON.stringify(await must("GET", `/export?flows=${flowId}`)));
    await ada.page.goto(`${administered.url}/dev/environments`);
    await ada.page.getByTestId("bundle-import").click();
    const chosen = { name: "shop.bundle.json", mimeType: "application/json", buffer: bundle };
    await ada.page.locator('input[type="file"]').setInputFiles(chosen);
    await ada.page
      .getByTestId(`import-${flowId}`)
      .getByText(/Draft changes/)
      .waitFor();
    expect(await axeFindings(ada.page)).toEqual([]);
    await ada.page.getByTestId("import-do").click();
    await ada.page.getByText("1 flow is imported.").waitFor();
    await ada.page.goto(`${administered.url}/dev/flows/${flowId}/versions`);
    await ada.page.getByTestId("files-standing").getByText("shop.bundle.json").waitFor();

    // Nor does who made a version approve it, whoever requests it.
    const made = await publishOwned(ada.page, `${administered.url}/dev/flows/${flowId}`, "finance");
    const promotion = `${administered.url}/prod/flows/${flowId}/promote?version=${made}&from=prod`;
    await requestOn(bob.page, promotion);
    await ada.page.goto(promotion);
    await asked.getByTestId("promotion-approve").click();
    await ada.page.getByText(/cannot approve it/).waitFor();
    expect(await running("prod")).toEqual([2]);
    // The refused approval is told by the browser too.
    expect(ada.complaints.filter((said) => !/403/.test(said))).toEqual([]);
  });

  it("who approves reads what was checked, what is risky and what changes; who requests acknowledges each risk first", async () => {
    const guard = (protection: string) => must("PUT", "/environments/prod", { protection });
    await guard("none");
    await must("PUT", `/environments/prod/deployments/${riskyId}`, { version: 1, slots: { web: "web-north" } });
    await guard("approval");
    const ada = await enter("ada", riskyId);
    await ada.page.getByTestId("slot-web").click();
    await ada.page.getByRole("option", { name: "web-south" }).click();
    const changes = ada.page.getByTestId("promotion-changes");
    await changes.getByText("/config/documentKey").waitFor({ timeout: 30_000 });
    const button = ada.page.getByTestId("promotion-request");
    for (const name of ["checksLess:check", "effectKey:post", "untried"]) {
      expect(await button.isDisabled()).toBe(true);
      await ada.page.getByTestId(`risk-${name}`).check();
    }
    await until(() => button.isEnabled(), { what: "the request to be possible" });
    expect(await axeFindings(ada.page)).toEqual([]);
    await button.click();
    await ada.page.locator('[data-testid="promotion-entry"][data-state="requested"]').waitFor();

    const bob = await enter("bob", riskyId);
    const asked = bob.page.locator('[data-testid="promotion-entry"][data-state="requested"]');
    await asked.getByTestId("check-owner").getByText("channels-team is asked when something is wrong.").waitFor();
    await asked.getByTestId("promotion-slots").getByText("web-south").waitFor();
    const risk = asked.getByTestId("kept-risk-effectKey:post");
    expect(await risk.textContent()).toMatch(
      /key · Post · effectKey:post.*What its key is made from has changed\..*Acknowledged by ada/,
    );
    await asked.getByText("/config/documentKey").waitFor();
    expect(await asked.locator('[data-side="before"]').first().textContent()).toBe("externalId");
    expect(await asked.locator('[data-side="after"]').first().textContent()).toBe("orderNumber");
    await asked.getByTestId("promotion-again").click();
    await asked.getByTestId("replay-summary").waitFor();
    expect(await axeFindings(bob.page)).toEqual([]);
    await bob.page.getByTestId("promotion-approve").click();
    await bob.page.locator('[data-testid="promotion-entry"][data-state="active"]').waitFor();
    expect([await running("prod", riskyId), await webOf("prod")]).toEqual([[2], "web-south"]);

    // To what it reaches the same holds: nobody alone leads an approved version to another account.
    const direct = await call("PUT", `/environments/prod/deployments/${riskyId}`, { slots: { web: "web-north" } });
    expect([direct.status, direct.body.code]).toEqual([409, "deploymentRebinds"]);
    await must("PUT", `/environments/prod/deployments/${riskyId}`, { state: "paused", slots: { web: "web-south" } });
    await must("PUT", `/environments/prod/deployments/${riskyId}`, { state: "active" });
    const nothing = await call("POST", `/environments/prod/flows/${riskyId}/promotion-review`, { version: 2 });
    expect([nothing.status, nothing.body.code]).toEqual([409, "promotionNothing"]);
    await ada.page.reload();
    await ada.page.getByTestId("promotion-nothing").waitFor();
    expect(await axeFindings(ada.page)).toEqual([]);
    await ada.page.getByTestId("slot-web").click();
    await ada.page.getByRole("option", { name: "web-north" }).click();
    await ada.page.getByTestId("check-slots").getByText("web is web-north instead of web-south").waitFor();
    for (const name of ["effectKey:post", "untried"]) await ada.page.getByTestId(`risk-${name}`).check();
    await button.click();
    await asked
      .getByTestId("kept-risk-effectKey:post")
      .getByText("It reaches the account web-north, no more web-south.")
      .waitFor();
    await asked.getByTestId("promotion-approve").click();
    await until(async () => (await webOf("prod")) === "web-north", { what: "the slot to reach web-north" });
    expect(await running("prod", riskyId)).toEqual([2]);
    const active = bob.page.locator('[data-state="active"]').filter({ hasText: "v2 with other connections" });
    await active.getByTestId("promotion-roll-back").click();
    await until(async () => (await webOf("prod")) === "web-south", { what: "the slot to reach web-south again" });
    expect([...ada.complaints, ...bob.complaints]).toEqual([]);
  });
});
