import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { insertAccepted, wavesOf } from "./accept.ts";
import { putDeployment, releaseHeld } from "./deployments.ts";
import { openStore, type Store } from "./store.fixture.ts";

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

const counts = async (key: string) => {
  const messages = await store.db.selectFrom("message").select("id").where("document_key", "=", key).execute();
  const runs = await store.db.selectFrom("run").select("id").where("document_key", "=", key).execute();
  const tasks = await store.db.selectFrom("task").select("id").where("document_key", "=", key).execute();
  return [messages.length, runs.length, tasks.length];
};

test("waves have every message once, none has a document twice, and a document's messages keep their order", () => {
  const message = fc.record({ document: fc.option(fc.nat(3)), ordered: fc.boolean() });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (drawn) => {
      const messages = drawn.map(({ document, ordered }, place) =>
        store.acceptable(`m ${place}`, { documentKey: document === null ? null : `d${document}`, ordered }),
      );
      const waves = wavesOf(messages);
      expect(waves.flat().sort((a, b) => a - b)).toEqual(messages.map((_, place) => place));
      const documentOf = (place: number) => (messages[place]?.ordered ? messages[place].documentKey : null);
      for (const wave of waves) {
        const documents = wave.map(documentOf).filter((document) => document !== null);
        expect(new Set(documents).size).toBe(documents.length);
      }
      const order = (document: string) => waves.flat().filter((place) => documentOf(place) === document);
      for (const document of ["d0", "d1", "d2", "d3"])
        expect(order(document)).toEqual([...order(document)].sort((a, b) => a - b));
    }),
  );
});

describe("accepting", () => {
  it("gives every delivery of one document the first one's receipt: in a group, later, and at once", async () => {
    const [a, b] = await insertAccepted(store.db, [store.acceptable("one"), store.acceptable("one")]);
    expect([a?.duplicate, b?.duplicate, b?.taskId]).toEqual([false, true, null]);
    const [later] = await insertAccepted(store.db, [store.acceptable("one")]);
    expect([b?.receipt, later?.receipt, later?.runId]).toEqual([a?.receipt, a?.receipt, a?.runId]);
    const atOnce = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        insertAccepted(store.db, [store.acceptable("at once"), store.acceptable(`x ${index}`)]),
      ),
    );
    expect(new Set(atOnce.map(([first]) => first?.receipt)).size).toBe(1);
    expect(atOnce.filter(([first]) => !first?.duplicate)).toHaveLength(1);
    expect([await counts("one"), await counts("at once")]).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ]);
  });

  it("groups with the same keys in another order never deadlock", async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `order ${index}`);
    const group = (list: string[]) =>
      insertAccepted(
        store.db,
        list.map((key) => store.acceptable(key)),
      );
    const answers = await Promise.all([group(keys), group([...keys].reverse()), group(keys), group([...keys].reverse())]);
    expect(answers.flat().filter((each) => !each.duplicate)).toHaveLength(40);
  });

  it.each(["nul \u0000 key", "half a pair \ud800 key"])(
    "finds a duplicate by a key that PostgreSQL cannot hold: %j",
    async (key) => {
      const [first] = await insertAccepted(store.db, [store.acceptable(key)]);
      const [again] = await insertAccepted(store.db, [store.acceptable(key), store.acceptable(`beside ${key}`)]);
      expect(again).toMatchObject({ receipt: first?.receipt, duplicate: true });
    },
  );

  it("holds what a paused deployment gets, and lets it go in portions, the oldest first, once it is active", async () => {
    const [environment, flow] = [store.deployment.environment, store.deployment.flow_id];
    await putDeployment(store.db, environment, flow, { state: "paused" }, "tester");
    const held = await insertAccepted(
      store.db,
      [1, 2, 3].map((index) => store.acceptable(`held ${index}`, { held: true })),
    );
    expect(await releaseHeld(store.db, 10)).toBe(0);
    await expect(store.claim(held[0]?.taskId ?? "")).rejects.toThrow();
    await putDeployment(store.db, environment, flow, { state: "active" }, "tester");
    expect(await releaseHeld(store.db, 2)).toBe(2);
    expect(await releaseHeld(store.db, 2)).toBe(1);
    for (const one of held) expect((await store.claim(one.taskId ?? "")).runId).toBe(one.runId);
  });
});
