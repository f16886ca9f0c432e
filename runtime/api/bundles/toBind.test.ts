import { afterAll, beforeAll, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import { readDraft } from "#runtime/store/flows.ts";
import { openStore, type Store } from "#runtime/store/store.fixture.ts";
import type { Flow } from "#schemas/flow.ts";
import { slotsToBind, tableNotices } from "./toBind.ts";

let store: Store;
let flow: Flow;

beforeAll(async () => {
  store = await openStore();
  const draft = await readDraft(store.db, sandboxFlow);
  if (!draft) throw new Error("no draft");
  flow = draft.flow;
});
afterAll(() => store.close());

it("an import tells of the connections of those environments alone that its caller sees", async () => {
  const told = async (sees: (environment: string) => boolean) =>
    new Set((await slotsToBind(store.db, [flow], sees)).map(({ environment }) => environment));
  expect(await told(() => true)).toContain("prod");
  expect(await told((environment) => environment !== "prod")).not.toContain("prod");
});

it("nor does it tell which reference tables the others have", async () => {
  const config = { table: "carriers", key: [{ column: "service" }] };
  const looking: Flow = { ...flow, nodes: [...flow.nodes, { id: "look", type: "lookup", name: "Look", config }] };
  const told = async (sees: (environment: string) => boolean) => (await tableNotices(store.db, [looking], sees)).join("\n");
  expect(await told(() => true)).toContain("cannot be deployed in prod");
  expect(await told((environment) => environment !== "prod")).not.toContain("prod");
});
