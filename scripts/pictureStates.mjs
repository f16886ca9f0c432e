// What screens look like while they wait, when they fail, and when two people meet. The server answers as it does;
// the browser holds an answer back, or lets it fail on the way.

const api = "**/api/v1/**";

/** An answer that never comes. */
const hold = (page, pattern) => page.route(pattern, () => {});
/** A server that fails at what should not fail, in its own words. */
const fail = (page, pattern) =>
  page.route(pattern, (route) =>
    route.fulfill({
      status: 500,
      json: {
        code: "internal",
        message: "Orderloom failed at something that should not fail.",
        hint: "The server's log says what, under the number 4711.",
      },
    }),
  );
/** No server at all. */
const cut = (page) => page.route(api, (route) => route.abort());

const waiting = (page) => page.getByRole("status", { name: "Loading" }).waitFor();
const said = (page) => page.locator('[role="alert"]').first().waitFor();

/** Screens by name, as in screenshots.mjs: the address, what to wait for, and what is done then. */
export function states(flow, call) {
  const canvas = `/dev/flows/${flow}?view=canvas`;
  const again = async (page, told) => {
    await page.reload();
    await told(page);
  };
  const preview = async (page) => {
    await page.getByTestId("preview").click();
    await page.getByTestId("preview-change").waitFor();
  };
  return {
    "flows-loading": ["/dev/flows", "flow-row", (page) => hold(page, "**/api/v1/flows?*").then(() => again(page, waiting))],
    "flows-failing": ["/dev/flows", "flow-row", (page) => fail(page, "**/api/v1/flows?*").then(() => again(page, said))],
    "flows-lost": [
      "/dev/flows",
      "flow-row",
      async (page) => {
        await cut(page);
        await page.getByText("What you see may be old.", { exact: false }).waitFor();
      },
    ],
    "flows-archived": ["/dev/flows?show=archived", "flow-row", (page) => page.getByTestId("flow-menu-orders-2025").click()],
    "flow-missing": ["/dev/flows/no-such-flow", "", said],
    "canvas-loading": [canvas, "node-wms", (page) => hold(page, `**/api/v1/flows/${flow}`).then(() => again(page, waiting))],
    "canvas-edge": [
      `${canvas}&edge=canonical_out_invariants`,
      "edge-panel",
      async (page) => {
        await preview(page);
        const panel = page.getByTestId("edge-panel");
        await panel.getByText("Table").click();
        await panel.getByRole("table").waitFor();
      },
    ],
    "canvas-compare": [
      canvas,
      "node-wms",
      async (page) => {
        await preview(page);
        await page.getByTestId("preview-compare").click();
        await page.getByTestId("compare-table").waitFor();
      },
    ],
    "canvas-lost": [
      `${canvas}&node=wms`,
      "config-attach",
      async (page) => {
        await cut(page);
        await page.getByTestId("config-attach").fill("shipped");
        await page.getByTestId("save-state").getByText("Not saved").waitFor();
      },
    ],
    "canvas-conflict": [
      `${canvas}&node=wms`,
      "config-attach",
      async (page) => {
        // It hears of no other's save, as one that comes in the very moment.
        await page.route("**/status?*", (route) => route.abort());
        const before = await call("GET", `/flows/${flow}`);
        const saved = await call("PUT", `/flows/${flow}/draft`, {
          revision: before.revision,
          flow: { ...before.flow, description: "Orders of the shop, booked and shipped." },
        });
        await page.getByTestId("config-attach").fill("shipped");
        await page.getByRole("dialog").waitFor();
        await call("PUT", `/flows/${flow}/draft`, { revision: saved.revision, flow: before.flow });
      },
    ],
  };
}
