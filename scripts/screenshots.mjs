// Pictures of every screen, light and dark, from an installation of its own with a made-up shop: docs/screenshots/.
//   NAME ...   only the screens whose names begin so, as `promote` or `flows-new`
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { freePort } from "#runtime/store/embedded/freePort.ts";
import { findChromium } from "../test/support/chromium.ts";
import { until } from "../test/support/until.ts";
import { dist, root } from "./paths.mjs";
import { states } from "./pictureStates.mjs";

const folder = join(root, "docs", "screenshots");
const home = mkdtempSync(join(tmpdir(), "orderloom-pictures-"));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
/** How often each sample is sent, so that the lists have something to show. */
const ROUNDS = 5;
const password = "a loom and its shuttle";
const WIDTH = 1280;
const HEIGHT = 800;
const wanted = process.argv.slice(2);

const server = spawn(process.execPath, [join(dist, "start.js")], {
  // Told where it is reached, it has the shop of the sandbox send its webhooks here.
  env: { ...process.env, PORT: `${port}`, ORDERLOOM_HOME: home, ORDERLOOM_HOOKS_URL: url },
  stdio: ["ignore", "ignore", "inherit"],
});
let browser;
let cookie = "";
try {
  await until(
    () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    { timeoutMs: 120_000, what: "the server" },
  );
  await seed();
  browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox", "--disable-gpu"] });
  mkdirSync(folder, { recursive: true });
  for (const scheme of ["light", "dark"]) await take(scheme, await open());
  await signInSetUp();
  for (const scheme of ["light", "dark"]) await take(scheme, closed());
} finally {
  await browser?.close();
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await gone;
  rmSync(home, { recursive: true, force: true });
}

async function call(method, path, body) {
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { ...(body ? { "content-type": "application/json" } : {}), ...(cookie ? { cookie } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  if (path === "/session")
    cookie = answer.headers
      .getSetCookie()
      .map((one) => one.split(";")[0])
      .join("; ");
  return text === "" ? undefined : JSON.parse(text);
}

/** Several flows, two versions of one, a finished promotion, one put away; samples bring runs and failures. */
async function seed() {
  await call("PUT", "/environments/dev/tables/carriers", {
    title: "Carriers by marketplace",
    columns: ["carrier", "scac", "service"].map((name) => ({ name, type: "text" })),
    key: ["carrier"],
    rows: [
      { carrier: "UPS", scac: "UPSN", service: "Ground" },
      { carrier: "FedEx", scac: "FDEG", service: "Home Delivery" },
      { carrier: "DHL", scac: "DHLC", service: "Express" },
    ],
  });
  const { items } = await call("GET", "/flow-templates");
  const owners = ["channels-team", "warehouse", "finance", "channels-team"];
  const fresh = items.filter(({ id }) => id !== "shopify-order-to-cash");
  for (const [index, flow] of fresh.entries())
    await call("POST", "/flows", { flow: { ...flow, owner: owners[index % owners.length] }, samplesOf: flow.id });
  await call("POST", "/flows", {
    flow: { ...fresh[0], id: "orders-2025", name: "Orders as they were in 2025", owner: "finance" },
  });
  await call("POST", "/flows/orders-2025/archive", {});
  const id = "shopify-order-to-cash";
  const { flow, revision } = await call("GET", `/flows/${id}`);
  const nodes = flow.nodes.map((node) => (node.id === "erp" ? { ...node, config: { ...node.config, attach: "booked" } } : node));
  const saved = await call("PUT", `/flows/${id}/draft`, { revision, flow: { ...flow, nodes } });
  const note = "Attach what NetSuite has booked";
  const { number: version } = await call("POST", `/flows/${id}/versions`, { revision: saved.revision, note });
  const samples = (await call("GET", `/flows/${id}/samples`)).items;
  for (let round = 0; round < ROUNDS; round += 1)
    for (const { name } of samples) await call("POST", `/environments/dev/flows/${id}/samples/${name}/send`, {});
  await until(async () => (await call("GET", "/runs?environment=dev&state=RUNNING&limit=1")).items.length === 0, {
    timeoutMs: 60_000,
    everyMs: 500,
    what: "the orders to run",
  });
  // Tried on what came in, and active since.
  const { hash, risks } = await call("POST", `/environments/dev/flows/${id}/promotion-review`, { version });
  const wish = { version, hash, note, acknowledged: risks.map(({ name }) => name) };
  await call("POST", `/environments/dev/flows/${id}/promotions`, wish);
  await publishRisky(id);
  await call("POST", "/environments/dev/connections/northwind-erp/test", {});
}

/** A version whose promotion nobody should agree to unread: other effect keys, and a way around the check. Not in the draft. */
async function publishRisky(id) {
  const { flow, revision } = await call("GET", `/flows/${id}`);
  const risky = {
    ...flow,
    nodes: flow.nodes.map((node) =>
      node.id === "erp" ? { ...node, config: { ...node.config, externalIdPrefix: "US_" } } : node,
    ),
    edges: [...flow.edges, { id: "around", from: { node: "canonical", port: "out" }, to: { node: "erp", port: "in" } }],
  };
  const saved = await call("PUT", `/flows/${id}/draft`, { revision, flow: risky });
  const made = { revision: saved.revision, note: "Tell the shops apart in NetSuite" };
  await call("POST", `/flows/${id}/versions`, made);
  const { revision: last } = await call("GET", `/flows/${id}`);
  await call("PUT", `/flows/${id}/draft`, { revision: last, flow });
}

async function signInSetUp() {
  await call("POST", "/set-up", { name: "ada", title: "Ada Brandt", password });
  await call("POST", "/session", { name: "ada", password });
  for (const [name, title, role] of [
    ["ben", "Ben Okafor", "operator"],
    ["chiara", "Chiara Conti", "analyst"],
    ["dmitri", "Dmitri Sokol", "viewer"],
  ])
    await call("POST", "/people", { name, title, password, grants: [{ environment: null, role }] });
}

/** Screens by name: the address, and what to wait for. */
async function open() {
  const id = "shopify-order-to-cash";
  const [run] = (await call("GET", "/runs?environment=dev&state=SUCCEEDED&limit=1")).items;
  const flow = JSON.stringify((await call("GET", `/flows/${id}`)).flow, null, 2);
  const [letter] = (await call("GET", "/dead-letters?environment=dev&state=open&limit=1")).items;
  return {
    flows: ["/dev/flows", "flow-row"],
    "flows-new": ["/dev/flows", "flow-row", (page) => page.getByTestId("new-flow").click()],
    "flows-import": [
      "/dev/flows",
      "flow-row",
      async (page) => {
        await page.getByTestId("import-flow").click();
        await page.getByTestId("import-text").fill(flow);
      },
    ],
    "flows-empty": ["/dev/flows?q=nothing+like+this", ""],
    canvas: [`/dev/flows/${id}?view=canvas`, "node-wms"],
    "canvas-mapping": [`/dev/flows/${id}?view=canvas&node=canonical`, "inspector"],
    "canvas-retry": [`/dev/flows/${id}?view=canvas&node=erp&tab=limits`, "inspector"],
    "canvas-sample": [
      `/dev/flows/${id}?view=canvas`,
      "node-wms",
      async (page) => {
        await page.getByTestId("preview").click();
        await page.getByTestId("preview-change").click();
        await page.getByTestId("sample-outcome").waitFor();
      },
    ],
    "canvas-columns": [
      "/dev/flows/stock-file-to-marketplaces?view=canvas&node=file",
      "inspector",
      async (page) => {
        await page.getByRole("button", { name: "Describe columns" }).click();
        await page
          .getByTestId("columns-sample")
          .fill("sku;on hand;price;counted\n0417;41;1.299,50;14.09.2026\n0418;7;18,00;14.09.2026\n");
        await page.getByRole("dialog").getByRole("cell", { name: '"1299.50"' }).waitFor();
      },
    ],
    "canvas-expression": [
      `/dev/flows/${id}?view=canvas&node=canonical`,
      "inspector",
      async (page) => {
        await page.getByTestId("mapping-view").getByText("Expression").click();
        await page.getByTestId("mapper-wide").click();
        await page.getByTestId("expression-result").getByText("schemaVersion").first().waitFor();
      },
    ],
    "canvas-shortcuts": [
      `/dev/flows/${id}?view=canvas`,
      "node-wms",
      async (page) => {
        await page.keyboard.press("?");
        await page.getByTestId("shortcut-sheet").waitFor();
      },
    ],
    "canvas-actions": [
      `/dev/flows/${id}?view=canvas`,
      "node-wms",
      async (page) => {
        await page.keyboard.press("Control+K");
        await page.getByTestId("action-palette").waitFor();
      },
    ],
    outline: [`/dev/flows/${id}?view=outline&node=route`, "outline-wms"],
    versions: [`/dev/flows/${id}/versions`, "version-changes"],
    version: [`/dev/flows/${id}/versions/1?view=canvas`, "node-wms"],
    // Tall enough for all that a promotion shows: checks, risks, slots, and what the version would have done.
    promote: [`/staging/flows/${id}/promote?version=2`, "replay-summary", undefined, false, 1160],
    "promote-risks": [`/dev/flows/${id}/promote?version=3`, "replay-summary", undefined, false, 1500],
    "promote-rollback": [`/dev/flows/${id}/promote?version=1`, "replay-summary", undefined, false, 1160],
    "promote-done": [
      `/dev/flows/${id}/promote?version=1`,
      "promotion-entry",
      (page) => page.getByTestId("promotion-entry").first().scrollIntoViewIfNeeded(),
    ],
    runs: ["/dev/runs", "run-row"],
    run: [`/dev/runs/${run.id}?node=canonical`, "trace-port-canonical-in"],
    exceptions: ["/dev/exceptions", "dead-letter-row"],
    "exceptions-letter": [`/dev/exceptions?letter=${letter.id}`, "letter"],
    "exceptions-empty": ["/staging/exceptions", ""],
    connections: ["/dev/connections", "webhook-row"],
    tables: ["/dev/tables", "table-row"],
    table: ["/dev/tables/carriers", ""],
    environments: ["/dev/environments", "environment-row"],
    "set-up": ["/set-up", ""],
    ...states(id, call),
  };
}

/** Screens of an installation at which one signs in. */
function closed() {
  return {
    "sign-in": ["/sign-in", "sign-in"],
    people: ["/dev/people", "person-row", undefined, true],
    audit: ["/dev/audit?where=all", "audit-row", undefined, true],
  };
}

async function take(scheme, screens) {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height: HEIGHT },
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  for (const [name, [path, ready, act, signedIn, height = HEIGHT]] of Object.entries(screens)) {
    if (wanted.length > 0 && !wanted.some((one) => name.startsWith(one))) continue;
    if (signedIn && cookie) {
      const [key, value] = cookie.split("=");
      await context.addCookies([{ name: key, value, url }]);
    }
    await page.setViewportSize({ width: WIDTH, height });
    await page.goto(`${url}${path}`);
    if (ready) await page.getByTestId(ready).first().waitFor();
    else await page.getByRole("heading").first().waitFor();
    await act?.(page);
    // What is still on its way: later pieces, fonts, the first numbers.
    await page.waitForLoadState("networkidle", { timeout: 2_500 }).catch(() => {});
    await page.evaluate("document.fonts.ready");
    await page.screenshot({ path: join(folder, `${name}-${scheme}.png`) });
    await page.unrouteAll({ behavior: "ignoreErrors" });
  }
  await context.close();
}
