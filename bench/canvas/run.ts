import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../test/support/browser.ts";
import { type CardRenders, watchCardRenders } from "../../test/support/cardRenders.ts";
import { startOrderloom } from "../../test/support/orderloom.ts";
import { largeFlow } from "./flow.ts";
import { framesOf } from "./frames.ts";

export interface CanvasReport {
  nodes: number;
  edges: number;
  /** From asking for the page, its files being kept by the browser already, to the frame that shows the cards; medians. */
  openMs: number;
  /** The same flow from another page of the designer, as people go there. */
  turnToMs: number;
  drag: { frames: number; framesPerSecond: number; mainThreadMsPerFrame: number; longestTaskMs: number; cardsPerFrame: number };
  /** One key pressed in the name of a node. */
  edit: { cards: number; of: number; taskMs: number };
}

const nodes = 500;
const edges = 700;
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
  const rendered = await watchCardRenders(page);
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

async function dragged(browser: Browser, page: Page, rendered: () => Promise<CardRenders>) {
  const card = page.getByTestId("node-n21");
  await card.waitFor();
  const box = await card.boundingBox();
  if (!box) throw new Error("The card is not to be seen.");
  const [x, y] = [box.x + 80, box.y + 16];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 8, y + 8);
  await rendered();
  await browser.startTracing(page, {
    categories: ["devtools.timeline", "disabled-by-default-devtools.timeline.frame", "toplevel"],
  });
  const steps = 120;
  for (let step = 1; step <= steps; step += 1) await page.mouse.move(x + step * 2, y + 40 * Math.sin(step / 10));
  const trace = framesOf((await browser.stopTracing()).toString());
  const cards = Object.values(await rendered()).reduce((sum, count) => sum + count, 0);
  await page.mouse.up();

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
    edit: { cards: Object.keys(after).length, of: nodes, taskMs: edit.longestTaskMs },
  };
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
