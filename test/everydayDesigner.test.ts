import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { FlowSummary } from "#schemas/api.ts";
import type { Flow } from "#schemas/flow.ts";
import { axeFindings, hasChromium, says } from "./support/browser.ts";
import { useDesigner } from "./support/designer.ts";
import { until } from "./support/until.ts";

/** What one does in the designer every day, beside drawing: looking about, bringing flows in and out, setting a node up. */
describe.skipIf(!hasChromium)("every day in the designer", () => {
  const designer = useDesigner();
  const { call, draft } = designer;
  const orders = "shopify-order-to-cash";

  const flowOf = (id: string, name: string, parts: Partial<Flow>): Flow => ({
    kind: "flow",
    formatVersion: 1,
    id,
    name,
    slots: [],
    nodes: [],
    edges: [],
    layout: { nodes: {} },
    ...parts,
  });
  const daily = { id: "clock", type: "schedule", config: { cron: "30 12 * * *", timeZone: "Europe/Berlin" } };
  const leap = { ...daily, config: { cron: "0 0 29 2 *" } };
  const map = (id: string, name: string, expression = "$") => ({ id, type: "map", name, config: { expression } });

  const samples = (flow: string) => call<{ items: { title: string }[] }>("GET", `/flows/${flow}/samples`);

  it("the list says of each flow what runs where, when it ran last and what failed; a flow is duplicated, another begun from a ready one", async () => {
    // Flows of its own: the sandbox's store sends an order to the other one every few seconds.
    const still = { ...(await draft<Flow>(orders)), id: "web-orders", name: "Web orders" };
    for (const flow of [still, flowOf("leap-days", "Leap days", { nodes: [leap] })]) {
      await call("POST", "/flows", { flow });
      await call("POST", `/flows/${flow.id}/versions`, { revision: 1, note: "First" });
      await call("PUT", `/environments/dev/deployments/${flow.id}`, { version: 1 });
    }
    await call("PUT", "/environments/staging/deployments/leap-days", { version: 1, state: "paused" });
    for (const [number, invalid] of [
      [1, false],
      [2, true],
    ] as const)
      await designer.sendOrder(makeShopifyOrder("everyday", number, { invalid }), `${still.id}/orders`);
    const { lastRunAt } = await until(
      async () => {
        const { items } = await call<{ items: FlowSummary[] }>("GET", "/flows?environment=dev");
        return items.find(({ id, runs24h, openDeadLetters }) => id === still.id && runs24h === 2 && openDeadLetters === 1);
      },
      { what: "two runs, and the dead letter of one" },
    );

    const { page, complaints } = await designer.open();
    const cells = (flow: string) => page.locator(`[data-flow="${flow}"]`).getByRole("cell");
    const list = designer.at("/dev/flows");
    await page.goto(list);
    await says(cells("leap-days").nth(2), /Development v1.*Staging v1 paused/);
    for (const [column, text] of [
      [3, /^0$/],
      [4, /^0$/],
      [5, /^0$/],
      [6, "Never"],
    ] as const)
      await says(cells("leap-days").nth(column), text);
    for (const [column, text] of [
      [2, /^Development v1$/],
      [3, /^2$/],
      [4, "1 in 1 h · 1 in 24 h"],
      [5, "1 open"],
    ] as const)
      await says(cells(still.id).nth(column), text);
    await cells(still.id).nth(6).locator(`time[datetime="${lastRunAt}"]`).waitFor();

    await page.getByTestId(`flow-menu-${orders}`).press("Enter");
    await page.getByTestId("flow-duplicate").click();
    const name = page.getByRole("dialog").getByLabel(/^Name/);
    await until(async () => (await name.inputValue()) === "Shopify order to cash (copy)", { what: "a name for the copy" });
    await page.getByTestId("create-flow").press("Enter");
    await page.getByTestId("node-wms").waitFor();
    const copy = "shopify-order-to-cash-copy";
    expect(new URL(page.url()).pathname).toBe(`/dev/flows/${copy}`);
    expect(await draft<Flow>(copy)).toEqual({ ...(await draft<Flow>(orders)), id: copy, name: "Shopify order to cash (copy)" });
    expect((await samples(copy)).items.map(({ title }) => title)).toEqual(
      (await samples(orders)).items.map(({ title }) => title),
    );

    await page.goto(list);
    await says(cells(copy).nth(2), "Draft only");
    await page.getByTestId("new-flow").press("Enter");
    const ready = page.getByTestId("start-shopify-orders-to-netsuite");
    await ready.check();
    expect(await axeFindings(page)).toEqual([]);
    await name.fill("Orders of the outlet");
    await page.getByTestId("create-flow").press("Enter");
    await page.getByTestId("node-erp").waitFor();
    const { nodes } = await draft<Flow>("orders-of-the-outlet");
    expect(nodes.map(({ id }) => id)).toEqual(["orders", "canonical", "invariants", "erp"]);

    // It brings samples along; another one is read from a file.
    await page.getByTestId("preview").press("Enter");
    await page.getByTestId("preview-sample").waitFor();
    await page.getByTestId("preview-add").press("Enter");
    const { id, body } = makeShopifyOrder("everyday", 3);
    await page
      .getByRole("dialog")
      .locator('input[type="file"]')
      .setInputFiles({ name: "order-of-may.json", mimeType: "application/json", buffer: Buffer.from(body) });
    await until(async () => (await page.getByTestId("sample-title").inputValue()) === "order-of-may", {
      what: "the file's name",
    });
    await page.getByTestId("sample-add").press("Enter");
    await until(async () => (await page.getByTestId("preview-sample").inputValue()) === "order-of-may", {
      what: "the file to be the sample that is shown",
    });
    await page.locator('.react-flow__node[data-id="canonical"]').press("Enter");
    await page.getByTestId("tab-output").press("Enter");
    await says(page.getByTestId("preview-port-out"), id);
    expect((await samples("orders-of-the-outlet")).items.map(({ title }) => title)).toContain("order-of-may");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("on the canvas: near and far by buttons, keys and the overview; from a problem to its place; out into a file, and in again", async () => {
    const id = "far-apart";
    const far = { x: 4_000, y: 1_200 };
    await call("POST", "/flows", {
      flow: flowOf(id, "Far apart", {
        nodes: [daily, map("near", "Near"), map("far", "Far", "{ 'id': ")],
        edges: [{ id: "e1", from: { node: "clock", port: "out" }, to: { node: "near", port: "in" } }],
        layout: { nodes: { clock: { x: 0, y: 0 }, near: { x: 400, y: 0 }, far } },
      }),
    });
    const { page, complaints } = await designer.open();
    const board = page.getByTestId("flow-canvas");
    await page.goto(designer.at(`/dev/flows/${id}`));
    await page.getByTestId("node-near").waitFor();

    const zoom = () =>
      page.locator(".react-flow__viewport").evaluate((drawing) => new DOMMatrix(getComputedStyle(drawing).transform).a);
    /** Waits until this card is seen whole on the canvas, and that one nothing of. */
    const sees = (seen: string, unseen?: string) =>
      until(
        async () => {
          const [ground, card, other] = await Promise.all(
            [board, page.getByTestId(`node-${seen}`), page.getByTestId(`node-${unseen ?? seen}`)].map((one) => one.boundingBox()),
          );
          if (!ground || !card || !other) return false;
          const [right, bottom] = [ground.x + ground.width, ground.y + ground.height];
          const whole =
            card.x >= ground.x && card.y >= ground.y && card.x + card.width <= right && card.y + card.height <= bottom;
          const gone =
            other.x + other.width < ground.x || other.y + other.height < ground.y || other.x > right || other.y > bottom;
          return whole && (unseen === undefined || gone);
        },
        { what: `${seen} in sight${unseen ? `, ${unseen} out of it` : ""}` },
      );
    const zoomed = (what: string, sound: (zoom: number) => boolean) => until(async () => sound(await zoom()), { what });
    const tool = (label: string) => page.getByRole("toolbar").getByRole("button", { name: label, exact: true });

    // Where all of it would be too small to read, one begins at its beginning.
    await sees("clock", "far");
    await tool("Fit the whole flow").click();
    await sees("clock");
    await sees("far");
    const whole = await zoom();
    await tool("Zoom in").click();
    await zoomed("it to be larger", (now) => now > whole);
    const larger = await zoom();
    await page.keyboard.press("-");
    await zoomed("it to be smaller again", (now) => now < larger);

    await page.locator('.react-flow__node[data-id="near"]').press("Enter");
    await page.getByTestId("inspector").waitFor();
    await page.keyboard.press("Shift+2");
    await zoomed("the selected card in its full size", (now) => now === 1);
    await sees("near", "far");

    const overview = page.getByTestId("overview");
    const [left = 0, top = 0, width = 1, height = 1] = ((await overview.getAttribute("viewBox")) ?? "").split(" ").map(Number);
    const drawn = (await overview.boundingBox()) ?? { width: 0, height: 0 };
    const at = { x: ((far.x + 120 - left) / width) * drawn.width, y: ((far.y + 60 - top) / height) * drawn.height };
    await overview.click({ position: at });
    await sees("far", "near");
    await page.mouse.wheel(0, -100);
    await zoomed("it to be larger by the wheel", (now) => now > 1);
    await page.keyboard.press("Shift+2");
    await sees("near", "far");

    await page.keyboard.press("Shift+P");
    const problem = page.getByRole("list", { name: "Problems" }).getByRole("button", { name: /^Far/ }).first();
    await problem.waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await problem.press("Enter");
    await sees("far", "near");
    await until(async () => (await page.getByTestId("node-name").inputValue()) === "Far", { what: "the settings of the card" });

    // Out by the menu, as a file that comes in again beside what it was made of.
    await page.keyboard.press("Escape");
    await page.getByTestId("inspector").waitFor({ state: "detached" });
    await page.getByTestId("more").press("Enter");
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("menu-exportFlow").press("Enter")]);
    expect(download.suggestedFilename()).toBe(`${id}.flow.json`);
    const file = await readFile(await download.path(), "utf8");
    const before = await draft<Flow>(id);
    expect(JSON.parse(file)).toEqual({ ...before, nodes: [...before.nodes].sort((a, b) => (a.id < b.id ? -1 : 1)) });

    const dialog = page.getByRole("dialog");
    /** Opens the dialog, and says in which way what is given to it is taken. */
    const take = async (how: "insert" | "replace", give: () => Promise<void>, told: string) => {
      await page.getByTestId("canvas-menu").waitFor({ state: "detached" });
      await page.keyboard.press("Control+O");
      await page.locator('[data-testid="import-text"]:focus').waitFor();
      await give();
      await says(page.getByTestId("import-told"), told);
      await page.getByTestId(`import-${how}`).check();
      expect(await axeFindings(page)).toEqual([]);
      await page.getByTestId("import-do").press("Enter");
      await dialog.waitFor({ state: "detached" });
    };
    const saved = (what: string, nodes: string, edges: number) =>
      until(
        async () => {
          const now = await draft<Flow>(id);
          return now.nodes.map((node) => node.id).join() === nodes && now.edges.length === edges;
        },
        { what },
      );
    const buffer = Buffer.from(file);
    const given = { name: download.suggestedFilename(), mimeType: "application/json", buffer };
    await take("insert", () => dialog.locator('input[type="file"]').setInputFiles(given), "Far apart: 3 nodes and 1 edge.");
    await saved("the file's nodes beside those there are", "clock,near,far,clock2,far2,near2", 2);
    const other = flowOf("elsewhere", "From elsewhere", { nodes: [map("only", "Only")] });
    await take(
      "replace",
      () => page.getByTestId("import-text").fill(JSON.stringify(other)),
      "From elsewhere: 1 node and 0 edges.",
    );
    await saved("the other flow in the place of this", "only", 0);
    expect((await draft<Flow>(id)).name).toBe("From elsewhere");
    await page.keyboard.press("Control+z");
    await saved("one step back", "clock,near,far,clock2,far2,near2", 2);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("in the inspector: a schedule says when it fires next, texts stand under their names, a slot and its connection are made in place", async () => {
    const id = "set-up";
    const send = { id: "send", type: "http.send", name: "Send", config: { path: "/prices", documentKey: "sku" } };
    await call("POST", "/flows", {
      flow: flowOf(id, "Set up", {
        nodes: [daily, send],
        edges: [{ id: "e1", from: { node: "clock", port: "out" }, to: { node: "send", port: "in" } }],
      }),
    });
    const node = async (of: string) => (await draft<Flow>(id)).nodes.find((one) => one.id === of);
    const saved = (what: string, of: string, sound: (node: Flow["nodes"][number] | undefined) => boolean) =>
      until(async () => sound(await node(of)), { what });

    const { page, complaints } = await designer.open();
    const began = Date.now();
    await page.goto(designer.at(`/dev/flows/${id}?node=clock`));
    const next = page.getByTestId("cron-next");
    await says(next, "At 12:30");
    const times = await next.locator("time").evaluateAll((all) => all.map((one) => one.getAttribute("datetime") ?? ""));
    const inBerlin = (options: Intl.DateTimeFormatOptions) =>
      times.map((time) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "Europe/Berlin" }).format(new Date(time)));
    expect(inBerlin({ hour: "2-digit", minute: "2-digit" })).toEqual(Array(5).fill("12:30"));
    expect(new Set(inBerlin({ dateStyle: "short" })).size).toBe(5);
    expect(Date.parse(times[0] ?? "")).toBeGreaterThan(began);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("config-cron").fill("*/20 9-17 * * 1-5");
    await says(next, "Every 20 minutes, between 09:00 and 17:59, Monday through Friday");
    await page.getByTestId("config-cron").fill("61 * * * *");
    await next.waitFor({ state: "detached" });
    await page.locator('[data-place="/config/cron"]').getByText("minutes go from 0 to 59").waitFor();
    await page.getByTestId("cron-usual").press("Enter");
    await page.getByRole("option", { name: "At 02:00" }).click();
    await says(next, "At 02:00");
    await saved("the usual time", "clock", (clock) => clock?.config?.cron === "0 2 * * *");

    await page.goto(designer.at(`/dev/flows/${id}?node=send`));
    const headers = page.getByTestId("config-headers");
    const add = headers.getByRole("button", { name: "Add a pair" });
    await add.press("Enter");
    await headers.getByLabel("Headers: name 1").fill("X-Channel");
    await headers.getByLabel("Headers: value 1").fill("outlet");
    await add.press("Enter");
    await headers.getByLabel("Headers: name 2").fill("X-Channel");
    await headers.getByText("This name stands above already.").waitFor();
    await headers.getByLabel("Headers: name 2").fill("X-Region");
    await headers.getByLabel("Headers: value 2").fill("EU");
    const both = { "X-Channel": "outlet", "X-Region": "EU" };
    await saved("both headers", "send", (sends) => JSON.stringify(sends?.config?.headers) === JSON.stringify(both));
    await headers.getByRole("button", { name: "Remove X-Channel" }).press("Enter");
    await saved("one of them", "send", (sends) => JSON.stringify(sends?.config?.headers) === '{"X-Region":"EU"}');

    await page.getByTestId("add-slot").press("Enter");
    await saved("the node's slot", "send", (sends) => sends?.slot === "http");
    expect((await draft<Flow>(id)).slots).toEqual([{ name: "http", connector: "http" }]);
    const bound = page.getByTestId("slot-connections");
    await says(bound, "Development has no connection of HTTP yet.");
    await page.getByTestId("slot-make-connection").press("Enter");
    await page.getByTestId("connection-name").fill("pricing");
    await page.getByTestId("setting-accountName").fill("northwind-pricing");
    await page.getByTestId("setting-baseUrl").fill("https://pricing.example");
    await page.getByTestId("setting-key").fill("Bearer a-token");
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("connection-save").press("Enter");
    await says(bound, "In Development: pricing");
    expect(complaints).toEqual([]);
    await page.close();
  });
});
