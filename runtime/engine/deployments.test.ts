import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sampleFlow } from "#nodes/sample.fixture.ts";
import { type DeployedVersion, pickVersion } from "./deployments.ts";

const version = (number: number, weight: number): DeployedVersion => ({ id: `v${number}`, number, weight, flow: sampleFlow });

describe("choosing a version by weight", () => {
  const versions = fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 })
    .map((weights) => weights.map((weight, index) => version(index + 1, weight)));

  it("gives a document the same version each time, in whichever order they are listed, and none of no weight", () => {
    fc.assert(
      fc.property(versions, fc.string(), (all, key) => {
        const picked = pickVersion(all, key);
        expect(picked).toBeDefined();
        const total = all.reduce((sum, { weight }) => sum + weight, 0);
        if (total === 0) return;
        expect(pickVersion([...all].reverse(), key)).toBe(picked);
        expect(picked?.weight).toBeGreaterThan(0);
      }),
    );
  });

  it.each([
    [10, 90],
    [1, 99],
    [50, 50],
    [20, 30, 50],
  ])("shares documents out as the weights say (%s, %s, ...)", (...weights) => {
    const all = weights.map((weight, index) => version(index + 1, weight));
    const documents = 20_000;
    const counts = new Map<string, number>();
    for (let index = 0; index < documents; index += 1) {
      const id = pickVersion(all, `order-${100_000 + index}`)?.id ?? "";
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    // Within two in a hundred of all documents.
    for (const { id, weight } of all) expect(Math.abs((counts.get(id) ?? 0) / documents - weight / 100)).toBeLessThan(0.02);
  });
});
