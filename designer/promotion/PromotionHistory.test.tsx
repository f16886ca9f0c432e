import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { MemoryRouter, Route, Routes } from "react-router";
import { beforeAll, describe, expect, it } from "vitest";
import type { Environment } from "#schemas/environment.ts";
import type { Session } from "#schemas/people.ts";
import type { Promotion } from "#schemas/promotion.ts";
import { environmentsQuery, sessionQuery } from "../api/queries.ts";
import { drawingOfEach } from "../drawing.fixture.ts";
import { ready } from "../i18n/i18n.ts";
import { PromotionHistory } from "./PromotionHistory.tsx";

const drawing = drawingOfEach();
beforeAll(() => ready);

const promotion = (id: string, more: Partial<Promotion> = {}): Promotion => ({
  id,
  flow: "orders",
  environment: "prod",
  version: 3,
  base: 2,
  hash: "0123456789abcdef",
  state: "withdrawn",
  note: "",
  slots: {},
  acknowledged: [],
  review: {
    checks: [],
    risks: [],
    diff: { environment: "prod", messages: 0, same: 0, differing: 0, unknown: 0, groups: [] },
  },
  requestedAt: "2026-03-01T12:00:00.000Z",
  requestedBy: "ada",
  approvedAt: null,
  approvedBy: null,
  alone: false,
  unnamed: [],
  activateAt: null,
  canary: null,
  canaryAt: null,
  activatedAt: null,
  endedAt: null,
  endedBy: null,
  reason: null,
  ...more,
});

const session: Session = {
  signIn: false,
  setUp: "open",
  provider: null,
  person: null,
  grants: [{ role: "admin", environment: null }],
};
const production: Environment = {
  id: "prod",
  title: "Production",
  protection: "approval",
  protected: true,
  position: 3,
  reach: [],
  limits: { evaluatedAtOnce: null, acceptedPerSecond: null, payloadDays: null },
};

function show(promotions: Promotion[], running: number[]): void {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY, retry: false } } });
  queries.setQueryData(sessionQuery.queryKey, session);
  queries.setQueryData(environmentsQuery.queryKey, { items: [production] });
  act(() =>
    drawing.root.render(
      <MantineProvider env="test">
        <QueryClientProvider client={queries}>
          <MemoryRouter initialEntries={["/prod"]}>
            <Routes>
              <Route path="/:env" element={<PromotionHistory promotions={promotions} running={running} paused={false} />} />
            </Routes>
          </MemoryRouter>
        </QueryClientProvider>
      </MantineProvider>,
    ),
  );
}

const named = (id: string) => [...drawing.box.querySelectorAll<HTMLElement>(`[data-testid=${id}]`)];

describe("the history of promotions", () => {
  it("shows the first five of six, the way back among them, and all when asked", () => {
    const rest = ["b", "c", "d", "e", "f"].map((id) => promotion(id));
    show([promotion("a", { state: "active" }), ...rest], [3]);
    expect(named("promotion-entry")).toHaveLength(5);
    expect(named("promotion-roll-back")).toHaveLength(1);
    const [all] = named("promotion-all");
    expect(all?.textContent).toBe("Show all 6");
    act(() => all?.click());
    expect([named("promotion-entry").length, named("promotion-all").length]).toEqual([6, 0]);
  });

  it("says beside the way back what comes once more by it, of the risks that were acknowledged", () => {
    const risk = (kind: "effectKey" | "ordering", node: string | null) => ({ name: `${kind}:${node}`, kind, node, detail: "" });
    const review = {
      ...promotion("a").review,
      risks: [risk("effectKey", "wms"), risk("ordering", null)],
      nodeNames: { wms: "Ship" },
    };
    show([promotion("a", { state: "active", review })], [3]);
    const said = named("promotion-back")[0]?.textContent ?? "";
    expect(said).toContain("Rolling back changes the key of Ship back");
    expect(said).toContain("keep v3.");
    expect(said).not.toContain("overtake");
    // Where another version runs there is no way back, and nothing to be said of it.
    show([promotion("a", { state: "active", review })], [2]);
    expect(named("promotion-back")).toEqual([]);
  });

  it("takes up again what was taken out", () => {
    show([promotion("a", { state: "ended" })], []);
    expect(named("promotion-take-up").map(({ textContent }) => textContent)).toEqual(["Take up v3 again"]);
  });
});
