import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { findChromium } from "./chromium.ts";
import { slowDown } from "./slowPage.ts";

/** Chromium of this machine; undefined where there is none, said once. */
const executablePath = findChromium();
export const hasChromium = executablePath !== undefined;
if (!hasChromium) console.log("Skipped: tests in the browser, because there is no Chromium on this machine.");

/** Starts a browser that talks to nobody but the server under test. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** A page that remembers what it complained about. */
export async function openPage(
  browser: Browser,
  scheme: "light" | "dark" = "light",
): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: scheme, reducedMotion: "reduce" });
  await slowDown(page);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  return { page, complaints };
}

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: string[] }[];
}

const require = createRequire(import.meta.url);

/** Half the length of what `axe.source` gives, which every page has to read. */
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** Waits until an element says this: what it shows may come after it. */
export const says = (element: Locator, text: string | RegExp): Promise<void> => element.filter({ hasText: text }).waitFor();

/** Serious and critical findings of axe on the page as it stands, one line each. */
export async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
  const violations = (await page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)",
  )) as Violation[];
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

/** Writes a text into a code editor in the place of all that it has: it draws only what is in sight, so `fill` may leave the rest. */
export async function writeAnew(editor: Locator, text: string): Promise<void> {
  await editor.press("Control+a");
  await editor.page().keyboard.insertText(text);
}
