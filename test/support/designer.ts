import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import type { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import { launchBrowser, openPage } from "./browser.ts";
import { startOrderloom, type TestOrderloom } from "./orderloom.ts";
import { sendOrder } from "./sendOrder.ts";

/** The product as a user starts it and a browser, for all tests of a file: begun before the first, ended after the last. */
export function useDesigner() {
  let server: TestOrderloom;
  let browser: Browser;
  let sandbox: string | undefined;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startOrderloom(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function ask<Answer>(method: string, address: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(address, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const said = (answer.status === 204 ? undefined : await answer.json()) as Answer;
    if (!answer.ok) throw new Error(`${method} ${address}: ${answer.status} ${JSON.stringify(said)}`);
    return said;
  }

  /** Asks the API; the path follows `/api/v1`. */
  const call = <Answer>(method: string, path: string, body?: unknown) => ask<Answer>(method, `${server.url}/api/v1${path}`, body);

  const designer = {
    call,

    /** The address of a page, or of any other path. */
    at: (path: string): string => `${server.url}${path}`,

    /** A page that remembers what it complained about. */
    open: (scheme?: "light" | "dark") => openPage(browser, scheme),

    /** The draft of a flow as the server has it. */
    draft: async <Drawn>(flow: string): Promise<Drawn> => (await call<{ flow: Drawn }>("GET", `/flows/${flow}`)).flow,

    /** Asks the sandbox systems themselves; the path follows `/_sandbox`. */
    async askSandbox<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
      sandbox ??= await sandboxOf(call);
      return ask<Answer>(method, `${sandbox}/_sandbox${path}`, body);
    },

    /** Has the shop of the sandbox send an order to a flow's webhook. Answers the order's id. */
    sendOrder: (order: ReturnType<typeof makeShopifyOrder>, hook: string): Promise<string> =>
      sendOrder(`${server.url}/hooks/dev/${hook}`, order),
  };
  return designer;
}

/** Where the sandbox systems stand. */
async function sandboxOf(call: <Answer>(method: string, path: string) => Promise<Answer>): Promise<string> {
  const { items } = await call<{ items: { name: string; config: { baseUrl: string } }[] }>(
    "GET",
    "/environments/dev/connections",
  );
  return new URL(items.find(({ name }) => name === "northwind-erp")?.config.baseUrl ?? "").origin;
}
