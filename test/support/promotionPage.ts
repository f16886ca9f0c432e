import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** Gives a flow another owner on its page, and publishes that, as whoever is signed in there. Answers the version's number. */
export async function publishOwned(page: Page, flowAddress: string, owner: string): Promise<number> {
  await page.goto(flowAddress);
  await page.getByTestId("flow-settings-open").click();
  await page.getByTestId("flow-owner").fill(owner);
  await page.keyboard.press("Escape");
  const saved = async () => (await page.getByTestId("save-state").textContent())?.trim() === "Saved";
  await until(saved, { what: "the owner to be saved" });
  await page.getByTestId("publish").click();
  await page.getByTestId("publish-confirm").click();
  await page.getByTestId("publish-confirm").waitFor({ state: "detached" });
  return page.evaluate(async (flow) => {
    const answer = await fetch(`/api/v1/flows/${flow}/versions`);
    const { items } = (await answer.json()) as { items: { number: number }[] };
    return Math.max(...items.map(({ number }) => number));
  }, new URL(flowAddress).pathname.split("/").pop());
}

/** Requests what a promotion's address names, each of its risks acknowledged. */
export async function requestOn(page: Page, promotionAddress: string): Promise<void> {
  await page.goto(promotionAddress);
  await page.getByTestId("promotion-checks").waitFor();
  for (const risk of await page.locator('input[data-testid^="risk-"]').all()) await risk.check();
  await page.getByTestId("promotion-request").click();
  await page.locator('[data-testid="promotion-entry"][data-state="requested"]').waitFor();
}
