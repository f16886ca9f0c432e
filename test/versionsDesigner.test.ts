import { describe, expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { axeFindings, hasChromium } from "./support/browser.ts";
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
    await changes.waitFor();
    expect(await page.getByTestId("version-1").textContent()).toContain("Development");
    const said = await changes.textContent();
    expect(said).toContain("/config/attach");
    expect(said).toContain("booked");
    expect(said).toContain("Extra");
    expect(await page.getByTestId("version-moved").textContent()).toMatch(/1 card/);
    await until(async () => (await page.getByTestId("node-extra").getAttribute("data-change")) === "added", {
      what: "the new node to be marked",
    });
    expect(await page.getByTestId("node-erp").getAttribute("data-change")).toBe("changed");
    expect(await page.getByTestId("node-wms").getAttribute("data-change")).toBeNull();
    expect(await axeFindings(page)).toEqual([]);

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
    expect(await page.getByTestId("node-extra").count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
