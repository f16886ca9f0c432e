import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flowsOf, type Palette } from "#nodes/dryRun/flowDrawing.fixture.ts";
import { expectAtRest, type Seen } from "./atRest.fixture.ts";
import { catalog, effectTypes, type Fate, fates } from "./target.fixture.ts";
import { type Luck, openWorld, type World } from "./world.fixture.ts";

/**
 * Sequences drawn, the same ones in every run of all tests. A longer search draws others each time:
 * `ORDERLOOM_SEQUENCES=5000 npx vitest run runtime/engine/engineProperty.test.ts`.
 */
const wanted = process.env.ORDERLOOM_SEQUENCES;
const SEQUENCES = Number(wanted ?? 50);
const SEED = 7400;

/** Milliseconds that a sequence may take at most on a busy machine. */
const SEQUENCE_MS = 2_000;

/** Rounds after which a world that still has something to do never comes to rest. */
const ROUNDS = 3_000;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** One that pauses the connection would be the last. */
const names = (Object.keys(fates) as Fate[]).filter((name) => name !== "someUnknown");
const ofBatches: Fate[] = ["someRefused", "someBusy", "someThrottled", "allRefused"];
const fate = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Fate>("ok") },
  fc.constantFrom(...names),
  fc.constantFrom(...ofBatches),
);
const place = fc.nat(7);
const yes = fc.boolean();

/** One thing that happens. Places count what there is, round and round. */
type Step =
  | { do: "claim" | "work"; place: number }
  | { do: "cancel"; place: number; crashes: boolean }
  | { do: "lose" | "giveBack"; place: number }
  | { do: "commit"; place: number; most: number; unanswered: boolean }
  | { do: "answer"; place: number; fate: Fate }
  | { do: "arrive"; place: number; applied: boolean }
  | { do: "deliver"; source: string; document: number; version: number; held: boolean }
  | { do: "pass"; seconds: number; arrived: boolean }
  | { do: "step"; seconds: number }
  | { do: "letter"; place: number; resolves: boolean }
  | { do: "sweep" };

const is = <Name extends Step["do"]>(name: Name) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: is("work"), place }) },
  { weight: 8, arbitrary: fc.record({ do: is("commit"), place, most: fc.integer({ min: 1, max: 4 }), unanswered: yes }) },
  { weight: 6, arbitrary: fc.record({ do: is("claim"), place }) },
  { weight: 6, arbitrary: fc.record({ do: is("answer"), place, fate }) },
  { weight: 2, arbitrary: fc.record({ do: is("arrive"), place, applied: yes }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: is("deliver"),
      source: fc.constantFrom("orders", "receipts"),
      document: fc.nat(1),
      version: fc.nat(3),
      held: fc.nat(5).map((rank) => rank === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: is("pass"), seconds: fc.constantFrom(1, 5, 31, 100), arrived: yes }) },
  { weight: 1, arbitrary: fc.record({ do: is("step"), seconds: fc.constantFrom(5, 31, 600) }) },
  { weight: 2, arbitrary: fc.record({ do: is("sweep") }) },
  { weight: 1, arbitrary: fc.record({ do: is("lose"), place }) },
  { weight: 1, arbitrary: fc.record({ do: is("giveBack"), place }) },
  { weight: 1, arbitrary: fc.record({ do: is("letter"), place, resolves: fc.nat(3).map((rank) => rank === 0) }) },
  { weight: 1, arbitrary: fc.record({ do: is("cancel"), place, crashes: yes }) },
);

const at = <T>(all: readonly T[], index: number): T | undefined => all[index % Math.max(1, all.length)];

/** Does one step; one for which there is nothing just now does what comes before it instead. */
async function take(one: Step): Promise<void> {
  switch (one.do) {
    case "claim": {
      const id = at(await world.due(), one.place);
      return id === undefined ? undefined : world.claim(id);
    }
    case "work": {
      const idle = world.held.filter((each) => !each.work);
      const held = at(idle, one.place);
      return held ? world.work(held) : take({ do: "claim", place: one.place });
    }
    case "commit": {
      const ready = world.held.filter((each) => each.outcome);
      const from = one.place % Math.max(1, ready.length);
      if (ready.length === 0) return take({ do: "work", place: one.place });
      return world.commit(ready.slice(from, from + one.most), one.unanswered);
    }
    case "answer":
    case "arrive": {
      const request = at([...world.target.underway], one.place);
      if (!request) return take({ do: "work", place: one.place });
      return one.do === "answer" ? world.answer(request, one.fate) : world.target.decide(request, one.applied);
    }
    case "lose":
    case "giveBack": {
      const held = at(world.held, one.place);
      if (!held) return;
      return one.do === "lose" ? world.lose(held) : world.giveBack(held);
    }
    case "deliver":
      return world.deliver(one.source, one.document, one.version, one.held);
    case "pass":
      return world.pass(one.seconds, one.arrived);
    case "step":
      return world.step(one.seconds);
    case "letter":
      return world.letter(one.place, one.resolves);
    case "cancel":
      return world.cancel(one.place, one.crashes);
    case "sweep":
      return world.sweep();
  }
}

/** Does all there is to do until nothing is left; after the answers given, all goes well. */
async function settle(answers: Fate[]): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const request of [...world.target.underway]) await world.answer(request, answers.shift() ?? "ok");
    for (const held of [...world.held]) if (!held.work) await world.work(held);
    const ready = world.held.filter((each) => each.outcome);
    if (ready.length > 0) await world.commit(ready, false);
    if (world.held.length > 0 || world.target.underway.size > 0) continue;
    await world.sweep();
    const due = await world.due();
    for (const id of due) await world.claim(id);
    if (due.length > 0) continue;
    const wait = await world.nextMoment();
    if (wait === undefined) return;
    // A lease that only seems to have ended is past, and waited for all the same.
    await world.pass(Math.max(0, wait) + (wait < 0 ? 5 : 0.1), true);
  }
  throw new Error(`After ${ROUNDS} rounds there was still something to do.`);
}

/** Chances that come round and round: `rare` and `room` say which evaluation ends badly and which effect finds room. */
function luckOf(evaluations: readonly number[], rooms: readonly boolean[]): Luck {
  let [evaluated, offered] = [0, 0];
  return {
    evaluation: () => {
      const rank = evaluations[evaluated++ % evaluations.length] ?? 2;
      return rank === 0 ? "dies" : rank === 1 ? "fails" : "well";
    },
    room: () => rooms[offered++ % rooms.length] === true,
  };
}

const steps = fc.array(step, { maxLength: 60, size: "max" });

const anything: Palette = { catalog, effects: effectTypes, share: 4, many: { type: "book.many", share: 1 }, others: true };
const batches: Palette = { catalog, effects: ["book.put"], share: 1, many: { type: "book.many", share: 6 }, others: false };

/** Draws flows and what happens to them; what was seen at rest must not be nothing. */
async function search(palette: Palette, sequences: number, seen: Partial<Seen>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(
      flowsOf(palette),
      fc.array(fc.nat(12), { minLength: 1, maxLength: 12 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
      steps,
      steps,
      fc.array(fate, { maxLength: 8 }),
      async (flow, evaluations, rooms, first, second, answers) => {
        await world.begin(flow, luckOf(evaluations, rooms));
        await world.deliver("orders", 0, 0, false);
        for (const part of [first, second]) {
          for (const one of part) await take(one);
          await settle([...answers]);
          const found = await expectAtRest(world);
          for (const key of Object.keys(seen) as (keyof Seen)[]) seen[key] = (seen[key] ?? 0) + found[key];
        }
      },
    ),
    { numRuns: sequences, ...(wanted === undefined ? { seed: SEED } : {}), interruptAfterTimeLimit: sequences * SEQUENCE_MS },
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
}

test(
  "any flow, whatever happens to it in whichever order, comes to rest with nothing lost and nothing twice",
  () => search(anything, SEQUENCES, { tasks: 0, dead: 0, cancelled: 0, joined: 0, applied: 0, batches: 0, subFlows: 0, met: 0 }),
  SEQUENCES * SEQUENCE_MS + 60_000,
);

test(
  "each document of a batch that is refused is sent alone or in a dead letter, whenever its batch comes again",
  () => search(batches, Math.ceil(SEQUENCES / 2), { dead: 0, applied: 0, alone: 0, again: 0 }),
  SEQUENCES * SEQUENCE_MS + 60_000,
);
