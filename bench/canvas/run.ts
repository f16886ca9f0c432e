import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import { type BoardRenders, watchBoardRenders } from "../../test/support/boardRenders.ts";
import { launchBrowser } from "../../test/support/browser.ts";
import { startOrderloom } from "../../test/support/orderloom.ts";
import { largeFlow } from "./flow.ts";
import { type Frames, framesOf } from "./frames.ts";

export interface CanvasReport {
  nodes: number;
  edges: number;
  /** From asking for the page, its files being kept by the browser already, to the frame that shows the cards; medians. */
  openMs: number;
  /** The same flow from another page of the designer, as people go there. */
  turnToMs: number;
  drag: Frames & { cardsPerFrame: number };
  /** One key pressed in the name of a node. */
  edit: { cards: number; of: number; taskMs: number };
}

const nodes = 500;
const edges = 700;

/** Moves of the drag, one for each frame of a screen that shows sixty a second. */
const steps = 180;
const frameMs = 1_000 / 60;
/** The canvas' grid at full size: a move by less changes nothing, and a frame that shows nothing new is not drawn. */
const gridPx = 8;
const id = "canvas-bench";

/** Opens, drags and edits a large flow in Chromium, and reads from the browser's own trace what it cost. */
export async function benchCanvas(repeats: number): Promise<CanvasReport> {
  const server = await startOrderloom({ embedded: true, env: { ORDERLOOM_DEMO: "off" } });
  const browser = await launchBrowser();
  try {
    const flow = largeFlow(id, nodes, edges);
    const answer = await fetch(`${server.url}/api/v1/flows`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ flow }),
    });
    if (!answer.ok) throw new Error(`The flow was refused: ${await answer.text()}`);
    return await measured(browser, `${server.url}/dev/flows`, repeats);
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function measured(browser: Browser, flows: string, repeats: number): Promise<CanvasReport> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  // What runs this file names its functions by a helper that the page does not have.
  await page.addInitScript("globalThis.__name = (given) => given");
  const rendered = await watchBoardRenders(page);
  await page.addInitScript(tellFirstCard);
  const opens: number[] = [];
  const turns: number[] = [];
  // The first time fills the browser's cache.
  for (let round = 0; round <= repeats; round += 1) {
    await page.goto(`${flows}/${id}`);
    const open = await firstCard(page);
    if (round > 0) opens.push(open);
    await page.goto(flows);
    const link = page.getByRole("link", { name: /Large/ });
    await link.waitFor();
    const from = await page.evaluate(() => performance.now());
    await link.click();
    turns.push((await firstCard(page)) - from);
  }
  return { nodes, edges, openMs: median(opens), turnToMs: median(turns), ...(await dragged(browser, page, rendered)) };
}

async function dragged(browser: Browser, page: Page, rendered: () => Promise<BoardRenders>) {
  const card = page.getByTestId("node-n21");
  await card.waitFor();
  const box = await card.boundingBox();
  if (!box) throw new Error("The card is not to be seen.");
  const [x, y] = [box.x + 80, box.y + 16];
  const mouse = await page.context().newCDPSession(page);
  const hand = (type: "mousePressed" | "mouseMoved" | "mouseReleased", at: { x: number; y: number }) =>
    mouse.send("Input.dispatchMouseEvent", { type, ...at, button: "left", buttons: 1, clickCount: 1 });
  await hand("mousePressed", { x, y });
  await hand("mouseMoved", { x: x + gridPx, y: y + gridPx });
  await rendered();
  await browser.startTracing(page, {
    categories: ["devtools.timeline", "disabled-by-default-devtools.timeline.frame", "toplevel"],
  });
  const begun = performance.now();
  const moves: Promise<unknown>[] = [];
  for (let step = 1; step <= steps; step += 1) {
    moves.push(hand("mouseMoved", dragPlace(x, y, step)));
    await delay(Math.max(0, begun + step * frameMs - performance.now()));
  }
  await Promise.all(moves);
  const trace = framesOf((await browser.stopTracing()).toString());
  const cards = Object.values((await rendered()).cards).reduce((sum, count) => sum + count, 0);
  await hand("mouseReleased", dragPlace(x, y, steps));

  await page.getByTestId("node-n22").click();
  const name = page.getByTestId("inspector").getByLabel("Name");
  await name.focus();
  await name.press("End");
  await page.waitForFunction(() => document.querySelector('[data-testid="save-state"]')?.textContent?.trim() === "Saved");
  await rendered();
  await browser.startTracing(page, { categories: ["devtools.timeline", "toplevel"] });
  await name.press("x");
  await page.getByTestId("node-n22").getByText("Step 22x").waitFor();
  const edit = framesOf((await browser.stopTracing()).toString());
  const after = await rendered();
  return {
    drag: { ...trace, cardsPerFrame: Math.round((10 * cards) / Math.max(1, trace.frames)) / 10 },
    edit: { cards: Object.keys(after.cards).length, of: nodes, taskMs: edit.longestTaskMs },
  };
}

/** To and fro, by one place of the grid each time. */
function dragPlace(x: number, y: number, step: number): { x: number; y: number } {
  const turn = step % 60;
  return { x: x + gridPx * (turn < 30 ? turn : 60 - turn), y: y + gridPx * Math.round(5 * Math.sin(step / 10)) };
}

/** Runs in the page: remembers the frame that first showed a card. */
function tellFirstCard(): void {
  const look = () => {
    if (document.querySelector(".react-flow__node")) {
      requestAnimationFrame(() => {
        if (Reflect.get(window, "firstCard") === undefined) Reflect.set(window, "firstCard", performance.now());
      });
    } else Reflect.deleteProperty(window, "firstCard");
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

async function firstCard(page: Page): Promise<number> {
  const handle = await page.waitForFunction(() => Reflect.get(window, "firstCard") as number | undefined);
  return Number(await handle.jsonValue());
}

const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
};
