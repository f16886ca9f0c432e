import { describe, expect, it } from "vitest";
import type { EffectCall, RenderedRequest } from "../plan.ts";
import { atStep, firstCall, stepBack } from "./steps.ts";

const request = (path: string): RenderedRequest => ({ method: "GET", path, query: {}, headers: {}, timeoutMs: 1 });
const first: EffectCall = {
  node: "feed",
  item: { sku: "A" },
  request: { ...request("/documents"), method: "POST" },
  documentKey: "B-1",
  effectKey: "dev/a/feed/B-1/quantity",
  idempotency: "natural",
  read: false,
};

describe("an operation of several steps", () => {
  const one = atStep(first, { request: request("/upload"), before: ["document"] });
  const two = atStep(one, { request: request("/feeds"), before: ["document", "uploaded"] });

  it("is a read from its first step on, and keeps what it asked and was told", () => {
    expect(one).toMatchObject({ read: true, effectKey: first.effectKey, step: { read: false, before: ["document"] } });
    expect(two.step?.requests.map(({ path }) => path)).toEqual(["/documents", "/upload"]);
  });

  it("goes back one step, and from the first to how it began", () => {
    expect(stepBack(two)).toEqual(one);
    expect(stepBack(one)).toEqual(first);
    expect(firstCall(two)).toEqual(first);
    expect(firstCall(first)).toEqual(first);
  });

  it("that reads as a whole reads when it begins anew", () => {
    expect(firstCall(atStep({ ...first, read: true }, { request: request("/x"), before: [1] })).read).toBe(true);
  });
});
