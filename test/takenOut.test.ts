import { describe, expect, it } from "vitest";
import { makeShopifyOrder } from "#runtime/sandbox/shopifyOrder.ts";
import type { Flow } from "#schemas/flow.ts";
import { axeFindings, hasChromium } from "./support/browser.ts";
import { useDesigner } from "./support/designer.ts";
import { until } from "./support/until.ts";

const flowId = "shopify-order-to-cash";

describe.skipIf(!hasChromium)("what an environment runs", () => {
  const designer = useDesigner();
  const { call } = designer;

  it("what is promoted is paused, taken out, taken up again and rolled back, and each time the page says what follows", async () => {
    const standing = async () =>
      (await call<{ deployments: { state: string; versions: { number: number }[] }[] }>("GET", `/flows/${flowId}`))
        .deployments[0];
    const { flow, revision } = await call<{ flow: Flow; revision: number }>("GET", `/flows/${flowId}`);
    // It knows the samples' orders alone.
    const nodes = flow.nodes.map((node) => {
      const only = `$contains(name, "#150") ? ${node.config?.expression} : $error("Broken.")`;
      return node.id === "canonical" ? { ...node, config: { expression: only } } : node;
    });
    const saved = await call<{ revision: number }>("PUT", `/flows/${flowId}/draft`, { revision, flow: { ...flow, nodes } });
    const made = { revision: saved.revision, note: "Broken for all but the samples" };
    const { number } = await call<{ number: number }>("POST", `/flows/${flowId}/versions`, made);
    const base = (await standing())?.versions[0]?.number;
    const place = `/environments/dev/flows/${flowId}`;
    const wish = { version: number, messages: 0 };
    const { hash, risks } = await call<{ hash: string; risks: { name: string }[] }>("POST", `${place}/promotion-review`, wish);
    const acknowledged = risks.map(({ name }) => name);
    await call("POST", `${place}/promotions`, { ...wish, hash, acknowledged });

    const { page, complaints } = await designer.open();
    const ask = async () => {
      await page.goto(designer.at("/dev/flows"));
      await page.getByTestId(`flow-menu-${flowId}`).click();
      await page.getByTestId("flow-take-out-dev").click();
      await page.getByTestId("take-out-confirm").waitFor();
    };
    await ask();
    const question = page.getByRole("dialog", { name: /^Take .* out of Development\?$/ });
    await question.getByText("its webhooks are unsubscribed").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await question.getByTestId("take-out-pause").click();
    await question.waitFor({ state: "detached" });
    expect(await standing()).toMatchObject({ state: "paused", versions: [{ number }] });

    await designer.sendOrder(makeShopifyOrder("taken-out", 1), `${flowId}/orders`);
    await page.goto(designer.at(`/dev/flows/${flowId}/promote?version=${base}`));
    const notice = page.getByTestId("promotion-paused");
    await notice.getByText(/\d+ messages? (is|are) held\./).waitFor();
    expect(await page.getByTestId("promotion-back").textContent()).toContain("Reference tables stay as they are.");
    await page.getByTestId("canary-begin").waitFor();
    expect(await page.getByTestId("canary-begin").isDisabled()).toBe(true);
    const back = await call<{ hash: string; paused: boolean }>("POST", `${place}/promotion-review`, { ...wish, version: base });
    expect(back.paused).toBe(true);
    const canary = { share: 10, minimumMessages: 50, tolerance: 5, windowMinutes: 60 };
    const begun = call("POST", `${place}/promotions`, { ...wish, version: base, hash: back.hash, canary });
    await expect(begun).rejects.toThrow(/409 .*promotionPaused/);
    expect(await axeFindings(page)).toEqual([]);
    await notice.getByTestId("promotion-resume").click();
    await notice.waitFor({ state: "detached" });
    await until(
      async () => (await call<{ items: unknown[] }>("GET", "/dead-letters?environment=dev&state=open")).items.length > 0,
      {
        what: "the order that was held to be a dead letter of the broken version",
      },
    );

    await ask();
    await question.getByTestId("take-out-confirm").click();
    await question.waitFor({ state: "detached" });
    expect(await standing()).toBeUndefined();
    await page.goto(designer.at(`/dev/flows/${flowId}/promote`));
    const entry = page.getByTestId("promotion-entry").filter({ hasText: `v${base} → v${number}` });
    await entry.getByText("Taken out").waitFor();
    await entry.getByTestId("promotion-take-up").click();
    await entry.getByTestId("promotion-roll-back").waitFor();
    expect(await standing()).toMatchObject({ state: "active", versions: [{ number }] });

    await entry.getByTestId("promotion-roll-back").click();
    await entry
      .getByTestId("promotion-left")
      .getByRole("link", { name: new RegExp(`^\\d+ open dead letters? of v${number}$`) })
      .click();
    await page.getByTestId("dead-letter-row").first().waitFor();
    expect(new URL(page.url()).searchParams.get("version")).toBe(String(number));
    expect(await standing()).toMatchObject({ versions: [{ number: base }] });
    expect(complaints).toEqual([]);
    await page.close();
  });
});
