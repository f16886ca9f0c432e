import { expect, it } from "vitest";
import { bookConnector } from "#nodes/sample.fixture.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { publicKeys } from "./publicKeys.ts";

const verification = {
  type: "publicKey",
  header: "x-signature",
  hash: "sha1",
  keyId: "{{ kid }}",
  signature: "{{ signature }}",
  path: "/keys/{{ keyId }}",
  key: "body.key",
} as const;

/** A system that has one key, asked under a clock that only the test moves. */
function world() {
  const asked: string[] = [];
  const state = { now: 1_000_000, status: 0 };
  const parts = {
    http: {
      perform: async (_connector: unknown, _connection: unknown, { path }: { path: string }) => {
        asked.push(path);
        const status = state.status || (path === "/keys/k1" ? 200 : 404);
        return { ok: true, response: { status, headers: {}, body: JSON.stringify({ key: "PEM" }) } };
      },
    },
    evaluators: { expression: async ({ input }: { input: { body: { key: string } } }) => input.body.key },
  } as unknown as EngineParts;
  const keys = publicKeys(parts, () => state.now)(verification, bookConnector, { id: "c", config: {} } as OpenConnection);
  return { asked, state, keys };
}

it("asks for a key once an hour, however many notifications come at once", async () => {
  const { asked, state, keys } = world();
  expect(await Promise.all([1, 2, 3].map(() => keys("k1")))).toEqual(["PEM", "PEM", "PEM"]);
  state.now += 3_599_000;
  await keys("k1");
  expect(asked).toEqual(["/keys/k1"]);
  state.now += 2_000;
  await keys("k1");
  expect(asked).toHaveLength(2);
});

it("does not let made-up ids ask the system without end", async () => {
  const { asked, state, keys } = world();
  for (let id = 0; id < 100; id++) expect(await keys(`made-up-${id}`)).toBeUndefined();
  await keys("made-up-1");
  expect(asked).toHaveLength(20);
  state.now += 61_000;
  expect(await keys("k1")).toBe("PEM");
});

it("forgets a failure, so that the sender's next try is looked at anew", async () => {
  const { state, keys } = world();
  state.status = 503;
  await expect(keys("k1")).rejects.toThrow("gave no public key (status 503)");
  state.status = 0;
  expect(await keys("k1")).toBe("PEM");
});
