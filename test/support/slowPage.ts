import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";

/** How many times slower than here the pages under test compute; 1 where nothing is said. */
const factor = Number(process.env.ORDERLOOM_TEST_SLOW ?? 1);

/** How late an answer comes on a slow machine: at random, so that answers overtake each other. */
const late = { least: 50, most: 400 };

/**
 * Makes a page as slow as on a busy machine where ORDERLOOM_TEST_SLOW asks for it, to find what holds only on a fast one:
 * a key pressed before what it is meant for has the focus, a text compared before it is there.
 */
export async function slowDown(page: Page): Promise<void> {
  if (factor <= 1) return;
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: factor });
  await page.route("**", async (route) => {
    await sleep(late.least + Math.random() * (late.most - late.least));
    // The page may be closed meanwhile.
    await route.fallback().catch(() => {});
  });
}
