import type { Selectable } from "kysely";
import { expect } from "vitest";
import type { Database } from "#runtime/store/tables.ts";
import type { DeadLetter } from "#schemas/deadLetter.ts";
import type { World } from "./world.fixture.ts";

type Row<Table extends keyof Database> = Selectable<Database[Table]>;

/** All that a world's database holds of its runs. */
interface Rows {
  runs: Row<"run">[];
  tasks: Row<"task">[];
  letters: Row<"dead_letter">[];
  scopes: Row<"scope">[];
  effects: Row<"effect">[];
}

async function read({ db }: World): Promise<Rows> {
  const [runs, tasks, letters, scopes, effects] = await Promise.all([
    db.selectFrom("run").selectAll().orderBy("id").execute(),
    db.selectFrom("task").selectAll().orderBy("id").execute(),
    db.selectFrom("dead_letter").selectAll().orderBy("id").execute(),
    db.selectFrom("scope").selectAll().orderBy("id").execute(),
    db.selectFrom("effect").selectAll().orderBy("effect_key").execute(),
  ]);
  return { runs, tasks, letters, scopes, effects };
}

/** What was seen at rest, so that a test can tell that its sequences were no trivial ones. */
export interface Seen {
  tasks: number;
  dead: number;
  cancelled: number;
  joined: number;
  applied: number;
  batches: number;
  subFlows: number;
  met: number;
  alone: number;
  again: number;
}

/** Everything that must hold when nothing is left to do. */
export async function expectAtRest(world: World): Promise<Seen> {
  const rows = await read(world);
  runsHaveEnded(rows);
  lettersStandForTheDead(rows);
  itemsAreInOnePlace(world, rows);
  joinsFireOnce(rows);
  await documentsAreFree(world);
  ledgerAgrees(world, rows);
  numbersAreTheirOwn(world, rows);
  documentsOfBatches(world, rows);
  const { runs, tasks } = rows;
  const of = (state: string) => tasks.filter((task) => task.state === state).length;
  return {
    tasks: tasks.length,
    dead: of("DEAD"),
    cancelled: of("CANCELLED"),
    joined: tasks.filter((task) => firesJoin(task) && task.state === "DONE").length,
    applied: world.target.applied.size,
    batches: tasks.filter((task) => task.result?.startsWith('{"batch"')).length,
    subFlows: runs.filter((run) => run.parent_task !== null).length,
    met: tasks.filter((task) => task.call?.startsWith('{"met"')).length,
    alone: tasks.filter((task) => isAlone(task, tasks)).length,
    again: tasks.filter((task) => isAlone(task, tasks) && task.attempt === 1 && task.state === "DONE").length,
  };
}

const brief = ({ id, kind, node_id, port, item_path, state, class: kindOf }: Row<"task">) => ({
  id: id.slice(-6),
  kind,
  node: node_id,
  port,
  itemPath: item_path,
  state,
  class: kindOf,
});

/** Every run is terminal, its counts are those of its tasks, and its state follows from them. */
function runsHaveEnded({ runs, tasks }: Rows): void {
  const parents = new Set(tasks.map((task) => task.parent_id));
  for (const run of runs) {
    const own = tasks.filter((task) => task.run_id === run.id);
    const open = own.filter(({ state }) => state === "READY" || state === "CLAIMED");
    const dead = own.filter(({ state }) => state === "DEAD").length;
    const ends = own.filter(
      (task) => task.state === "DONE" && !parents.has(task.id) && !hasArrived(task) && !tookNothing(task),
    ).length;
    const what = JSON.stringify(own.map(brief));
    expect(open.map(brief), "open tasks").toEqual([]);
    expect({ open: run.open_tasks, dead: run.dead_tasks, ends: run.leaf_tasks }, what).toEqual({ open: 0, dead, ends });
    const cancelled = run.cancelled_at !== null || run.superseded_by !== null;
    const wanted = cancelled ? "CANCELLED" : dead === 0 ? "SUCCEEDED" : ends > 0 ? "PARTIAL" : "DEAD";
    expect(run.state, what).toBe(wanted);
    expect([run.ended_at !== null, run.order_waiting]).toEqual([true, false]);
    if (!cancelled) expect(own.filter(({ state }) => state === "CANCELLED").map(brief)).toEqual([]);
  }
}

/** One letter that was not retried for each dead task, and none for any other. */
function lettersStandForTheDead({ tasks, letters }: Rows): void {
  const standing = letters
    .filter(({ state }) => (state satisfies DeadLetter["state"]) !== "retried")
    .map((letter) => letter.task_id);
  const dead = tasks.filter(({ state }) => state === "DEAD").map(({ id }) => id);
  expect(standing.sort()).toEqual(dead.sort());
}

/** A task went on to exactly what its one good outcome said, or ended: as a dead letter, a leaf or cancelled. */
function itemsAreInOnePlace({ written }: World, { tasks }: Rows): void {
  for (const task of tasks) {
    const children = tasks.filter((each) => each.parent_id === task.id).map(({ id }) => id);
    const good = written.filter(({ outcome }) => outcome.task.id === task.id && outcome.end.state === "DONE");
    const what = JSON.stringify(brief(task));
    expect(good.length, what).toBe(task.state === "DONE" && !hasArrived(task) && !inBatch(task) ? 1 : 0);
    const [one] = good;
    const successors = one?.outcome.end.state === "DONE" && !one.cancelled ? one.outcome.end.successors : [];
    expect(children.sort(), what).toEqual(successors.map(({ id }) => id).sort());
    if (task.state !== "DONE") expect(children, what).toEqual([]);
  }
  const inBatches = tasks.filter(inBatch).map((task) => JSON.parse(task.result ?? "{}") as { batch: string });
  const started = new Set(inBatches.map(({ batch }) => batch));
  for (const run of started) expect(tasks.filter((task) => task.run_id === run && task.parent_id === null)).toHaveLength(1);
}

const hasArrived = (task: Row<"task">): boolean =>
  task.kind === "control" &&
  task.port === "in" &&
  task.engine === null &&
  task.meet_key === null &&
  task.result === null &&
  task.scope_id !== null &&
  task.epoch === 0 &&
  task.call === null &&
  task.state !== "READY";
const inBatch = (task: Row<"task">): boolean => task.result?.startsWith('{"batch"') === true;
const firesJoin = (task: Row<"task">): boolean => task.kind === "control" && task.port === null;

/** A join went on once with all that arrived in time; its scope counts what stands. */
function joinsFireOnce({ tasks, scopes }: Rows): void {
  for (const scope of scopes) {
    const own = tasks.filter((task) => task.scope_id === scope.id);
    const dead = own.filter(({ state }) => state === "DEAD").length;
    const what = JSON.stringify({ scope, tasks: own.map(brief) });
    expect({ open: scope.open, dead: scope.dead }, what).toEqual({ open: 0, dead });
    const join = tasks.find(({ id }) => id === scope.join_task);
    const fired = tasks.filter((task) => task.parent_id === scope.join_task);
    expect(fired.length, what).toBeLessThanOrEqual(1);
    if (join?.state !== "DONE" || join.failed_node !== null) continue;
    const arrived = own.filter(
      (task) => task.node_id === scope.join_node && task.port === "in" && task.state === "DONE" && hasArrived(task),
    );
    const [next] = fired;
    if (!next || next.input === null) continue;
    const item = JSON.parse(next.input) as unknown[] | { items: unknown[] };
    expect((Array.isArray(item) ? item : item.items).length, what).toBe(arrived.length);
  }
}

async function documentsAreFree({ db }: World): Promise<void> {
  const documents = await db.selectFrom("document").select(["document_key", "head_run", "waiting"]).execute();
  for (const document of documents) expect(document).toMatchObject({ head_run: null, waiting: 0 });
  expect(await db.selectFrom("gather").selectAll().execute()).toEqual([]);
}

/** The ledger and the target tell the same story, and no effect was applied twice that can be told apart. */
function ledgerAgrees({ target }: World, { tasks, effects }: Rows): void {
  const ledger = new Map(effects.map((effect) => [effect.effect_key, effect]));
  for (const [key, { times, mode }] of target.applied) {
    expect(ledger.has(key), key).toBe(true);
    if (mode !== "natural") expect(times, `${key} was applied`).toBe(1);
  }
  for (const effect of effects) {
    const held = target.applied.get(effect.effect_key);
    if (effect.state === "CONFIRMED") expect(held?.hashes.at(-1), effect.effect_key).toBe(effect.request_hash);
    if (effect.state === "REFUSED" && effect.mode !== "natural") expect(held, effect.effect_key).toBeUndefined();
  }
  for (const task of tasks) {
    if (task.kind !== "effect" || task.state !== "DONE" || task.failed_node !== null || task.effect_key === null) continue;
    expect(target.applied.has(task.effect_key), `${task.effect_key} of a task that is done`).toBe(true);
  }
}

/** However often an effect was sent, it had one control number, and no other had the same. */
function numbersAreTheirOwn({ target }: World, { effects }: Rows): void {
  const given = new Map(effects.map((effect) => [effect.effect_key, Number(effect.control_number)]));
  for (const [key, sent] of target.numbered) expect([...sent], key).toEqual([given.get(key)]);
  const all = [...target.numbered.keys()].map((key) => given.get(key));
  expect(all).not.toContain(0);
  expect(new Set(all).size).toBe(all.length);
}

/** Whether it is a document of a batch that was refused. */
const isAlone = (task: Row<"task">, tasks: readonly Row<"task">[]): boolean =>
  task.kind === "effect" && tasks.some(({ id, kind }) => id === task.parent_id && kind === "effect");

/** Whether each document of the batch was refused; of a cancelled run, nothing follows them. */
function tookNothing({ kind, input, result }: Row<"task">): boolean {
  if (kind !== "effect" || !result?.startsWith('{"answer"')) return false;
  const { refused } = JSON.parse(result) as { refused: unknown[] };
  return refused.length > 0 && refused.length === [JSON.parse(input ?? "[]")].flat().length;
}

/** Each document of a batch that is done was taken, or its own run says that it was not: by a dead letter or an error way. */
function documentsOfBatches({ target, flows }: World, { runs, tasks }: Rows): void {
  const stopped = new Set(runs.flatMap((run) => (run.cancelled_at === null ? [] : [run.id])));
  const types = new Map(
    [...flows.values()].flatMap(({ versions }) => versions[0]?.flow.nodes.map(({ id, type }) => [id, type]) ?? []),
  );
  for (const task of tasks) {
    const isDone = task.kind === "effect" && task.state === "DONE" && task.failed_node === null;
    if (!isDone || types.get(task.node_id) !== "book.many" || stopped.has(task.run_id)) continue;
    const documents = [JSON.parse(task.input ?? "[]")].flat() as { number: string }[];
    for (const { number } of documents) {
      const told = tasks.some((other) => {
        const failed = other.node_id === task.node_id && (other.state === "DEAD" || other.failed_node !== null);
        const routed = other.parent_id === task.id && other.input?.includes('"error":') === true;
        return other.run_id === task.run_id && (failed || routed) && other.input?.includes(JSON.stringify(number));
      });
      expect(told || target.documents.has(number), `${number} of ${JSON.stringify(brief(task))}`).toBe(true);
    }
  }
}
