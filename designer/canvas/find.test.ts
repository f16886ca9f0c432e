import { describe, expect, it } from "vitest";
import type { Flow } from "#schemas/flow.ts";
import { manifests, validFlow } from "#schemas/sampleFlow.fixture.ts";
import { findIn } from "./find.ts";

const connector = {
  id: "erp",
  title: "NetSuite",
  badge: { text: "N", color: "#000" },
  lifecycle: { state: "live" },
};
const catalogue = {
  manifests: new Map(Object.entries(manifests)),
  connectors: new Map([["erp", connector as never]]),
};
const flow: Flow = {
  ...validFlow(),
  layout: {
    nodes: {},
    edges: { e4: { label: "Only what ships" } },
    notes: [{ id: "why", text: "Ask Ada\nabout returns", x: 0, y: 0, width: 1, height: 1 }],
    groups: [{ id: "check", title: "Checks", nodes: ["invariants"] }],
  },
};
const found = (text: string) => findIn(flow, catalogue, text).map(({ at, where }) => `${at.kind} ${at.id} ${where}`);

describe("finding in a flow", () => {
  it("looks at names, types, connectors, settings, expressions, notes, groups and what stands on edges", () => {
    expect(found("canonical")).toEqual(["board canonical name", "board invariants setting"]);
    expect(found("upsert")).toEqual(["board erp name"]);
    expect(found("shop.order")).toEqual(["board orders name"]);
    expect(found("netsuite")).toEqual(["board erp connector"]);
    expect(found("shippable")).toEqual(["board route expression"]);
    expect(found("about returns")).toEqual(["board note:why note"]);
    expect(found("checks")).toEqual(["board group:check group"]);
    expect(found("only what")).toEqual(["edge e4 label"]);
    expect(found("  ")).toEqual([]);
    expect(found("nowhere")).toEqual([]);
  });

  it("shows the words with what stands around them, on one line", () => {
    const long = `${"x".repeat(80)}\nneedle\n${"y".repeat(200)}`;
    const node = { id: "m", type: "map", config: { expression: long } };
    const [finding] = findIn({ ...flow, nodes: [node], edges: [] }, catalogue, "Needle");
    expect(finding?.excerpt).toMatch(/^…x+ needle y+…$/);
    expect(finding?.where).toBe("expression");
  });
});
