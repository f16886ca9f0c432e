import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { axeFindings, hasChromium, says } from "./support/browser.ts";
import { useDesigner } from "./support/designer.ts";
import { until } from "./support/until.ts";

const order = (number: number, options = {}) => makeShopifyOrder("browser", number, options);

describe.skipIf(!hasChromium)("the designer in a real browser", () => {
  const designer = useDesigner();
  const { call } = designer;
  const flow = "shopify-order-to-cash";

  const send = (number: number, options = {}) => designer.sendOrder(order(number, options), `${flow}/orders`);

  const doneAt = async (page: Page, node: string): Promise<number> =>
    Number(((await page.getByTestId(`node-count-${node}`).textContent()) ?? "0").replace(/\D/g, ""));

  it("the main path: see the flow, change a field, publish, send an order, watch it count, look into its run", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/"));
    await page.getByTestId("flow-canvas").waitFor();
    for (const node of ["orders", "canonical", "invariants", "erp", "route", "wms"])
      await page.getByTestId(`node-${node}`).waitFor();

    await page.getByTestId("node-erp").click();
    await page.getByTestId("inspector").waitFor();
    await page.getByTestId("config-attach").fill("erp");
    await until(
      async () => (await page.getByTestId("save-state").textContent())?.trim() === "Saved" && (await attachOf("erp")) === "erp",
      { what: "the draft to be saved" },
    );

    await page.getByTestId("publish").click();
    await page.getByTestId("publish-note").fill("Attach what NetSuite answered");
    await page.getByTestId("publish-confirm").click();
    await until(async () => (await page.getByTestId("deployed-version").textContent())?.includes("v2"), {
      what: "version 2 to be deployed",
    });
    await until(async () => (await page.getByTestId("draft-state").textContent()) === "v2", {
      what: "the draft to be told as the same as version 2",
    });

    const before = await doneAt(page, "erp");
    const id = await send(1);
    await until(async () => (await doneAt(page, "erp")) > before, { what: "the count at the ERP node to rise" });

    await page.getByRole("link", { name: "Runs" }).click();
    await page.getByTestId("run-row").filter({ hasText: id }).first().getByRole("link").first().click();
    // By the keys: the card is out of sight, and to click it would be to race with the canvas, which does not scroll.
    await page.locator('.react-flow__node[data-id="wms"]').press("Enter");
    const input = page.getByTestId("trace-port-wms-in");
    // Where it never comes, what the page shows instead is told.
    await input.waitFor().catch(async () => expect(await page.locator("main").textContent()).toBe("the input"));
    // The field that was changed and published is there: the ERP's answer is attached to the order.
    await says(input, "erp");
    await says(input, id);
    expect(complaints).toEqual([]);
    await page.close();
  });

  /** What a node of the draft keeps its answer as. */
  async function attachOf(node: string): Promise<unknown> {
    const { nodes } = await designer.draft<{ nodes: { id: string; config?: Record<string, unknown> }[] }>(flow);
    return nodes.find(({ id }) => id === node)?.config?.attach;
  }

  it("a dead letter says path, found and expected, and can be retried and resolved", async () => {
    const id = await send(2, { invalid: true });
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/exceptions"));
    const row = page.getByTestId("dead-letter-row").filter({ hasText: id });
    await says(row, "/totals/grand");
    await row.getByTestId("retry").click();
    // It is as wrong as before: a new dead letter for the same document takes its place.
    await until(async () => (await deadLetters(id)).length === 2, { what: "the retried letter to come back" });
    const left = (await deadLetters(id)).find(({ state }) => state === "open");
    const again = page.getByTestId("dead-letter-row").filter({ has: page.locator(`[data-row="${left?.id}"]`) });
    await again.getByTestId("resolve").click();
    await page.getByTestId("resolve-note").fill("The shop corrects it by hand.");
    await page.getByTestId("resolve-confirm").click();
    await until(async () => (await again.count()) === 0, { what: "the resolved letter to leave the list" });
    expect((await deadLetters(id)).map((letter) => letter.state).sort()).toEqual(["resolved", "retried"]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("a dead letter is read beside the list, edited, tried again, and its run succeeds", async () => {
    await designer.askSandbox("POST", "/faults", {
      connection: "northwind-erp",
      kind: "refuse",
      match: `SHOPIFY_${order(20).id}`,
      message: "The customer is on hold",
    });
    const id = await send(20);
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/exceptions"));
    await page.getByTestId("facet-class-rejected").click();
    await page.getByTestId("dead-letter-row").filter({ hasText: id }).getByText("on hold").first().click();
    const panel = page.getByTestId("letter");
    await panel.getByTestId("letter-retry").waitFor();
    expect(new URL(page.url()).search).toMatch(/class=rejected&letter=/);
    const attempt = panel.getByTestId("attempt");
    await says(attempt.first(), /PUT[\s\S]*The customer is on hold/);
    expect(await attempt.count()).toBe(1);
    await says(panel.getByTestId("retry-means"), "as if it were the first time");
    expect(await axeFindings(page)).toEqual([]);

    await panel.getByTestId("assignee").fill("ada");
    await panel.getByTestId("note").fill("Asked the customer.");
    await panel.getByTestId("tags").fill("vip");
    await page.keyboard.press("Enter");
    await until(async () => {
      const [letter] = (await deadLetters(id)) as { assignee?: string; tags?: string[]; note?: string }[];
      return letter?.assignee === "ada" && letter.note === "Asked the customer." && letter.tags?.includes("vip");
    });

    await panel.getByRole("heading").first().click();
    await panel.getByTestId("letter-edit").press("e");
    const editor = panel.locator(".cm-content");
    await editor.waitFor();
    const { item } = await call<{ item: object }>("GET", `/dead-letters/${new URL(page.url()).searchParams.get("letter")}`);
    await editor.fill("{ no");
    await until(() => panel.getByTestId("edit-retry").isDisabled(), { what: "what is no JSON to be held back" });
    await editor.fill(JSON.stringify({ ...item, externalNumber: "EDITED-20" }));
    await until(async () => (await panel.getByTestId("changes").textContent())?.includes("/externalNumber"), {
      what: "the change to be shown",
    });
    expect(await axeFindings(page)).toEqual([]);
    await panel.getByTestId("edit-retry").click();
    await until(async () => (await panel.getByTestId("letter-run-state").textContent())?.includes("Succeeded"), {
      what: "the run to succeed",
    });
    await says(panel.getByTestId("edited"), "EDITED-20");
    await page.keyboard.press("Escape");
    await until(async () => (await panel.count()) === 0, { what: "the panel to close" });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("all dead letters that fit a filter are resolved at once, with their number named before", async () => {
    const ids = [await send(30, { invalid: true }), await send(31, { invalid: true })];
    const openOnes = async () => {
      const letters = await Promise.all(ids.map(deadLetters));
      return letters.flat().filter(({ state }) => state === "open").length;
    };
    await until(async () => (await openOnes()) === 2, { what: "both letters" });
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/exceptions?class=invalid"));
    const { total } = await call<{ total: number }>("GET", "/dead-letters/counts?environment=dev&state=open&class=invalid");
    await page.getByTestId("bulk-all").click();
    await page.getByTestId("bulk-all-resolve").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("bulk-all-resolve").click();
    const dialog = page.getByRole("dialog");
    await until(async () => (await dialog.textContent())?.includes(`Resolve ${total} dead letters`), { what: "the number" });
    await page.getByTestId("resolve-note").fill("Test orders.");
    await page.getByTestId("resolve-confirm").click();
    await until(async () => (await openOnes()) === 0, { what: "both letters to be resolved" });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("a run is replayed from the node selected and leads back; one that waits is cancelled", async () => {
    const id = await send(40);
    const runOf = async () => (await call<{ items: { id: string; state: string }[] }>("GET", `/runs?q=${id}`)).items;
    await until(async () => (await runOf())[0]?.state === "SUCCEEDED", { what: "the run" });
    const first = (await runOf())[0]?.id ?? "";
    const { page, complaints } = await designer.open();
    await page.goto(designer.at(`/dev/runs/${first}?node=erp`));
    await page.getByTestId("replay-run").click();
    await page.getByTestId("replay-confirm").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("replay-confirm").click();
    await says(page.getByTestId("replay-of"), first.slice(-12));
    await call("POST", "/environments/dev/connections/northwind-erp/pause", {});
    const waiting = await send(41);
    const found = await until(async () => (await call<{ items: { id: string }[] }>("GET", `/runs?q=${waiting}`)).items[0], {
      what: "the run that waits",
    });
    await page.goto(designer.at(`/dev/runs/${found.id}`));
    await page.getByTestId("cancel-run").click();
    await page.getByTestId("cancel-confirm").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("cancel-confirm").click();
    await page.getByTestId("cancelled-by").waitFor();
    await until(async () => (await page.locator("header").textContent())?.includes("Cancelled"), {
      what: "the run to be cancelled",
    });
    await call("POST", "/environments/dev/connections/northwind-erp/resume", {});
    expect(complaints).toEqual([]);
    await page.close();
  });

  const deadLetters = async (id: string) =>
    (await call<{ items: { id: string; state: string }[] }>("GET", `/dead-letters?q=${id}`)).items;

  it("a reference table is made, filled from a spreadsheet, searched, exported and changed by keyboard", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/tables"));
    await page.getByRole("heading", { name: "Development has no reference tables" }).waitFor();
    await page.getByTestId("new-table").press("Enter");
    await page.getByLabel("Name", { exact: false }).first().fill("erp-items");
    await page.getByLabel("Name of column 1").fill("sku");
    await page.getByLabel("Name of column 2").fill("item");
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("save-table").press("Enter");
    await page.getByRole("heading", { name: "The table has no rows" }).waitFor();

    await page.getByTestId("import-rows").click();
    await page.getByTestId("import-text").fill("sku\titem\nMUG-RED\t100077\nTENT-2P\t100042\n");
    await page.getByTestId("import-rows-do").press("Enter");
    await page.getByText("2 would be added, 0 changed, 0 removed; 0 stay as they are.").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("import-rows-do").press("Enter");
    await page.getByTestId("reference-row").nth(1).waitFor();

    await page.getByLabel("Search rows").fill("tent");
    await until(async () => (await page.getByTestId("reference-row").count()) === 1, { what: "one row to be left" });
    await page.getByLabel("Edit the row TENT-2P").press("Enter");
    await page.getByLabel("item").fill("100043");
    await page.getByTestId("save-row").press("Enter");
    await page.getByRole("cell", { name: "100043" }).waitFor();
    const { rows } = await call<{ rows: unknown[] }>("GET", "/environments/dev/tables/erp-items");
    expect(rows).toEqual([
      { item: "100077", sku: "MUG-RED" },
      { item: "100043", sku: "TENT-2P" },
    ]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("two editors of one draft are told of each other, and nothing is overwritten", async () => {
    const [first, second] = await Promise.all([designer.open(), designer.open()]);
    const address = designer.at("/dev/flows/shopify-order-to-cash?node=wms");
    // The second hears of no other's save, as one that comes in the very moment.
    await second.page.route("**/status?*", (route) => route.abort());
    await Promise.all([first.page.goto(address), second.page.goto(address)]);
    await Promise.all([first, second].map(({ page }) => page.getByTestId("config-attach").waitFor()));
    await first.page.getByTestId("config-attach").fill("warehouse");
    await until(async () => (await attachOf("wms")) === "warehouse", { what: "the first editor's draft" });
    await second.page.getByTestId("config-attach").fill("storehouse");
    await second.page.getByRole("dialog").waitFor();
    expect(await attachOf("wms")).toBe("warehouse");
    await Promise.all([first.page.close(), second.page.close()]);
  });

  it("a flow is imported from the list, pasted beside every field; one whose id is taken gets another", async () => {
    const { page, complaints } = await designer.open();
    const drawn = await designer.draft<object>("shopify-order-to-cash");
    await page.goto(designer.at("/dev/flows"));
    await page.getByTestId("flow-row").first().waitFor();
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text", text);
      document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }, JSON.stringify(drawn));
    await page.getByText("There is a flow shopify-order-to-cash already.", { exact: false }).waitFor();
    const id = page.getByTestId("import-id");
    await until(async () => (await id.inputValue()) === "shopify-order-to-cash-copy", { what: "another id" });
    await page.getByTestId("import-text").fill('{ "kind": "flow", "id": 3 }');
    await page.getByTestId("import-faults").getByText("/id").waitFor();
    await until(() => page.getByTestId("import-do").isDisabled(), { what: "what is no flow to be held back" });
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("import-text").fill(JSON.stringify({ ...drawn, id: "brought-along" }));
    await page.getByTestId("import-do").press("Enter");
    await page.getByTestId("save-state").waitFor();
    expect(await designer.draft("brought-along")).toMatchObject({ id: "brought-along" });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("a connection is tested, and says what came of it until it is another one", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/connections"));
    await page.getByTestId("test-connection-northwind-erp").press("Enter");
    const dialog = page.getByRole("dialog");
    await until(async () => (await dialog.textContent())?.includes("HTTP status 200"), { what: "the test to end" });
    await says(dialog, "NetSuite let the connection in.");
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    // The shop was told where to send its orders.
    await page.getByTestId("webhook-row").filter({ hasText: "ActiveORDERS_CREATE" }).waitFor();
    const row = page.getByTestId("connection-row").filter({ hasText: "northwind-erp" });
    await until(async () => (await row.getByTestId("last-test").textContent())?.includes("Test passed"), {
      what: "the last test in the list",
    });

    // Another address takes no secret along: the form asks for each at its field, before anything is sent.
    await page.getByTestId("edit-connection-northwind-erp").press("Enter");
    const secret = page.getByTestId("setting-tokenSecret");
    const places = () => page.getByText("It would go to https://erp.example from now on: enter it again.").count();
    await secret.waitFor();
    expect([await places(), await secret.getAttribute("placeholder")]).toEqual([0, "Kept as it is"]);
    await page.getByTestId("setting-baseUrl").fill("https://erp.example/rest");
    await until(async () => (await places()) === 4, { what: "the form to ask for the four secrets" });
    expect(await axeFindings(page)).toEqual([]);
    await secret.fill("a-new-token-secret");
    await until(async () => (await places()) === 3, { what: "three to be left" });
    await page.getByTestId("connection-save").press("Enter");
    expect(await dialog.isVisible()).toBe(true);
    const kept = await call<{ items: { config: unknown }[] }>("GET", "/environments/dev/connections");
    expect(JSON.stringify(kept)).not.toContain("erp.example");
    await page.keyboard.press("Escape");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("a system answers the preview once, after a person has agreed to what is sent where", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/flows/shopify-order-to-cash?node=erp&tab=input"));
    await page.getByTestId("run-to").press("Enter");
    await page.locator('[data-testid="node-wms"][data-run="notReached"]').waitFor();
    await says(page.getByTestId("preview-until"), "Book in NetSuite");
    await page.getByTestId("preview-compare").press("Enter");
    await until(async () => (await page.getByTestId("compare-table").textContent())?.includes("differ"), {
      what: "two samples side by side",
    });
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByTestId("preview-until").press("Enter");
    await page.getByTestId("tab-output").press("Enter");
    await page.getByTestId("ask-system").press("Enter");
    const sends = page.getByTestId("real-send");
    await page.getByTestId("real-agree").waitFor();
    await says(page.getByRole("dialog"), "to the sandbox");
    expect(await sends.isDisabled()).toBe(true);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("real-agree").check();
    await sends.press("Enter");
    await until(async () => (await page.getByTestId("pin-editor").textContent())?.includes("salesOrder"), {
      what: "the answer to be pinned",
    });
    await until(
      async () => {
        const kept = await page.evaluate("localStorage.getItem('orderloom.preview.shopify-order-to-cash')");
        return JSON.parse(kept as string).pins.erp.location.includes("salesOrder");
      },
      { what: "the pin to be kept" },
    );

    // Elsewhere what a target would take twice is not sent to a real account.
    await call("PUT", "/environments/staging/connections/wms", {
      connector: "shiphero",
      config: { accountName: "real-3pl", baseUrl: "http://127.0.0.1:9" },
      secrets: { refreshToken: "a-real-refresh-token" },
    });
    const { items } = await call<{ items: { id: string }[] }>("GET", "/runs?state=SUCCEEDED&limit=1");
    const trace = await call<{
      nodes: Record<string, { inputs: Record<string, unknown[]> }>;
    }>("GET", `/runs/${items[0]?.id}/trace`);
    const asked = { item: trace.nodes.erp?.inputs.in?.[0], send: true };
    const address = "/environments/staging/flows/shopify-order-to-cash/nodes/wms/preview-answer";
    expect(await call("POST", address, asked)).toMatchObject({
      answer: null,
      connection: { account: "real-3pl", sandbox: false },
      refused: expect.stringContaining("a second time"),
    });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each(["light", "dark"] as const)(
    "every screen in %s: no serious finding of axe, no complaint in the console",
    async (scheme) => {
      await send(scheme === "light" ? 3 : 4);
      await send(scheme === "light" ? 5 : 6, { invalid: true });
      const { page, complaints } = await designer.open(scheme);
      const { items } = await call<{ items: { id: string }[] }>("GET", "/runs?limit=1");
      const screens: [path: string, ready: string][] = [
        ["/dev/flows", "flow-row"],
        ["/dev/flows/shopify-order-to-cash", "flow-canvas"],
        ["/dev/flows/shopify-order-to-cash?node=canonical", "inspector"],
        ["/dev/flows/shopify-order-to-cash?node=route", "inspector"],
        ["/dev/flows/shopify-order-to-cash?view=outline", "flow-outline"],
        ["/dev/flows/shopify-order-to-cash?node=erp&tab=docs", "node-page"],
        ["/dev/runs", "run-row"],
        [`/dev/runs/${items[0]?.id}?node=canonical`, "trace-port-canonical-in"],
        ["/dev/exceptions", "dead-letter-row"],
        ["/dev/connections", "connection-row"],
        ["/dev/tables", "table-row"],
        ["/dev/tables/erp-items", "reference-row"],
        ["/staging/exceptions", ""],
        ["/dev/nowhere", ""],
      ];
      for (const [path, ready] of screens) {
        await page.goto(designer.at(path));
        if (ready) await page.getByTestId(ready).first().waitFor();
        else await page.getByRole("heading").first().waitFor();
        expect(await axeFindings(page), path).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await page.close();
    },
  );
});
