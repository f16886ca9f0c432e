import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { axeFindings, hasChromium } from "./support/browser.ts";
import { useDesigner } from "./support/designer.ts";
import { until } from "./support/until.ts";

/** From an empty flow to orders that arrive in NetSuite: once by mouse on the canvas, once by keyboard alone in the outline. */
describe.skipIf(!hasChromium)("a newcomer", () => {
  const designer = useDesigner();
  let mapping: string;
  beforeAll(async () => {
    mapping = await readFile(fromRoot("nodes", "connectors", "shopify.order.jsonata"), "utf8");
  });

  interface Drawn {
    nodes: { id: string; slot?: string; config?: Record<string, unknown> }[];
    edges: { from: { node: string }; to: { node: string } }[];
  }
  const draft = (flow: string) => designer.draft<Drawn>(flow);
  const edges = async (flow: string) => (await draft(flow)).edges.map(({ from, to }) => `${from.node} ${to.node}`).sort();
  const joined = ["map upsertSalesOrder", "orderCreated map"];

  /** Sends an order to the flow's own webhook, and waits until NetSuite's ledger has it. */
  async function orderArrives(flow: string, number: number): Promise<void> {
    const id = await designer.sendOrder(makeShopifyOrder("newcomer", number), `${flow}/orderCreated`);
    await until(
      async () => JSON.stringify(await designer.askSandbox("GET", "/ledger/northwind-erp/salesOrders")).includes(`SHOPIFY_${id}`),
      { what: "the sales order in NetSuite" },
    );
  }

  const textOf = async (page: Page, id: string): Promise<string> => (await page.getByTestId(id).textContent()) ?? "";

  it("draws, maps, tries on a sample, publishes and sees orders arrive, by mouse", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/flows"));
    await page.getByTestId("new-flow").click();
    await page.getByLabel(/^Name/).fill("Web orders");
    await page.getByTestId("create-flow").click();
    await page.getByTestId("flow-canvas").waitFor();

    // What one types among the node types is searched for, and switches nothing.
    await page.getByTestId("palette-shopify.orderCreated").focus();
    await page.keyboard.type("vpm");
    const search = page.getByLabel("Search node types");
    await until(async () => (await search.inputValue()) === "vpm", { what: "the search to have what was typed" });
    await search.fill("");
    await page.getByTestId("palette-shopify.orderCreated").dragTo(page.getByTestId("flow-canvas"), {
      targetPosition: { x: 320, y: 260 },
    });
    await page.getByTestId("node-orderCreated").waitFor();
    await page.getByTestId("palette-map").click();
    await page.getByTestId("node-map").waitFor();
    await page.getByTestId("mapping-view").getByText("Expression").click();
    await page.getByTestId("config-expression").locator(".cm-content").fill(mapping);

    await page.getByTestId("palette-netsuite.upsertSalesOrder").click();
    await page.getByTestId("node-upsertSalesOrder").waitFor();
    await until(async () => (await edges("web-orders")).join() === joined.join(), { what: "what was clicked to be joined" });
    // Taken apart, and joined again from port to port.
    await page.locator(".react-flow__edge").nth(1).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Delete");
    await until(async () => (await edges("web-orders")).length === 1, { what: "the edge to go" });
    const port = (node: string, side: "source" | "target") =>
      page.locator(`.react-flow__node[data-id="${node}"] .react-flow__handle.${side}`).first();
    await port("map", "source").dragTo(port("upsertSalesOrder", "target"));
    await until(async () => (await edges("web-orders")).join() === joined.join(), { what: "the edge to be drawn" });

    await page.getByTestId("preview").click();
    await page.getByTestId("preview-add").click();
    await page.getByTestId("sample-message").locator(".cm-content").fill(makeShopifyOrder("newcomer", 1).body);
    await page.getByTestId("sample-title").fill("An order of ours");
    await page.getByTestId("sample-add").click();
    await page.getByTestId("node-map").click();
    await page.getByTestId("tab-output").click();
    await until(async () => (await textOf(page, "preview-port-out")).includes("schemaVersion"), {
      what: "the canonical order in the preview",
    });

    await until(async () => (await textOf(page, "save-state")).trim() === "Saved", { what: "the draft to be saved" });
    await page.getByTestId("publish").click();
    await page.getByTestId("publish-confirm").click();
    await until(async () => (await textOf(page, "deployed-version")).includes("v1"), { what: "version 1 to be deployed" });
    await orderArrives("web-orders", 101);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("does the same by keyboard alone in the outline", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/flows"));
    const keys = page.keyboard;
    /** Goes on with Tab until the focus is where it is wanted. */
    const tabTo = async (selector: string) => {
      await page.locator(selector).first().waitFor({ state: "attached" });
      for (let presses = 0; presses < 80; presses += 1) {
        if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
        await keys.press("Tab");
      }
      throw new Error(`Tab does not lead to ${selector}.`);
    };
    const id = (name: string) => `[data-testid="${name}"]`;
    const focused = (selector: string) => page.locator(`${selector}:focus`).waitFor();
    const row = (node: string) => focused(`[data-row="node ${node}"]`);
    const add = async (type: string, node: string) => {
      await keys.press("a");
      await focused(id("type-search"));
      await keys.type(type);
      await keys.press("Enter");
      await row(node);
    };

    await tabTo(id("new-flow"));
    await keys.press("Enter");
    await focused("[role=dialog] input[required]");
    await keys.type("Keyboard orders");
    await keys.press("Enter");
    await page.getByTestId("flow-canvas").waitFor();
    await keys.press("Escape");
    await keys.press("o");
    await page.getByTestId("flow-outline").waitFor();
    await add("order created shopify", "orderCreated");
    await add("map", "map");
    await add("upsert sales order", "upsertSalesOrder");
    await until(async () => (await edges("keyboard-orders")).join() === joined.join(), { what: "the three to be joined" });
    await until(async () => /^Added .*Connected .* to /.test(await textOf(page, "announcer")), { what: "it to be told" });

    // Taken apart, and joined again: what fits is offered, what does not says why.
    await keys.press("ArrowUp");
    await row("map");
    await keys.press("ArrowRight");
    await keys.press("ArrowRight");
    await keys.press("Delete");
    await row("map");
    await until(async () => (await edges("keyboard-orders")).length === 1, { what: "the edge to go" });
    await keys.press("c");
    await focused(id("target-search"));
    await page.getByTestId("connect-refused").getByText("It begins runs and takes nothing in.").waitFor();
    await keys.press("Enter");
    await focused('[data-row^="edge "]');
    await until(async () => (await edges("keyboard-orders")).join() === joined.join(), { what: "the edge to be drawn" });

    await keys.press("ArrowLeft");
    await row("map");
    await keys.press("Enter");
    await page.locator('[data-testid="inspector"] :focus').waitFor();
    await tabTo(`${id("mapping-view")} input`);
    await keys.press("ArrowRight");
    await tabTo(`${id("config-expression")} .cm-content`);
    await keys.press("Control+a");
    await keys.insertText(mapping);
    await until(async () => JSON.stringify((await draft("keyboard-orders")).nodes).includes("Shopify order webhook"), {
      what: "the mapping to be saved",
    });
    await keys.press("Escape");
    await row("map");

    await keys.press("p");
    await page.getByTestId("preview-bar").waitFor();
    await tabTo(id("preview-add"));
    await keys.press("Enter");
    await tabTo(`${id("sample-message")} .cm-content`);
    await keys.insertText(makeShopifyOrder("newcomer", 2).body);
    await tabTo(id("sample-add"));
    await keys.press("Enter");
    await until(async () => (await textOf(page, "preview-end")).includes("Succeeded"), { what: "the sample to run through" });

    await tabTo(id("publish"));
    await keys.press("Enter");
    await page.getByTestId("publish-confirm").waitFor();
    await tabTo(id("publish-confirm"));
    await keys.press("Enter");
    await until(async () => (await textOf(page, "deployed-version")).includes("v1"), { what: "version 1 to be deployed" });
    await orderArrives("keyboard-orders", 102);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("the outline, by keys alone: rows are chosen, grouped, copied and deleted; notes and edges written on; an edge leads elsewhere", async () => {
    const map = (id: string, name: string) => ({ id, type: "map", name, config: { expression: "$" } });
    const ends = (from: string, to: string) => ({ from: { node: from, port: "out" }, to: { node: to, port: "in" } });
    const flow = {
      kind: "flow",
      formatVersion: 1,
      id: "outline-tools",
      name: "Outline tools",
      slots: [],
      nodes: [map("one", "One"), map("two", "Two"), map("three", "Three")],
      edges: [
        { id: "e1", ...ends("one", "two") },
        { id: "e2", ...ends("two", "three") },
      ],
    };
    await designer.call("POST", "/flows", { flow });
    interface Outlined {
      nodes: { id: string }[];
      edges: { id: string; to: { node: string } }[];
      layout?: {
        groups?: { title: string; nodes: string[]; folded?: boolean }[];
        notes?: { text: string }[];
        edges?: Record<string, { label?: string }>;
      };
    }
    const saved = (what: string, sound: (flow: Outlined) => boolean) =>
      until(async () => sound(await designer.draft("outline-tools")), { what });

    const { page, complaints } = await designer.open();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const keys = page.keyboard;
    const row = (key: string) => page.locator(`[data-row="${key}"]:focus`).waitFor();
    const press = async (...all: string[]) => {
      for (const key of all) await keys.press(key);
    };
    const told = (words: string) =>
      until(async () => (await page.getByTestId("announcer").textContent())?.includes(words) ?? false, { what: words });
    await page.goto(designer.at("/dev/flows/outline-tools?view=outline"));
    await page.locator('[data-row="node one"]').focus();
    await press("Shift+ArrowDown");
    await page.getByTestId("outline-chosen").getByText("2 chosen").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await press("Control+g");
    await row("group group");
    await told("Grouped 2 nodes");
    await press("F2");
    await keys.insertText("Shaping");
    await press("Enter");
    await row("group group");
    await press("f");
    await saved("the folded group", ({ layout }) => {
      const [group] = layout?.groups ?? [];
      return group?.title === "Shaping" && group.folded === true && group.nodes.join() === "one,two";
    });

    await press("n");
    await page.locator("[role=dialog] textarea:focus").waitFor();
    await keys.insertText("# Why\nB2B waits");
    expect(await axeFindings(page)).toEqual([]);
    await press("Control+Enter");
    await row("note note");
    await told("Added a note. Why");

    await press("Home", "ArrowRight", "ArrowRight");
    await row("edge e1");
    await press("l");
    await keys.insertText("all of them");
    await press("Enter");
    await row("edge e1");
    await told("Wrote “all of them” on the edge from One to Two.");
    await press("r");
    await page.getByTestId("target-three.in").waitFor();
    await page.getByTestId("connect-refused").getByText("It is the node itself.").waitFor();
    await page.locator('[data-testid="target-search"]:focus').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await press("Enter");
    await row("edge e1");
    await saved("the edge to lead elsewhere", ({ edges, layout }) => {
      const label = layout?.edges?.e1?.label;
      return edges.find(({ id }) => id === "e1")?.to.node === "three" && label === "all of them";
    });
    // On an edge, only what lets it through is offered.
    await press("a");
    await page.locator('[data-testid="type-search"]:focus').waitFor();
    await page.getByTestId("type-map").waitFor();
    expect(await page.getByTestId("type-schedule").count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await press("Escape");
    await row("edge e1");

    await press("Control+f");
    await page.locator('[data-testid="find"] input:focus').waitFor();
    await keys.insertText("B2B");
    await until(async () => (await page.getByTestId("find-count").textContent()) === "1 found", { what: "where it stands" });
    await press("Enter");
    await press("Escape");
    await row("note note");

    await press("Control+a", "Control+c");
    await page.getByText("3 items copied").waitFor();
    await press("Control+v");
    // The three nodes and the group that two of them are in.
    await page.getByTestId("outline-chosen").getByText("4 chosen").waitFor();
    await saved("the copies", ({ nodes, edges }) => nodes.length === 6 && edges.length === 4);
    await page.locator("[data-row]:focus").waitFor();
    await press("Shift+F10");
    await page.getByTestId("menu-alignTop").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await press("Escape");
    await page.locator("[data-row]:focus").waitFor();
    await press("Delete");
    await saved("the copies to be gone", ({ nodes }) => nodes.length === 3);
    await page.locator("[data-row]:focus").waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });
});
