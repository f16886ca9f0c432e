import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandboxFlow } from "#runtime/sandbox/northwind.ts";
import type { Flow } from "#schemas/flow.ts";
import { setArchived } from "./archive.ts";
import { listAudit } from "./audit.ts";
import { changesOfDraft, flowHash } from "./draftChanges.ts";
import { isOver, tellQuietDraft } from "./draftSittings.ts";
import { createFlow, readDraft, saveDraft } from "./flows.ts";
import { comingFrom } from "./origin.ts";
import { openStore, type Store } from "./store.fixture.ts";
import { restoreVersion } from "./versions.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const draftOf = async (id: string) => {
  const draft = await readDraft(store.db, id);
  if (!draft) throw new Error(`no flow ${id}`);
  return draft;
};
/** Saves over what is there, with a change. */
const save = async (id: string, actor: string, change: (flow: Flow) => Flow) => {
  const { flow, revision } = await draftOf(id);
  expect(await saveDraft(store.db, id, revision, change(flow), actor)).toMatchObject({ ok: true });
};
const owned = (owner: string) => (flow: Flow) => ({ ...flow, owner });
const entries = async (subject: string) => (await listAudit(store.db, { subject, action: "draft.saved", limit: 20 })).items;
/** A flow of its own for each test. */
const made = async (id: string) => {
  const flow = { ...(await draftOf(sandboxFlow)).flow, id };
  expect(await createFlow(store.db, flow, "ada")).toBe(true);
  return flow;
};

describe("saves of a draft", () => {
  it("of one editor are one entry once the editor has gone, from what it was to what it is", async () => {
    const before = await made("sat");
    for (const owner of ["a", "b", "c"])
      await comingFrom({ address: "192.0.2.7", agent: "browser" }, () => save("sat", "ada", owned(owner)));
    await save("sat", "ada", (flow) => ({ ...flow, nodes: flow.nodes.slice(1) }));
    expect(await tellQuietDraft(store.db)).toBe(false);
    await store.pass(301);
    expect(await tellQuietDraft(store.db)).toBe(true);
    expect(await tellQuietDraft(store.db)).toBe(false);
    await store.pass(0);
    const { flow: now } = await draftOf("sat");
    expect(await entries("sat")).toMatchObject([
      {
        actor: "ada",
        address: "192.0.2.7",
        detail: { saves: 4, changes: { nodes: 1, edges: 0, slots: 0, layoutOnly: false } },
        before: { revision: 1, hash: flowHash(before), owner: before.owner },
        after: { revision: 5, hash: flowHash(now), owner: "c" },
      },
    ]);
  });

  it("of another editor end those of the one before, and each has what is theirs", async () => {
    await made("two");
    await save("two", "ada", owned("a"));
    await save("two", "bob", owned("b"));
    expect(await entries("two")).toMatchObject([{ actor: "ada", after: { owner: "a" } }]);
    await save("two", "ada", owned("c"));
    expect(await entries("two")).toMatchObject([
      { actor: "bob", before: { owner: "a" }, after: { owner: "b" } },
      { actor: "ada" },
    ]);
  });

  it("that go on for long are told all the same", async () => {
    await made("long");
    await save("long", "ada", owned("a"));
    for (const [minute, owner] of [
      [4, "b"],
      [8, "c"],
      [12, "d"],
      [16, "e"],
    ] as const) {
      await store.pass(minute * 60);
      await save("long", "ada", owned(owner));
    }
    await store.pass(0);
    expect(await entries("long")).toMatchObject([{ detail: { saves: 4 }, after: { owner: "d" } }]);
  });

  it("are told before something else is made of the draft", async () => {
    await made("put-away");
    await save("put-away", "ada", owned("a"));
    expect(await setArchived(store.db, "put-away", true, "bob")).toMatchObject({ ok: true });
    const { items } = await listAudit(store.db, { subject: "put-away", limit: 2 });
    expect(items.map(({ action, actor }) => [action, actor])).toEqual([
      ["flow.archived", "bob"],
      ["draft.saved", "ada"],
    ]);
    const { revision } = await draftOf(sandboxFlow);
    await save(sandboxFlow, "ada", owned("a"));
    await restoreVersion(store.db, sandboxFlow, 1, revision + 1, "bob");
    const { items: restored } = await listAudit(store.db, { subject: sandboxFlow, limit: 3 });
    expect(restored.map(({ action, actor }) => [action, actor])).toEqual([
      ["version.restored", "bob"],
      ["draft.saved", "bob"],
      ["draft.saved", "ada"],
    ]);
  });
});

it("a sitting is over after five quiet minutes, or a quarter of an hour", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
  const over = (until: number, now: number) => isOver({ since: at(0), until: at(until) }, new Date(at(now)));
  expect([over(0, 4), over(0, 5), over(14, 14), over(14, 15)]).toEqual([false, true, false, true]);
});

it("a draft in which things were only moved says so", async () => {
  const { flow } = await draftOf(sandboxFlow);
  const moved = { ...flow, layout: { ...flow.layout, moved: { x: 1, y: 2 } } } as Flow;
  const { changes, before, after } = changesOfDraft(flow, moved);
  expect(changes).toEqual({ nodes: 0, edges: 0, slots: 0, layoutOnly: true });
  expect(before).toEqual(after);
});
