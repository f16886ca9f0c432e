import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideCanary } from "./canary.ts";

const settings = fc.record({
  share: fc.integer({ min: 1, max: 99 }),
  minimumMessages: fc.integer({ min: 1, max: 500 }),
  tolerance: fc.integer({ min: 0, max: 100 }),
  windowMinutes: fc.constant(60),
});
const none: string[] = [];
const ended = fc.record({ succeeded: fc.nat(2_000), failed: fc.nat(2_000), refusedBy: fc.constant(none) });

describe("deciding on a canary", () => {
  it("stops no version without a failure, nor one that fails no more often than the deployed one", () => {
    fc.assert(
      fc.property(settings, ended, fc.nat(2_000), (set, deployed, succeeded) => {
        expect(decideCanary(set, { succeeded, failed: 0, refusedBy: none }, deployed).stop).toBe(false);
        expect(decideCanary(set, deployed, deployed).stop).toBe(false);
      }),
    );
  });

  it("a failure more never makes it go on, a success more never stops it", () => {
    fc.assert(
      fc.property(settings, ended, ended, (set, candidate, deployed) => {
        const { stop } = decideCanary(set, candidate, deployed);
        const worse = decideCanary(set, { ...candidate, failed: candidate.failed + 1 }, deployed);
        const better = decideCanary(set, { ...candidate, succeeded: candidate.succeeded + 1 }, deployed);
        if (stop) expect(worse.stop).toBe(true);
        else expect(better.stop).toBe(false);
      }),
    );
  });

  it("stops before the minimum only what no success of the rest could save", () => {
    fc.assert(
      fc.property(settings, ended, ended, (set, candidate, deployed) => {
        const { stop, awaited } = decideCanary(set, candidate, deployed);
        const rest = { ...candidate, succeeded: candidate.succeeded + awaited };
        expect(decideCanary(set, rest, deployed).stop).toBe(stop);
      }),
    );
  });

  it("stops exactly where the rates differ by more than is tolerated, once enough have ended", () => {
    fc.assert(
      fc.property(settings, ended, ended, (set, candidate, deployed) => {
        const [own, other] = [candidate, deployed].map(({ succeeded, failed }) => BigInt(succeeded + failed));
        fc.pre(own !== undefined && other !== undefined && own >= set.minimumMessages && other >= set.minimumMessages);
        const excess = 100n * (BigInt(candidate.failed) * other - BigInt(deployed.failed) * own);
        expect(decideCanary(set, candidate, deployed).stop).toBe(excess > BigInt(set.tolerance) * own * other);
      }),
    );
  });

  it("says what it decided by", () => {
    const set = { share: 10, minimumMessages: 20, tolerance: 5, windowMinutes: 60 };
    const deployed = { succeeded: 99, failed: 1, refusedBy: none };
    expect(decideCanary(set, { succeeded: 2, failed: 1, refusedBy: none }, deployed)).toEqual({
      stop: false,
      refusedBy: null,
      candidateRate: 5,
      deployedRate: 1,
      awaited: 17,
    });
    expect(decideCanary(set, { succeeded: 0, failed: 2, refusedBy: none }, deployed)).toMatchObject({ stop: true, awaited: 18 });
  });

  it("stops one whose request had a connection shut, unless the deployed version's did as well", () => {
    fc.assert(
      fc.property(settings, ended, (set, figures) => {
        const by = (...refusedBy: string[]) => ({ ...figures, refusedBy });
        expect(decideCanary(set, by("erp", "wms"), by("erp"))).toMatchObject({ stop: true, refusedBy: "wms" });
        expect(decideCanary(set, by("erp"), by("erp"))).toMatchObject({ stop: false, refusedBy: null });
        expect(decideCanary(set, by(), by("erp")).stop).toBe(false);
      }),
    );
  });
});
