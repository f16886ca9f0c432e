import { MantineProvider } from "@mantine/core";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Flow, FlowEdge } from "#schemas/flow.ts";
import { createFixed, DraftContext } from "../canvas/draft.ts";
import { createLive, LiveContext } from "../canvas/live.ts";
import { ready } from "../i18n/i18n.ts";
import { EdgePanel } from "./EdgePanel.tsx";
import type { Outcome } from "./evaluation.ts";
import { createPreview, type Ground, PreviewContext } from "./preview.ts";

const edge: FlowEdge = { id: "e", from: { node: "orders", port: "out" }, to: { node: "shape", port: "in" } };
const flow: Flow = {
  kind: "flow",
  formatVersion: 1,
  id: "edge-panel",
  name: "Edge panel",
  slots: [],
  nodes: [
    { id: "orders", type: "shopify.orderCreated", config: {} },
    { id: "shape", type: "map", config: { expression: "$" } },
  ],
  edges: [edge],
};
const catalogue = { manifests: new Map(), connectors: new Map() };
const sample = { name: "ada", title: "Ada's order", source: "orders", input: { id: 7 }, kept: null } as const;

let root: Root;
beforeAll(() => {
  Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
  return ready;
});
beforeEach(() => {
  root = createRoot(document.body.appendChild(document.createElement("div")));
});
afterEach(() => {
  act(() => root.unmount());
  document.body.replaceChildren();
});

/** The panel of the edge that 20 items have crossed, on these samples. */
async function panelOn(samples: readonly (typeof sample)[]): Promise<string> {
  const node = (status: "done", items: unknown[]) => ({ status, inputs: { in: items }, outputs: { out: items } });
  const run = { nodes: { orders: node("done", [{ id: 7 }]), shape: node("done", [{ id: 7 }]) }, requests: {} };
  const preview = createPreview(flow.id, {
    run: () => Promise.resolve({ kind: "flow", run } as unknown as Outcome),
    stop: () => undefined,
  });
  preview.setFlow(flow);
  preview.setGround({ samples } as unknown as Ground);
  const live = createLive();
  live.setState({ edges: { e: { count: 20, active: false } } });
  act(() =>
    root.render(
      <MantineProvider env="test">
        <DraftContext value={createFixed(flow)}>
          <LiveContext value={live}>
            <PreviewContext value={preview}>
              <EdgePanel edge={edge} flow={flow} catalogue={catalogue} preview={preview} width={400} onClose={() => undefined} />
            </PreviewContext>
          </LiveContext>
        </DraftContext>
      </MantineProvider>,
    ),
  );
  await act(() => vi.waitFor(() => expect(document.body.textContent).toMatch(/No sample yet|Ada.s order/), { timeout: 10_000 }));
  return document.body.textContent ?? "";
}

describe("the panel of an edge", () => {
  it("without a sample says so, and offers to add one", async () => {
    expect(await panelOn([])).not.toContain("loading");
    expect(document.querySelector("[data-testid=add-sample]")).not.toBeNull();
  });

  it("says of which sample its items are, beside how many have really crossed", async () => {
    const text = await panelOn([sample]);
    expect(text).toContain("On the sample “Ada's order”");
    expect(text).toContain("1 item");
    expect(text).toContain("20 items in the last hour");
  });
});
