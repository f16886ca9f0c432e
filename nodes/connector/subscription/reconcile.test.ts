import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type FoundSubscription,
  type NotedSubscription,
  reconcile,
  type SubscriptionStep,
  type WantedSubscriptions,
} from "./reconcile.ts";

const ADDRESS = "https://flows.example.com/hooks/dev/orders/shop";
const NOW = Date.parse("2026-03-01T12:00:00Z");
const DAY = 86_400_000;
const topics = ["created", "updated", "cancelled"] as const;

const wantedOf = (change: Partial<WantedSubscriptions> = {}): WantedSubscriptions => ({
  address: ADDRESS,
  topics: ["created"],
  proof: "p1",
  secrets: null,
  now: NOW,
  earlyMs: DAY,
  renews: true,
  ...change,
});
const foundOf = (id: string, change: Partial<FoundSubscription> = {}): FoundSubscription => ({
  id,
  topic: "created",
  address: ADDRESS,
  expiresAt: null,
  current: true,
  given: { id },
  ...change,
});
const told = (steps: SubscriptionStep[]): string[] =>
  steps.map((step) => `${step.do} ${step.do === "create" ? step.topic : step.subscription.id}`);

/** A system, what is noted of it here, and of which the secret is known. */
interface World {
  found: FoundSubscription[];
  noted: NotedSubscription[];
  secrets: string[];
}

/** What a step does over there, noted here as well unless nobody survives it. */
function act(world: World, step: SubscriptionStep, wanted: WantedSubscriptions, id: string, survived: boolean): World {
  const { found, noted, secrets } = world;
  const note = (subscription: FoundSubscription): NotedSubscription[] =>
    survived
      ? [
          ...noted.filter((each) => each.id !== subscription.id),
          { id: subscription.id, topic: subscription.topic, expiresAt: subscription.expiresAt, proof: wanted.proof },
        ]
      : noted;
  const ends = NOW + 3 * DAY;
  switch (step.do) {
    case "keep":
      return { found, noted: note(step.subscription), secrets };
    case "delete": {
      const others = <Each extends { id: string }>(all: Each[]) => all.filter((each) => each.id !== step.subscription.id);
      return { found: others(found), noted: survived ? others(noted) : noted, secrets };
    }
    case "renew": {
      const renewed = { ...step.subscription, expiresAt: ends };
      return { found: found.map((each) => (each.id === renewed.id ? renewed : each)), noted: note(renewed), secrets };
    }
    case "create": {
      const made = foundOf(id, { topic: step.topic, expiresAt: ends });
      // It is told once: whoever does not survive has it no more.
      return { found: [...found, made], noted: note(made), secrets: survived ? [...secrets, id] : secrets };
    }
  }
}

const subscription = fc.record({
  topic: fc.constantFrom(...topics),
  address: fc.constantFrom(ADDRESS, `${ADDRESS}-2`, "https://elsewhere.example.com/"),
  expiresAt: fc.option(fc.integer({ min: NOW - DAY, max: NOW + 4 * DAY })),
  current: fc.boolean(),
  /** 0: never noted, 1: with today's proof, 2: with another. */
  noted: fc.constantFrom(0, 1, 2),
  secretKnown: fc.boolean(),
});
const worlds = fc.array(subscription, { maxLength: 8 }).map((all): World => {
  const each = all.map((one, index) => ({ ...one, id: `s${index}`, given: {} }));
  return {
    found: each.map(({ noted: _, secretKnown: __, ...one }) => one),
    secrets: each.flatMap(({ id, secretKnown }) => (secretKnown ? [id] : [])),
    noted: each.flatMap(({ id, topic, expiresAt, noted }) =>
      noted === 0 ? [] : [{ id, topic, expiresAt, proof: noted === 1 ? "p1" : "p0" }],
    ),
  };
});
const wants = fc
  .record({ topics: fc.subarray([...topics]), renews: fc.boolean(), secrets: fc.constantFrom(null, []) })
  .map((change) => wantedOf(change));

const knowing = (wanted: WantedSubscriptions, { secrets }: World): WantedSubscriptions =>
  wanted.secrets === null ? wanted : { ...wanted, secrets };

/** Goes on until nothing is to be done; each number says after how many steps nobody survives, before the next try. */
function settle(world: World, wanted: WantedSubscriptions, deaths: readonly number[]): World {
  let now = world;
  let made = 0;
  for (const death of [...deaths, Number.POSITIVE_INFINITY]) {
    const steps = reconcile(knowing(wanted, now), now.noted, now.found);
    for (const [place, step] of steps.entries()) {
      now = act(now, step, wanted, `new${made++}`, place < death);
      if (place === death) break;
    }
  }
  return now;
}

describe("reconcile", () => {
  it("makes what is missing, and leaves alone what stands", () => {
    expect(told(reconcile(wantedOf(), [], []))).toEqual(["create created"]);
    expect(told(reconcile(wantedOf(), [], [foundOf("1")]))).toEqual(["keep 1"]);
  });

  it("renews what is about to end; where the system cannot, it is made anew, the old one deleted first", () => {
    const ending = foundOf("1", { expiresAt: NOW + DAY });
    expect(told(reconcile(wantedOf(), [], [ending]))).toEqual(["renew 1"]);
    expect(told(reconcile(wantedOf({ renews: false }), [], [ending]))).toEqual(["delete 1", "create created"]);
    expect(told(reconcile(wantedOf(), [], [foundOf("1", { expiresAt: NOW + DAY + 1 })]))).toEqual(["keep 1"]);
  });

  it("makes anew what is held, or proves itself with an older secret", () => {
    expect(told(reconcile(wantedOf(), [], [foundOf("1", { current: false })]))).toEqual(["delete 1", "create created"]);
    const noted = [{ id: "1", topic: "created", expiresAt: null, proof: "p0" }];
    expect(told(reconcile(wantedOf(), noted, [foundOf("1")]))).toEqual(["delete 1", "create created"]);
  });

  it("makes anew what signs with a secret that was told once and is not known, noted or not", () => {
    const noted = [{ id: "1", topic: "created", expiresAt: null, proof: "p1" }];
    expect(told(reconcile(wantedOf({ secrets: ["1"] }), noted, [foundOf("1")]))).toEqual(["keep 1"]);
    expect(told(reconcile(wantedOf({ secrets: [] }), noted, [foundOf("1")]))).toEqual(["delete 1", "create created"]);
    expect(told(reconcile(wantedOf({ secrets: [] }), [], [foundOf("1")]))).toEqual(["delete 1", "create created"]);
  });

  it("takes along what was made for an address that we have no more", () => {
    const old = foundOf("1", { address: "https://old.example.com/hooks/dev/orders/shop" });
    const noted = [{ id: "1", topic: "created", expiresAt: null, proof: "p1" }];
    expect(told(reconcile(wantedOf(), noted, [old]))).toEqual(["delete 1", "create created"]);
    expect(told(reconcile(wantedOf({ topics: [] }), noted, [old, foundOf("2")]))).toEqual(["delete 1", "delete 2"]);
  });

  it("whatever stands and whenever it dies: of each topic one is left, nobody else's is touched, and then there is nothing to do", () => {
    fc.assert(
      fc.property(worlds, wants, fc.array(fc.nat({ max: 4 }), { maxLength: 5 }), (world, wanted, deaths) => {
        const end = settle(world, wanted, deaths);
        const ours = new Set(world.noted.map(({ id }) => id));
        const strange = (each: FoundSubscription) => each.address !== ADDRESS && !ours.has(each.id);
        expect(end.found.filter(strange)).toEqual(world.found.filter(strange));
        const standing = end.found.filter((each) => !strange(each));
        expect(standing.map(({ topic }) => topic).sort()).toEqual([...wanted.topics].sort());
        expect(standing.every(({ address, current }) => address === ADDRESS && current)).toBe(true);
        expect(standing.every(({ expiresAt }) => expiresAt === null || expiresAt > NOW + DAY)).toBe(true);
        if (wanted.secrets !== null) expect(standing.every(({ id }) => end.secrets.includes(id))).toBe(true);
        expect(reconcile(knowing(wanted, end), end.noted, end.found).every((step) => step.do === "keep")).toBe(true);
      }),
    );
  });
});
