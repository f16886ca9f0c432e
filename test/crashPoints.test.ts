import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Applied, type Expected, type Letter, oracle } from "./chaos/oracle.ts";
import { startTargets } from "./chaos/processes.ts";
import { sandboxConnections } from "./chaos/workload.ts";
import { connector } from "./crash/flows.ts";
import { type Lane, NoCrash, openLane } from "./crash/lane.ts";
import { type CrashCase, crashCases, flowOfCase, scenarios } from "./crash/scenarios.ts";
import type { World } from "./crash/ways.ts";
import { buildServer } from "./support/orderloom.ts";

/** Cases under way at once: while some wait for a lease or a quiet period, others start. */
const LANES = 4;

const names = Array.from({ length: LANES }, (_, index) => `lane${index + 1}`);
const opened: Promise<Lane>[] = [];
const free: Lane[] = [];
const waiting: ((lane: Lane) => void)[] = [];
let folder = "";
let targets: Awaited<ReturnType<typeof startTargets>> | undefined;

beforeAll(async () => {
  buildServer();
  folder = await mkdtemp(join(tmpdir(), "orderloom-targets-"));
  targets = await startTargets(folder, sandboxConnections(connector, names));
});
afterAll(async () => {
  for (const lane of await Promise.allSettled(opened)) if (lane.status === "fulfilled") await lane.value.stop();
  await targets?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A lane that is free, a new one while there may be more, or the next to become free. */
async function aLane(): Promise<Lane> {
  const lane = free.pop();
  if (lane) return lane;
  const name = names[opened.length];
  if (name === undefined) return new Promise((resolve) => waiting.push(resolve));
  const opening = openLane(targets?.url ?? "", name);
  opened.push(opening);
  return opening;
}

async function inLane(work: (lane: Lane) => Promise<void>): Promise<void> {
  const lane = await aLane();
  try {
    await work(lane);
  } finally {
    const next = waiting.shift();
    if (next) next(lane);
    else free.push(lane);
  }
}

let made = 0;

/** The documents that an order becomes, each with its one effect. */
const expectedOf = ({ mode, document, flow }: World): Expected[] =>
  (flow.startsWith("join-") ? [document.id, `${document.id}-b`] : [document.id]).map((id) => ({
    document: id,
    effects: [{ system: mode, amount: document.total }],
  }));

async function lettersOf({ lane, document }: World): Promise<Letter[]> {
  const rows = await lane.sql<Letter & { node: string }>(
    "select document_key as document, node_id as node, class, reason from dead_letter where state = 'open' and document_key = $1",
    [document.id],
  );
  return rows.map((row) => ({ ...row, system: row.node }));
}

/** Everything at rest: no run open, no task that somebody still holds, no document whose turn never ends. */
async function expectAtRest({ lane }: World): Promise<void> {
  await lane.settled();
  expect(await lane.sql("select id, state, node_id from task where state in ('READY', 'CLAIMED')")).toEqual([]);
  expect(await lane.sql("select id, state, open_tasks from run where open_tasks <> 0")).toEqual([]);
  expect(await lane.sql("select document_key from document where head_run is not null or waiting <> 0")).toEqual([]);
}

/**
 * A moment may be missed: what a process read of a connection may be a second old, and a refusal by it then changes
 * nothing. Such a case is set up once more. What a case finds after its crash is never tried again.
 */
async function showCase(lane: Lane, one: CrashCase): Promise<void> {
  try {
    await runCase(lane, one);
  } catch (error) {
    if (!(error instanceof NoCrash)) throw error;
    await runCase(lane, one);
  }
}

async function runCase(lane: Lane, one: CrashCase): Promise<void> {
  const { scenario, mode, at, role } = one;
  made += 1;
  const document = { id: `c${made}x`, total: `${made}.25` };
  const world: World = { lane, mode, at, role, flow: flowOfCase(one), document };
  try {
    await scenario.crash(world);
  } finally {
    await lane.start();
  }
  await scenario.after?.(world);
  await expectAtRest(world);
  const expected = expectedOf(world);
  const ours = (row: Applied) => expected.some((each) => each.document === row.document);
  const applied = (await lane.targets.applied(mode)).filter(ours);
  const letters = await lettersOf(world);
  if (scenario.ends === "cancelled") {
    expect(applied.filter((row) => row.creates > 1)).toEqual([]);
    expect(letters).toEqual([]);
    return;
  }
  if (scenario.ends === "untouched") {
    expect([applied, letters]).toEqual([[], []]);
    return;
  }
  // Only where a target can neither dedupe nor be asked may a crash leave something for a person.
  if (mode !== "none") expect(letters).toEqual([]);
  else expect(letters.filter((letter) => letter.class !== "inDoubt")).toEqual([]);
  expect(oracle(expected, applied, withSplit(letters, expected))).toMatchObject({ ok: true, lost: [], duplicated: [] });
}

/** The letter of an item of a split has the order's key: in the mode `none` it may be either item's. */
const withSplit = (letters: Letter[], expected: Expected[]): Letter[] =>
  letters.flatMap((letter) => expected.map(({ document }) => ({ ...letter, document })));

describe("a process ended before and after every durable write and every request", () => {
  it("has a way to every point", () => {
    expect(Object.entries(scenarios).filter(([, ways]) => ways.length === 0)).toEqual([]);
    expect(crashCases.length).toBeGreaterThanOrEqual(180);
  });

  it.concurrent.each(crashCases)("$name", { timeout: 600_000 }, (one) => inLane((lane) => showCase(lane, one)));
});
