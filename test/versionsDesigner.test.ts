import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import type { Flow } from "#schemas/flow.ts";
import { axeFindings, hasChromium, says } from "./support/browser.ts";
import { useDesigner } from "./support/designer.ts";
import { until } from "./support/until.ts";

const flowId = "shopify-order-to-cash";

describe.skipIf(!hasChromium)("versions in the designer", () => {
  const designer = useDesigner();
  const { call } = designer;

  const draft = () => call<{ flow: Flow; revision: number }>("GET", `/flows/${flowId}`);

  /** Changes the draft, and publishes it without deploying it. */
  async function publish(note: string, change: (flow: Flow) => Flow): Promise<void> {
    const { flow, revision } = await draft();
    const saved = await call<{ revision: number }>("PUT", `/flows/${flowId}/draft`, { revision, flow: change(flow) });
    await call("POST", `/flows/${flowId}/versions`, { revision: saved.revision, note });
  }

  it("two versions are compared on the canvas and by field, and an old one comes back as the draft", async () => {
    const before = (await draft()).flow;
    const erp = before.nodes.find(({ id }) => id === "erp");
    if (!erp) throw new Error("The sandbox flow has no node erp.");
    await publish("Attach what the ERP said, and hold no mail back", (flow) => ({
      ...flow,
      description: "A line of many.\n".repeat(40),
      nodes: [
        ...flow.nodes.map((node) => (node.id === "erp" ? { ...node, config: { ...node.config, attach: "booked" } } : node)),
        { id: "extra", type: "map", name: "Extra", config: { expression: "$" } },
      ],
      edges: [...flow.edges, { id: "to-extra", from: { node: "erp", port: "out" }, to: { node: "extra", port: "in" } }],
      layout: { nodes: { ...flow.layout?.nodes, orders: { x: 8, y: 8 } } },
    }));
    const { page, complaints } = await designer.open();
    await page.goto(designer.at(`/dev/flows/${flowId}`));
    await page.getByTestId("versions-open").click();

    const changes = page.getByTestId("version-changes");
    for (const part of ["/config/attach", "booked", "Extra"]) await says(changes, part);
    await says(page.getByTestId("version-1"), "Development");
    await says(page.getByTestId("version-moved"), "1 card");
    await until(async () => (await page.getByTestId("node-extra").getAttribute("data-change")) === "added", {
      what: "the new node to be marked",
    });
    expect(await page.getByTestId("node-erp").getAttribute("data-change")).toBe("changed");
    expect(await page.getByTestId("node-wms").getAttribute("data-change")).toBeNull();
    expect(await axeFindings(page)).toEqual([]);

    await page.getByTestId("version-open-1").click();
    await says(page.getByTestId("version-banner"), /Version 1, published by sandbox .* read only/);
    await page.getByTestId("node-erp").click();
    const name = page.getByTestId("node-name");
    await name.waitFor();
    expect(new URL(page.url()).searchParams.get("node")).toBe("erp");
    // Read and copied, by keyboard too, but not changed.
    const called = await name.inputValue();
    await name.selectText();
    await page.keyboard.press("x");
    expect(await name.inputValue()).toBe(called);
    expect(await page.evaluate(() => getSelection()?.toString())).toBe(called);
    await page.keyboard.press("Tab");
    expect(await page.getByTestId("node-slot").evaluate((slot) => slot === document.activeElement)).toBe(true);
    const inspector = page.getByTestId("inspector");
    await inspector.getByText("Leads to").waitFor();
    expect(await inspector.getByLabel(/^(Draw an|Remove the) edge/).count()).toBe(0);
    await page.getByTestId("node-erp").press("Delete");
    await page.keyboard.press("e");
    expect(await page.getByTestId("node-erp").getAttribute("data-disabled")).toBeNull();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("version-compare").click();
    await page.getByText("What the draft changes").waitFor();
    await says(changes, "booked");
    await page.getByTestId("version-open-1").click();
    await page.getByTestId("version-banner").waitFor();
    await page.goBack();

    await page.getByTestId("version-menu-1").click();
    expect(await page.getByTestId("version-set-retired").isDisabled()).toBe(true);
    await page.getByTestId("version-set-deprecated").click();
    await until(async () => /Deprecated/.test((await page.getByTestId("version-1").textContent()) ?? ""), {
      what: "version 1 to be shown as deprecated",
    });
    await page.getByTestId("version-menu-1").click();
    await page.getByTestId("version-restore").click();
    await page.getByTestId("draft-state").waitFor();
    expect((await draft()).flow.nodes).toEqual(before.nodes);
    await page.getByTestId("node-wms").waitFor();
    await page.getByTestId("node-extra").waitFor({ state: "detached" });

    // What was drawn since and never published is not given up unasked.
    const { flow, revision } = await draft();
    const drawn = { ...flow, description: "Drawn, and not published" };
    await call("PUT", `/flows/${flowId}/draft`, { revision, flow: drawn });
    await page.goto(designer.at(`/dev/flows/${flowId}/versions/1`));
    await page.getByTestId("version-restore").click();
    const question = page.getByRole("dialog", { name: "Give up the draft for v1?" });
    await question.getByText("The draft is not what v2 is").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await question.getByRole("button", { name: "Cancel" }).click();
    await question.waitFor({ state: "detached" });
    expect((await draft()).flow.description).toBe(drawn.description);
    await page.getByTestId("version-restore").click();
    await question.getByTestId("restore-confirm").click();
    await page.getByTestId("draft-state").waitFor();
    expect((await draft()).flow.description).toBe(before.description);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("nodes made with an older version show what an update changes, and all of them take it in one step", async () => {
    const { flow, revision } = await draft();
    const later = (id: string, seconds: number) => ({ id, type: "delay", config: { seconds, until: "$now()" } });
    const orders = { id: "amazon", type: "amazon.ordersChangedV0", version: 2, slot: "amazon", config: { fulfilledBy: "MFN" } };
    const older = {
      ...flow,
      slots: [...flow.slots, { name: "amazon", connector: "amazon" }],
      nodes: [...flow.nodes, later("later", 5), later("latest", 60), orders],
    };
    const saved = await call<{ problems: { code: string; node?: string }[] }>("PUT", `/flows/${flowId}/draft`, {
      revision,
      flow: older,
    });
    const codes = saved.problems.filter(({ node }) => ["later", "latest", "amazon"].includes(node ?? "")).map(({ code }) => code);
    expect(codes.filter((code) => code === "node.olderVersion")).toHaveLength(2);
    expect(codes).toContain("node.deprecated");
    const nodeOf = async (id: string) => (await draft()).flow.nodes.find((node) => node.id === id);

    const { page, complaints } = await designer.open();
    await page.goto(designer.at(`/dev/flows/${flowId}?node=later`));
    const notice = page.getByTestId("node-update");
    await page.getByTestId("update-all").waitFor();
    await says(notice, /Made with version 1; version 2 has other settings.*\/config\/seconds.*5/);
    expect(await page.getByTestId("config-seconds").count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("update-all").press("Enter");
    await page.getByTestId("config-until").waitFor();
    await until(async () => (await nodeOf("latest"))?.version === 2, { what: "both nodes to be saved" });
    expect(await nodeOf("later")).toEqual({ ...later("later", 5), version: 2, config: { until: "$now()" } });
    await page.getByTestId("node-later").focus();
    await page.keyboard.press("Control+z");
    await until(async () => (await nodeOf("latest"))?.version === undefined, { what: "one undo to take both back" });
    expect(await nodeOf("later")).toEqual(later("later", 5));

    await page.goto(designer.at(`/dev/flows/${flowId}?node=amazon`));
    await page.getByTestId("update-node").waitFor();
    await says(notice, /Deprecated: use Orders changed in its place.*MFN.*MERCHANT/);
    await page.getByTestId("add-node").press("Enter");
    await says(page.getByTestId("palette-amazon.ordersChangedV0"), "Deprecated");
    await page.getByTestId("update-node").press("Enter");
    await until(async () => (await nodeOf("amazon"))?.type === "amazon.ordersChanged", { what: "the other operation" });
    expect((await nodeOf("amazon"))?.config).toEqual({ fulfilledBy: "MERCHANT" });
    await page.getByTestId("config-statuses").waitFor();
    expect(await axeFindings(page)).toEqual([]);

    // Years later: the ERP's API has ended.
    await page.route(/\/api\/v1\/connectors$/, async (route) => {
      const { items } = (await (await route.fetch()).json()) as { items: { id: string; lifecycle: object }[] };
      const ended = { state: "live", sunset: "2020-03-31" };
      await route.fulfill({ json: { items: items.map((one) => (one.id === "netsuite" ? { ...one, lifecycle: ended } : one)) } });
    });
    await page.goto(designer.at(`/dev/flows/${flowId}?node=erp`));
    await says(page.getByTestId("node-system-old"), /NetSuite: API has ended.*until 2020-03-31/);
    expect(await axeFindings(page)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("no screen of the router has a serious finding of axe, whether it is full, empty or has nothing to show", async () => {
    const [run] = (await call<{ items: { id: string }[] }>("GET", "/runs?environment=dev&limit=1")).items;
    const columns = ["code", "scac"].map((name) => ({ name, type: "text" }));
    await call("PUT", "/environments/dev/tables/carriers", { title: "Carriers", columns, key: ["code"], rows: [] });
    /** An address for each path that the router knows; what only leads on needs none. */
    const addresses: Record<string, string[]> = {
      "/": [],
      "/:env": ["/nowhere/flows"],
      "/sign-in": ["/sign-in"],
      "/set-up": ["/set-up"],
      flows: ["/dev/flows"],
      "flows/:flow": [`/dev/flows/${flowId}?view=canvas&node=erp`, "/dev/flows/none"],
      "flows/:flow/versions": [`/dev/flows/${flowId}/versions`],
      "flows/:flow/versions/:version": [`/dev/flows/${flowId}/versions/1`],
      "flows/:flow/promote": [`/staging/flows/${flowId}/promote`],
      runs: ["/staging/runs"],
      "runs/:run": [`/dev/runs/${run?.id}`],
      exceptions: ["/staging/exceptions"],
      connections: ["/dev/connections"],
      tables: ["/dev/tables"],
      "tables/:table": ["/dev/tables/carriers"],
      environments: ["/dev/environments"],
      people: ["/dev/people"],
      audit: ["/dev/audit"],
      "*": ["/dev/none"],
    };
    const routes = await readFile(fromRoot("designer", "app", "routes.tsx"), "utf8");
    const known = [...routes.matchAll(/path: "([^"]+)"/g)].map(([, path]) => path ?? "");
    expect(Object.keys(addresses).sort()).toEqual([...new Set(known)].sort());

    const { page } = await designer.open("dark");
    const found: string[] = [];
    for (const address of Object.values(addresses).flat()) {
      await page.goto(designer.at(address));
      await page.getByRole("heading").first().waitFor();
      for (const finding of await axeFindings(page)) found.push(`${address} ${finding}`);
    }
    await page.goto(designer.at("/dev/flows"));
    await page.getByTestId("environment-switch").press("Enter");
    await page.getByRole("menuitem", { name: "Staging" }).waitFor();
    for (const finding of await axeFindings(page)) found.push(`a menu: ${finding}`);
    expect(found).toEqual([]);
    await page.close();
  });

  it("a flow that runs cannot be put away; another is, comes back by a press, and is kept where the archived are", async () => {
    const { page, complaints } = await designer.open();
    const { flow } = await draft();
    await call("POST", "/flows", { flow: { ...flow, id: "put-away", name: "Put away" } });
    const row = page.locator('[data-flow="put-away"]');
    const archive = async (id: string) => {
      await page.getByTestId(`flow-menu-${id}`).click();
      const entry = page.getByTestId("flow-archive");
      await entry.waitFor();
      return entry;
    };
    await page.goto(designer.at("/dev/flows"));
    const refused = await archive(flowId);
    expect(await refused.textContent()).toContain("It runs in Development; take it out of there first.");
    expect(await refused.isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
    await refused.waitFor({ state: "detached" });

    await (await archive("put-away")).click();
    await row.waitFor({ state: "detached" });
    await page.getByTestId("archive-undo").click();
    await row.waitFor();
    await (await archive("put-away")).click();
    await row.waitFor({ state: "detached" });
    await page.getByTestId("flows-shown").getByText("Archived").click();
    await row.waitFor();
    expect(await page.getByTestId("flow-row").count()).toBe(1);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("flow-menu-put-away").click();
    await page.getByTestId("flow-restore").click();
    await page.getByText("Nothing is archived").waitFor();
    await page.getByTestId("flows-shown").getByText("In use").click();
    await row.waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("two who draw one flow see each other; nobody leaves what is not saved without being asked; a flow is brought in, and taken out", async () => {
    const node = (id: string) => ({ id, type: "map", name: id, config: { expression: "$" } });
    const flow = {
      kind: "flow",
      formatVersion: 1,
      id: "two-editors",
      name: "Two editors",
      slots: [],
      nodes: [node("one")],
      edges: [],
    };
    await designer.call("POST", "/flows", { flow });
    interface Drawn {
      nodes: { id: string; name: string }[];
    }
    const drawn = () => designer.draft<Drawn>("two-editors");
    const saved = (what: string, sound: (flow: Drawn) => boolean) => until(async () => sound(await drawn()), { what });
    /** Somebody else saves the draft, with the first node called this. */
    const elsewhere = async (name: string) => {
      const now = await designer.call<{ flow: Drawn; revision: number }>("GET", "/flows/two-editors");
      const [first, ...rest] = now.flow.nodes;
      const theirs = { ...now.flow, nodes: [{ ...first, name }, ...rest] };
      await designer.call("PUT", "/flows/two-editors/draft", { revision: now.revision, flow: theirs });
    };

    const { page } = await designer.open();
    await page.goto(designer.at("/dev/flows/two-editors?node=one"));
    const name = page.getByTestId("node-name");
    await name.waitFor();
    await elsewhere("Theirs");
    await page.getByTestId("node-one").getByText("Theirs").waitFor();
    await page.getByTestId("editing-elsewhere").waitFor();
    expect(await axeFindings(page)).toEqual([]);

    // This page does not hear of the next save, and collides with it.
    await page.route("**/status?*", (route) => route.abort());
    await elsewhere("Theirs again");
    await name.fill("Mine");
    await page.getByRole("button", { name: "Decide later" }).press("Enter");
    const runs = page.getByRole("link", { name: "Runs", exact: true });
    await runs.click();
    await page.getByRole("button", { name: "Keep mine" }).press("Enter");
    await saved("ours in the place of theirs", ({ nodes }) => nodes[0]?.name === "Mine");
    await page.unroute("**/status?*");

    // What the server refuses is asked about before it is left behind.
    await page.route("**/draft", (route) =>
      route.fulfill({ status: 400, json: { code: "flowMalformed", message: "The draft is not a flow.", correlationId: "c" } }),
    );
    await name.fill("Lost");
    await until(async () => (await page.getByTestId("save-state").textContent())?.includes("not a flow") ?? false, {
      what: "what the server has refused",
    });
    await runs.click();
    const dialog = page.getByRole("dialog", { name: "Your last changes are not saved" });
    await dialog.getByText("The draft is not a flow.").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(new URL(page.url()).pathname).toBe("/dev/flows/two-editors");
    await runs.click();
    await page.getByTestId("leave-do").press("Enter");
    await page.waitForURL("**/dev/runs**");
    await page.unroute("**/draft");

    const { page: other, complaints } = await designer.open();
    await other.goto(designer.at("/dev/flows/two-editors"));
    await other.getByTestId("node-one").waitFor();
    const bring = async (how: "insert" | "replace", nodes: object[]) => {
      await other.keyboard.press("Control+o");
      await other.getByTestId("import-text").fill(JSON.stringify({ ...flow, id: "another", nodes }));
      await other.getByTestId(`import-${how}`).check();
      await other.getByTestId("import-do").press("Enter");
      await other.getByTestId("import").waitFor({ state: "detached" });
    };
    await bring("insert", [node("one"), node("two")]);
    await saved("both beside what stands", ({ nodes }) => nodes.map(({ id }) => id).join() === "one,one2,two");
    await bring("replace", [node("four"), { id: "lost", type: "gone.away", config: {} }]);
    await saved("the import alone", ({ nodes }) => nodes.map(({ id }) => id).join() === "four,lost");

    await other.getByTestId("problems").press("Enter");
    await other
      .getByRole("list", { name: "Problems" })
      .getByRole("button")
      .filter({ hasText: "gone.away" })
      .first()
      .press("Enter");
    await until(() => new URL(other.url()).searchParams.get("node") === "lost", { what: "the place of the problem" });
    const [file] = await Promise.all([other.waitForEvent("download"), other.keyboard.press("Control+Shift+S")]);
    expect(file.suggestedFilename()).toBe("two-editors.flow.json");
    expect(JSON.parse(await readFile(await file.path(), "utf8"))).toMatchObject({
      id: "two-editors",
      nodes: [{ id: "four" }, { id: "lost" }],
    });
    expect(complaints).toEqual([]);
    await page.close();
    await other.close();
  });
});
