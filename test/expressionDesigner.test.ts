import { describe, expect, it } from "vitest";
import { axeFindings, hasChromium, says, writeAnew } from "./support/browser.ts";
import { useDesigner } from "./support/designer.ts";
import { until } from "./support/until.ts";

describe.skipIf(!hasChromium)("expressions and mappings in a real browser", () => {
  const designer = useDesigner();
  const flow = "shopify-order-to-cash";
  const atMapping = () => designer.at(`/dev/flows/${flow}?node=canonical`);

  /** The expression of the flow's map node, as the server has it. */
  async function savedExpression(): Promise<string> {
    const { nodes } = await designer.draft<{ nodes: { id: string; config?: Record<string, unknown> }[] }>(flow);
    return String(nodes.find(({ id }) => id === "canonical")?.config?.expression);
  }

  it("an expression knows the samples, and the draft runs on them as it is drawn", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(atMapping());
    await page.getByTestId("mapping-view").getByText("Expression").click();
    const result = page.getByTestId("expression-result");
    await until(async () => (await result.textContent())?.includes("schemaVersion"), {
      what: "the mapping's result on a sample",
    });
    const editor = page.getByTestId("config-expression").locator(".cm-content");
    await writeAnew(editor, "{ 'total': total_price * 2, 'mail': customr.email, 'skus': line_items.sku }");
    const remarks = page.getByTestId("remark-warning");
    await until(async () => (await remarks.count()) === 3, { what: "a remark on money, on a name and on a list" });
    await says(remarks.nth(1), "Did you mean customer?");
    await until(async () => (await result.textContent())?.includes("fails on this sample"), {
      what: "the text times two to fail",
    });
    await page.getByTestId("failed-place").press("Enter");
    await page.locator(".cm-content:focus").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await remarks.first().getByRole("button", { name: "Write $mul(total_price, 2)" }).press("Enter");
    await until(async () => (await result.textContent())?.includes("total"), { what: "the result once the fix was made" });
    await editor.press("Control+End");
    await page.keyboard.type(" ~> $su");
    await page.getByRole("option", { name: /\$sum/ }).waitFor();
    // The docs stand beside the list, where a pointer finds them: nothing cuts them off.
    await page.locator(".cm-completionInfo").click({ trial: true });
    await page.keyboard.press("Tab");
    await until(async () => (await editor.textContent())?.includes("$sub(") ?? false, { what: "the function taken by Tab" });
    // Escape lets go of its parameters, and leaves the panel as it is.
    await page.keyboard.press("Escape");

    // What a function does is said below for who has the cursor on it, and at the pointer; the text is put in one layout.
    await writeAnew(editor, "{'id':id,'n':$count(line_items)}");
    for (let back = 0; back < ")}line_items($".length; back += 1) await page.keyboard.press("ArrowLeft");
    const help = /^\$count\(list\).*How many/;
    await page.getByTestId("config-expression").getByText(help).waitFor();
    await editor.getByText("$count").hover();
    await says(page.locator(".cm-tooltip-hover"), /^\$count\(list\)How many/);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("config-expression").getByRole("button", { name: "Format" }).click();
    const laidOut = "{ 'id': id, 'n': $count(line_items) }";
    await until(async () => (await savedExpression()) === laidOut, { what: "the text in one layout" });
    await editor.press("Control+z");
    await until(async () => (await savedExpression()) === "{'id':id,'n':$count(line_items)}", { what: "one step back" });
    await writeAnew(editor, "{ 'id': id, 'lines': [line_items.sku] }");

    await page.getByTestId("preview").press("Enter");
    const end = page.getByTestId("preview-end");
    await until(async () => (await end.textContent())?.includes("Check order and sums"), { what: "the node at which it fails" });
    await page.getByTestId("preview-add").press("Enter");
    await page.getByTestId("sample-message").locator(".cm-content").fill('{ "id": 7, "line_items": [{ "sku": "A" }] }');
    await page.getByTestId("sample-title").fill("A small one");
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("sample-add").press("Enter");
    await page.getByTestId("tab-output").press("Enter");
    await until(async () => (await page.getByTestId("preview-port-out").textContent())?.includes('"A"'), {
      what: "what the node makes of the pasted sample",
    });
    expect(await axeFindings(page)).toEqual([]);
    await designer.call("POST", `/environments/dev/flows/${flow}/samples/us-two-lines/send`, {});
    await page.getByTestId("preview-add").press("Enter");
    await page.getByTestId("sample-way").getByText("Recent messages").click();
    await page.getByTestId("capture-message").first().press("Enter");
    await until(async () => (await page.getByTestId("capture-count").textContent())?.includes("masked"), {
      what: "the message without personal data",
    });
    await says(page.getByTestId("capture-shown"), "@example.com");
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("capture-title").fill("One that came in");
    await page.getByTestId("capture-add").press("Enter");
    await until(async () => (await page.getByTestId("preview-sample").inputValue()) === "One that came in", {
      what: "the captured sample to be shown",
    });
    const others = await designer.open();
    await others.page.goto(designer.at(`/dev/flows/${flow}?edge=canonical_out_invariants`));
    await others.page.getByTestId("preview").press("Enter");
    await others.page.getByTestId("preview-sample").click();
    await others.page.getByRole("option", { name: "A small one" }).waitFor();
    await others.page.close();
    await page.getByTestId("preview-remove").press("Enter");
    await page.getByTestId("sample-back").press("Enter");
    await until(async () => (await page.getByTestId("preview-sample").inputValue()) === "One that came in", {
      what: "the removed sample to be back",
    });
    await page.getByTestId("preview-change").press("Enter");
    await page.getByTestId("sample-title").fill("Renamed");
    await page.getByTestId("sample-outcome").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("sample-add").press("Enter");
    await until(async () => (await page.getByTestId("preview-sample").inputValue()) === "Renamed", {
      what: "the sample under its new title",
    });
    await page.goto(designer.at(`/dev/flows/${flow}?edge=canonical_out_invariants`));
    await until(async () => (await page.getByTestId("data-count").textContent()) === "1 item", { what: "what crosses the edge" });
    await page.getByTestId("data-view").getByText("Schema").click();
    expect(await axeFindings(page)).toEqual([]);
    for (const name of ["a-small-one", "one-that-came-in"]) await designer.call("DELETE", `/flows/${flow}/samples/${name}`);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("a mapping is drawn: two fields dragged, sure suggestions taken over, the same text beside it, undone step by step", async () => {
    const { page, complaints } = await designer.open();
    await page.goto(atMapping());
    await page.getByTestId("mapping-view").getByText("Expression").click();
    const editor = page.getByTestId("config-expression").locator(".cm-content");
    await writeAnew(editor, 'test = true ? $error("A test order") : { "schemaVersion": "1.0.0" /* kept */ }');
    await page.getByTestId("mapping-view").getByText("Fields").click();
    await page.getByTestId("mapper-wide").click();
    const coverage = page.getByTestId("coverage");
    const covered = (mapped: number) =>
      until(async () => (await coverage.textContent())?.startsWith(`${mapped} of `), { what: `${mapped} required fields` });
    await covered(1);
    const condition = page.getByTestId("guard-condition");
    await writeAnew(condition.locator(".cm-content"), "test = true or");
    await condition.getByText("Not taken over yet").waitFor();
    await writeAnew(condition.locator(".cm-content"), "test = true or confirmed = false");

    const drag = async (source: string, target: string) => {
      const from = await page.getByTestId(`source-tree-${source}`).boundingBox();
      const to = await page.getByTestId(`target-tree-${target}`).boundingBox();
      if (!from || !to) throw new Error(`${source} or ${target} is not seen.`);
      await page.mouse.move(from.x + 60, from.y + 10);
      await page.mouse.down();
      await page.mouse.move(from.x + 120, from.y + 20, { steps: 3 });
      await page.mouse.move(to.x + 120, to.y + 14, { steps: 3 });
      await page.mouse.up();
    };
    await drag("name", "externalId");
    await covered(2);
    const result = page.getByTestId("field-result");
    await until(async () => (await result.textContent())?.includes("#1503"), { what: "the field's value on the sample" });
    await drag("created_at", "orderedAt");
    await covered(3);
    await page.getByTestId("accept-sure").click();
    // The button is gone: the keys are with the fields, and undo what was accepted.
    await page.locator('[data-testid="target-tree"]:focus').waitFor();
    await page.keyboard.press("Control+z");
    await covered(3);
    await page.getByTestId("accept-sure").waitFor();
    await page.getByTestId("mapper-redo").click();
    await page.getByTestId("accept-sure").waitFor({ state: "detached" });
    await page.getByTestId("source-tree-currency").click();
    await page.locator('[data-testid="mapping-lines"] path[data-lit]').first().waitFor({ state: "attached" });
    expect(await axeFindings(page)).toEqual([]);

    // Escape lets go of the source that was taken, and only then leaves the wide mapper.
    await page.getByTestId("source-tree").press("Enter");
    await page.locator("[data-taken]").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("[data-taken]").waitFor({ state: "detached" });
    await page.locator('[data-testid="target-tree"]:focus').press("Escape");
    await page.locator('[data-testid="mapper-wide"]:focus').waitFor();
    await page.getByTestId("mapping-view").getByText("Expression").click();
    await until(async () => (await savedExpression()).includes('"currency": currency'), {
      what: "what was suggested, in the expression",
    });
    const guard = 'test = true or confirmed = false ? $error("A test order") : ';
    const begun = `${guard}{ "schemaVersion": "1.0.0", /* kept */ "externalId": name, "orderedAt": created_at`;
    expect((await savedExpression()).slice(0, begun.length)).toBe(begun);
    await page.getByTestId("config-expression").getByText("created_at").first().waitFor();

    await page.getByTestId("mapping-view").getByText("Fields").click();
    const tree = page.getByTestId("target-tree");
    for (const mapped of [3, 2, 1]) {
      await tree.press("Control+z");
      await covered(mapped);
    }
    // The same without a pointer: a target, a source from the list, and away with it again.
    await page.getByTestId("next-unmapped").press("Enter");
    await page.locator('[data-testid="target-tree"]:focus').press("Enter");
    const picker = page.getByTestId("source-picker");
    await until(() => picker.evaluate((input) => input === document.activeElement), { what: "the list of sources" });
    await page.keyboard.type("source.system");
    await page.getByRole("option", { name: "$source.system" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await covered(2);
    await tree.press("Delete");
    await covered(1);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("the columns of a file are described by a sample of it, mended by hand, taken over in one step and undone in one", async () => {
    const { page, complaints } = await designer.open();
    const { items } = await designer.call<{ items: { id: string }[] }>("GET", "/flow-templates");
    const template = items.find(({ id }) => id === "stock-file-to-marketplaces");
    await designer.call("POST", "/flows", { flow: { ...template, id: "stock-columns" } });
    const fileConfig = async () => {
      const { nodes } = await designer.draft<{ nodes: { id: string; config?: unknown }[] }>("stock-columns");
      return nodes.find(({ id }) => id === "file")?.config;
    };
    const before = await fileConfig();
    await page.goto(designer.at("/dev/flows/stock-columns?node=file"));
    await page.getByRole("button", { name: "Describe columns" }).press("Enter");
    const sample = page.getByTestId("columns-sample");
    await sample.fill("sku;on hand;price\n0417;41;1.299,50\n0418;x;7,00\n");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("cell", { name: '"1299.50"' }).waitFor();
    await sample.fill("sku;on hand;price\n0417;41;1.299,50\n0418;12;7,00\n");
    await dialog.getByRole("cell", { name: "12", exact: true }).waitFor();
    await dialog.getByLabel("sku is required").press("Space");
    await dialog.getByLabel("Name of column 1").press("Alt+ArrowDown");
    await sample.fill("sku;on hand;price\n;41;7,00\n");
    await dialog.getByText('Line 2: "sku" is empty.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("take-columns").press("Enter");
    const columns = [
      { name: "on hand", type: "integer" },
      { name: "sku", type: "text", required: true },
      { name: "price", type: "decimal", format: "1.234,56" },
    ];
    await until(async () => JSON.stringify(await fileConfig()) !== JSON.stringify(before), { what: "the draft to be saved" });
    expect(await fileConfig()).toEqual({ ...(before as object), delimiter: ";", columns });
    await page.getByRole("button", { name: "Undo" }).click();
    await until(async () => JSON.stringify(await fileConfig()) === JSON.stringify(before), { what: "one step to be undone" });
    expect(complaints).toEqual([]);
    await page.close();
  });

  interface ControlFlow {
    nodes: { id: string; onError?: string; config?: Record<string, unknown> }[];
    owner?: string;
    ordering?: string;
  }

  it("a node gets an error way, a join finds its split, and the flow its settings, all by keyboard", async () => {
    const { page, complaints } = await designer.open();
    const flow = designer.at("/dev/flows/shopify-order-to-cash");
    const saved = (what: string, sound: (flow: ControlFlow) => boolean) =>
      until(async () => sound(await designer.draft("shopify-order-to-cash")), { what });

    await page.goto(`${flow}?node=erp&tab=limits`);
    await page.getByTestId("node-on-error").locator("input").first().press("ArrowRight");
    await saved("the error way", ({ nodes }) => nodes.find(({ id }) => id === "erp")?.onError === "route");
    await page.getByTestId("node-erp").getByText("On error").waitFor();
    await page.keyboard.press("ArrowLeft");
    await saved("the error way to go", ({ nodes }) => nodes.find(({ id }) => id === "erp")?.onError === undefined);

    await page.goto(`${flow}?node=invariants`);
    // The first of what is found by Enter, or one of the others by the arrow keys.
    await page.getByTestId("add-node").press("Enter");
    const search = page.locator("[data-palette] input");
    await search.fill("makes many items of one");
    await search.press("Enter");
    await page.getByTestId("node-split").waitFor();
    await search.fill("split");
    await search.press("ArrowDown");
    for (let step = 0; step < 20 && !(await page.getByTestId("palette-join").and(page.locator(":focus")).count()); step += 1)
      await page.keyboard.press("ArrowDown");
    await page.getByTestId("palette-join").and(page.locator(":focus")).press("Enter");
    await page.getByTestId("node-join").waitFor();
    await page.getByTestId("config-timeoutSeconds").fill("2");
    await page.getByTestId("unit-timeoutSeconds").press("Enter");
    await page.getByRole("option", { name: "hours" }).click();
    await saved("the join's settings", ({ nodes }) => {
      const { split, timeoutSeconds } = nodes.find(({ id }) => id === "join")?.config ?? {};
      return split === "split" && timeoutSeconds === 7_200;
    });
    expect(await axeFindings(page)).toEqual([]);

    await page.getByTestId("flow-settings-open").press("Enter");
    await page.getByTestId("flow-owner").fill("returns-team");
    await page.getByTestId("flow-ordering").locator("input").first().press("ArrowRight");
    await saved("the flow's settings", ({ owner, ordering }) => owner === "returns-team" && ordering === "none");
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await until(() => page.getByTestId("flow-settings-open").evaluate((button) => button === document.activeElement), {
      what: "the focus to come back to what opened the dialog",
    });
    expect(complaints).toEqual([]);
    await page.close();
  });
});
