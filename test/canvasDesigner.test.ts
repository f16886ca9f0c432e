import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";
import { watchBoardRenders } from "./support/boardRenders.ts";
import { axeFindings, hasChromium } from "./support/browser.ts";
import { useDesigner } from "./support/designer.ts";
import { until } from "./support/until.ts";

describe.skipIf(!hasChromium)("the canvas in a real browser", () => {
  const designer = useDesigner();

  interface CanvasFlow {
    nodes: { id: string; name?: string }[];
    edges: { from: { node: string }; to: { node: string } }[];
    layout?: { groups?: { folded?: boolean }[]; notes?: { text: string }[] };
  }

  it("the canvas: copied into another flow, added from a port, grouped, found, written on; one edit draws one card, a drag that card and its edges", async () => {
    const map = (id: string, expression: string) => ({ id, type: "map", config: { expression } });
    const ends = (from: string, to: string) => ({ from: { node: from, port: "out" }, to: { node: to, port: "in" } });
    const base = { kind: "flow", formatVersion: 1, slots: [], edges: [] as object[], layout: { nodes: {} } };
    const drawn = {
      ...base,
      id: "canvas-tools",
      name: "Canvas tools",
      nodes: [map("shape", "{ 'needle': id }"), map("check", "$")],
      edges: [{ id: "e1", ...ends("shape", "check") }],
    };
    for (const flow of [drawn, { ...base, id: "canvas-empty", name: "Empty", nodes: [] }])
      await designer.call("POST", "/flows", { flow });
    const saved = (id: string, what: string, sound: (flow: CanvasFlow) => boolean) =>
      until(async () => sound(await designer.draft(id)), { what });

    const { page, complaints } = await designer.open();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const rendered = await watchBoardRenders(page);
    const open = async (id: string) => {
      await page.goto(designer.at(`/dev/flows/${id}`));
      await page.getByTestId("flow-canvas").waitFor();
    };
    await open("canvas-tools");
    await page.getByTestId("node-shape").click();
    await page.getByTestId("node-check").click({ modifiers: ["Shift"] });
    await page.keyboard.press("Control+C");
    await page.getByText("2 items copied").waitFor();
    await open("canvas-empty");
    await page.keyboard.press("Control+V");
    await saved("canvas-empty", "both nodes and the edge between them", ({ nodes, edges }) => nodes.length + edges.length === 3);

    await open("canvas-tools");
    const handle = page.getByTestId("node-check").locator(".react-flow__handle.source");
    const { x: left = 0, y: top = 0, width = 0 } = (await handle.boundingBox()) ?? {};
    const [x, y] = [left + width / 2, top + width / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x + 120, y + 120, { steps: 4 });
    await page.mouse.up();
    await page.locator('[data-testid="quick-search"]:focus').waitFor();
    expect(await page.getByTestId("quick-schedule").count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.type("switch");
    await page.keyboard.press("Enter");
    await saved("canvas-tools", "the switch behind the port", ({ edges }) =>
      edges.some(({ from, to }) => from.node === "check" && to.node === "switch"),
    );

    await page.keyboard.press("Escape");
    await page.getByTestId("node-shape").click();
    await page.getByTestId("node-check").click({ modifiers: ["Shift"] });
    // What is made is what the hand goes on with: the new group folds and unfolds by its key.
    await page.keyboard.press("Control+G");
    await page.getByTestId("group-group").waitFor();
    await page.keyboard.press("f");
    await page.getByTestId("node-check").waitFor({ state: "detached" });
    await page.keyboard.press("f");
    await page.getByTestId("node-check").waitFor();
    await page.keyboard.press("f");
    await page.getByTestId("node-check").waitFor({ state: "detached" });
    expect(await axeFindings(page)).toEqual([]);
    await saved("canvas-tools", "the folded group", ({ layout }) => layout?.groups?.[0]?.folded === true);

    await page.keyboard.press("Control+F");
    await page.locator('[data-testid="find"] input:focus').waitFor();
    await page.keyboard.type("needle");
    await until(async () => (await page.getByTestId("find-count").textContent()) === "1 found", { what: "where it stands" });
    await page.keyboard.press("Enter");
    // It is hidden in the group, which unfolds.
    await page.getByTestId("node-shape").waitFor();
    await until(() => new URL(page.url()).searchParams.get("node") === "shape", { what: "it to be selected" });
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    const focused = (selector: string) => page.locator(`${selector}:focus`).waitFor();
    await focused('.react-flow__node[data-id="shape"]');

    // The whole menu stands in the window, however low the pointer is.
    await page.mouse.click(400, 800, { button: "right" });
    const menu = (await page.getByTestId("canvas-menu").boundingBox()) ?? { y: -1, height: 0 };
    expect(menu.y).toBeGreaterThanOrEqual(0);
    expect(menu.y + menu.height).toBeLessThanOrEqual(900);
    await page.keyboard.press("Escape");
    await page.getByTestId("canvas-menu").waitFor({ state: "detached" });
    await page.getByTestId("node-shape").click({ button: "right" });
    await page.getByTestId("menu-disable").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByTestId("canvas-menu").waitFor({ state: "detached" });

    await page.keyboard.press("Control+K");
    await focused('[data-testid="action-search"]');
    await page.keyboard.type("add note");
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Text of the note" }).fill("# Why\n**B2B** waits");
    await page.keyboard.press("Escape");
    await page.getByTestId("note-note").getByRole("heading", { name: "Why" }).waitFor();
    await focused('.react-flow__node[data-id="note:note"]');
    await saved("canvas-tools", "the note", ({ layout }) => layout?.notes?.[0]?.text.includes("B2B") ?? false);
    // Back to before it and on again: the note that comes back empty is not written on, and keeps no key to itself.
    for (const _ of ["its text", "the note"]) await page.keyboard.press("Control+Z");
    await page.getByTestId("note-note").waitFor({ state: "detached" });
    for (const _ of ["the note", "its text"]) await page.keyboard.press("Control+Shift+Z");
    await page.getByTestId("note-note").getByRole("heading", { name: "Why" }).waitFor();
    await page.keyboard.press("Control+Z");
    await page.keyboard.press("?");
    await page.getByTestId("shortcut-sheet").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");

    // A link to what is not there says so.
    await page.goto(designer.at("/dev/flows/canvas-tools?node=nope"));
    await page.getByText("The link leads to nope").waitFor();
    await until(() => !page.url().includes("nope"), { what: "an address without it" });

    await page.goto(designer.at("/dev/flows/canvas-tools?node=check"));
    const name = page.getByTestId("inspector").getByLabel("Name", { exact: true });
    await name.fill("Checked");
    await saved("canvas-tools", "the name", ({ nodes }) => nodes.some((node) => node.name === "Checked"));
    await until(async () => (await page.getByTestId("save-state").textContent())?.trim() === "Saved", { what: "the save" });
    await rendered();
    await name.press("!");
    await page.getByTestId("node-check").getByText("!").waitFor();
    expect(Object.keys((await rendered()).cards)).toEqual(["check"]);

    const head = (await page.getByTestId("node-shape").boundingBox()) ?? { x: 0, y: 0 };
    await page.mouse.move(head.x + 80, head.y + 16);
    await page.mouse.down();
    await page.mouse.move(head.x + 96, head.y + 32, { steps: 2 });
    await rendered();
    await page.mouse.move(head.x + 96, head.y + 112, { steps: 10 });
    const moved = await rendered();
    expect({ cards: Object.keys(moved.cards), edges: Object.keys(moved.edges) }).toEqual({ cards: ["shape"], edges: ["e1"] });
    // A panel that opened now would move what is under the hand.
    expect(new URL(page.url()).searchParams.get("node")).toBe("check");
    await page.mouse.up();
    await until(() => new URL(page.url()).searchParams.get("node") === "shape", { what: "the moved card to be selected" });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("by the hand alone: dropped on the middle of an edge, copied by Alt, an edge's end led elsewhere; each is one step back", async () => {
    const map = (id: string) => ({ id, type: "map", config: { expression: "$" } });
    const flow = {
      kind: "flow",
      formatVersion: 1,
      id: "gestures",
      name: "Gestures",
      slots: [],
      nodes: ["one", "two", "three"].map(map),
      edges: [{ id: "e1", from: { node: "one", port: "out" }, to: { node: "two", port: "in" } }],
      layout: { nodes: { one: { x: 0, y: 0 }, two: { x: 360, y: 0 }, three: { x: 360, y: 200 } } },
    };
    await designer.call("POST", "/flows", { flow });
    const drawn = async () => {
      const { nodes, edges } = await designer.draft<CanvasFlow>("gestures");
      return `${nodes.map(({ id }) => id).join(" ")}, ${edges.map(({ from, to }) => `${from.node}>${to.node}`).join(" ")}`;
    };
    const saved = (what: string) => until(async () => (await drawn()) === what, { what });

    const { page, complaints } = await designer.open();
    await page.goto(designer.at("/dev/flows/gestures"));
    const middle = async (of: Locator) => {
      const { x = 0, y = 0, width = 0, height = 0 } = (await of.boundingBox()) ?? {};
      return [x + width / 2, y + height / 2] as const;
    };
    const drag = async (from: readonly [number, number], to: readonly [number, number], shown?: Locator) => {
      await page.mouse.move(...from);
      await page.mouse.down();
      await page.mouse.move(from[0] + 24, from[1] + 24, { steps: 3 });
      await page.mouse.move(...to, { steps: 6 });
      await page.mouse.move(to[0] + 1, to[1]);
      await shown?.waitFor();
      await page.mouse.move(...to, { steps: 2 });
      await page.mouse.up();
    };
    const port = (node: string) => page.getByTestId(`node-${node}`).locator(".react-flow__handle.target");

    await page.getByTestId("add-node").press("Enter");
    await page.locator("[data-palette] input").fill("switch");
    await page.getByTestId("palette-schedule").waitFor({ state: "detached" });
    const edge = await middle(page.locator('.react-flow__edge[data-id="e1"] path').first());
    // By then the middle of the edge shows what adds a node there: it is let go on that.
    const plus = page.locator('[data-edge="e1"] button');
    await drag(await middle(page.getByTestId("palette-switch")), edge, plus);
    await saved("one two three switch, one>switch switch>two");

    const [x, y] = await middle(page.getByTestId("node-three"));
    await page.keyboard.down("Alt");
    await drag([x, y], [x - 200, y + 120]);
    await page.keyboard.up("Alt");
    await saved("one two three switch three2, one>switch switch>two");

    // The copy is selected, and its panel takes room; without it everything stands still.
    await page.getByTestId("inspector").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("inspector").waitFor({ state: "detached" });
    const [right, level] = await middle(port("two"));
    await drag([right - 12, level], await middle(port("three")));
    await saved("one two three switch three2, one>switch switch>three");

    await page.keyboard.press("Control+z");
    await saved("one two three switch three2, one>switch switch>two");
    await page.keyboard.press("Control+z");
    await saved("one two three switch, one>switch switch>two");
    await page.keyboard.press("Control+z");
    await saved("one two three, one>two");
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("the hand: what it is on is meant alone; edges are added onto and led elsewhere; several are boxed, aligned, nudged and cut", async () => {
    const map = (id: string) => ({ id, type: "map", name: id, config: { expression: "$" } });
    const ends = (from: string, to: string) => ({ from: { node: from, port: "out" }, to: { node: to, port: "in" } });
    const at: Record<string, { x: number; y: number }> = {
      one: { x: 0, y: 0 },
      two: { x: 400, y: 40 },
      three: { x: 800, y: 0 },
      four: { x: 400, y: 320 },
    };
    const flow = {
      kind: "flow",
      formatVersion: 1,
      id: "hand-tools",
      name: "Hand tools",
      slots: [],
      nodes: Object.keys(at).map(map),
      edges: [
        { id: "e1", ...ends("one", "two") },
        { id: "e2", ...ends("two", "three") },
      ],
      layout: { nodes: at },
    };
    await designer.call("POST", "/flows", { flow });
    interface Held {
      nodes: { id: string }[];
      edges: { id: string; from: { node: string }; to: { node: string } }[];
      layout: { nodes: typeof at; notes?: { text: string; x: number }[]; groups?: { title: string }[] };
    }
    const saved = (what: string, sound: (flow: Held) => boolean) =>
      until(async () => sound(await designer.draft("hand-tools")), { what });
    const ids = ({ nodes }: Held) => nodes.map(({ id }) => id).join();
    const links = ({ edges }: Held) => edges.map(({ from, to }) => `${from.node} ${to.node}`).join();

    const { page, complaints } = await designer.open();
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const card = (id: string) => page.getByTestId(`node-${id}`);
    const undone = async () => {
      await press("Control+z");
      await saved("all to be as it was", (now) => ids(now) === "one,two,three,four" && links(now) === "one two,two three");
    };
    await page.goto(designer.at("/dev/flows/hand-tools"));

    // The menu of a card is about that card, whatever is selected; so are the keys of one that Tab has gone to.
    await card("one").click();
    await card("three").click({ button: "right" });
    await page.getByTestId("menu-remove").click();
    await saved("the card under the pointer to go", (now) => ids(now) === "one,two,four");
    await undone();
    await card("one").click();
    const tabbed = page.locator('.react-flow__node[data-id="two"]:focus');
    for (let step = 0; step < 12 && (await tabbed.count()) === 0; step += 1) await press("Tab");
    await press("Delete");
    await saved("the card under the keys to go", (now) => ids(now) === "one,three,four");
    await undone();
    await page.mouse.click(1200, 800);

    const middle = async (id: string, side: "source" | "target") => {
      const box = (await card(id).locator(`.react-flow__handle.${side}`).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const [from, to] = [await middle("one", "source"), await middle("two", "target")];
    await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
    await page.getByRole("button", { name: "Add a node onto this edge" }).click();
    await page.locator('[data-testid="quick-search"]:focus').waitFor();
    await page.keyboard.insertText("map");
    await press("Enter");
    await saved("a node on the edge", (now) => links(now) === "two three,one map,map two");
    await undone();
    await page.mouse.click(1200, 800);

    // The end of an edge is taken just before the port, and brought to another; a card that cannot take it is dimmed.
    const [end, other] = [await middle("two", "target"), await middle("four", "target")];
    await page.mouse.move(end.x - 15, end.y);
    await page.mouse.down();
    await page.mouse.move(other.x - 60, other.y - 60, { steps: 4 });
    await page.locator('[data-testid="node-one"][data-emphasis="dimmed"]').waitFor();
    await page.mouse.move(other.x, other.y, { steps: 4 });
    await page.mouse.up();
    await saved("the edge to lead elsewhere", (now) => links(now) === "one four,two three");
    await undone();

    // An edge that is selected is what is added onto.
    const [start, goal] = [await middle("two", "source"), await middle("three", "target")];
    await page.mouse.click(start.x + (goal.x - start.x) / 4, start.y + (goal.y - start.y) / 8);
    await page.getByTestId("edge-panel").waitFor();
    await press("a");
    await page.getByTestId("palette-map").press("Enter");
    await saved("a node on the selected edge", (now) => links(now) === "one two,two map,map three");
    await press("Escape", "Escape", "Shift+1");
    await undone();

    const corner = (await card("one").boundingBox()) ?? { x: 0, y: 0 };
    const last = (await card("three").boundingBox()) ?? { x: 0, y: 0, width: 0 };
    const low = (await card("four").boundingBox()) ?? { y: 0, height: 0 };
    await page.keyboard.down("Shift");
    await page.mouse.move(corner.x - 12, corner.y - 12);
    await page.mouse.down();
    await page.mouse.move(last.x + last.width + 12, low.y + low.height + 12, { steps: 4 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await page.getByTestId("selected-panel").getByText("6 selected").waitFor();
    await until(() => new URL(page.url()).search === "", { what: "none of them to be named in the address" });
    expect(await axeFindings(page)).toEqual([]);
    await page.getByTestId("selected-alignTop").click();
    await saved("all to stand in a line", ({ layout }) => Object.values(layout.nodes).every(({ y }) => y === 0));
    await page.getByTestId("selected-distributeAcross").click();
    await saved(
      "the same gaps",
      ({ layout }) =>
        Object.values(layout.nodes)
          .map(({ x }) => x)
          .sort((a, b) => a - b)[1] !== 400,
    );
    await press("Control+z");
    await saved("one of both steps back", ({ layout }) => layout.nodes.two?.x === 400 && layout.nodes.four?.y === 0);
    await press("Control+z", "Control+d");
    await saved("the copies", ({ nodes, edges }) => nodes.length === 8 && edges.length === 4);
    await page.locator(".react-flow").focus();
    const stands = ({ layout }: Held, x: number) => layout.nodes.one2?.x === x && layout.nodes.one?.x === 0;
    await press("ArrowRight", "ArrowRight");
    await saved("the copies two small steps to the right", (now) => stands(now, 64));
    await press("Control+z");
    await saved("both steps back at once", (now) => stands(now, 48));
    await undone();
    await press("Control+a", "Control+x");
    await saved("nothing to be left", ({ nodes }) => nodes.length === 0);
    await press("Control+v");
    await saved("all to be back", ({ nodes, edges }) => nodes.length === 4 && edges.length === 2);

    // What is written on a note or a group is written by keys too.
    const focused = (selector: string) => page.locator(`${selector}:focus`).waitFor();
    for (const [key, words] of [
      ["n", "Why"],
      ["F2", " not"],
      ["Enter", "?"],
    ] as const) {
      await press(key);
      await focused('textarea[aria-label="Text of the note"]');
      await page.keyboard.insertText(words);
      await press("Escape");
      await focused('.react-flow__node[data-id="note:note"]');
    }
    await saved("the note", ({ layout }) => layout.notes?.[0]?.text === "Why not?");
    await card("one").click();
    await press("Control+g");
    await page.getByRole("group", { name: "Group without a name, 1 node" }).waitFor();
    await press("F2");
    await focused('input[aria-label="Name of the group"]');
    await page.keyboard.insertText("Shaping");
    await press("Enter");
    await focused('.react-flow__node[data-id="group:group"]');
    await saved("the group's name", ({ layout }) => layout.groups?.[0]?.title === "Shaping");
    expect(complaints).toEqual([]);
    await page.close();
  });
});
