import { sql } from "kysely";
import { pino } from "pino";
import { compilePlan } from "#nodes/compilePlan.ts";
import { renderNumbered } from "#nodes/connector/renderNumbered.ts";
import { evaluateSegment } from "#nodes/evaluate.ts";
import { makeLock } from "#nodes/lock.ts";
import type { Plan, SegmentResult } from "#nodes/plan.ts";
import { readAndFollow } from "#runtime/evaluate/follow.ts";
import { EvaluatorDied } from "#runtime/evaluate/pool.ts";
import { quietQueues } from "#runtime/queue/quietQueues.fixture.ts";
import { openReaches } from "#runtime/reach/reach.ts";
import { readSettings } from "#runtime/settings.ts";
import { insertAccepted } from "#runtime/store/accept.ts";
import { releaseBatch } from "#runtime/store/batches.ts";
import { goingOn, withBornEnded } from "#runtime/store/bornEnded.ts";
import { cancelRun, sweepCancelled } from "#runtime/store/cancel.ts";
import { type Checkpointed, checkpoint } from "#runtime/store/checkpoint.ts";
import { readClock } from "#runtime/store/clock.ts";
import { openConnections, putConnection } from "#runtime/store/connections.ts";
import { resolveDeadLetter, retryDeadLetter } from "#runtime/store/deadLetters.ts";
import { releaseHeld } from "#runtime/store/deployments.ts";
import { newId, sha256 } from "#runtime/store/ids.ts";
import type { Outcome } from "#runtime/store/outcomes.ts";
import { recallCheckpoint } from "#runtime/store/recall.ts";
import { LEASE_MS, openStore } from "#runtime/store/store.fixture.ts";
import { type ClaimedTask, claimTasks, reclaimExpired, releaseTasks } from "#runtime/store/tasks.ts";
import type { Flow } from "#schemas/flow.ts";
import { freePermit, openAdmission } from "./admission.fixture.ts";
import { below } from "./below.fixture.ts";
import { type ClockWatch, clockWatch } from "./clockWatch.ts";
import { controlTask } from "./controlTask.ts";
import { type DeployedFlow, unlimited } from "./deployments.ts";
import { type Intended, performTask } from "./effectTask.ts";
import { moment } from "./moment.ts";
import { bugOutcome } from "./ownOutcomes.ts";
import type { EngineParts } from "./parts.ts";
import { evaluateTask } from "./segmentTask.ts";
import { catalog, type Fate, fakeTarget, type Target, type Underway } from "./target.fixture.ts";

/** What a worker of the world has in its hands: a task, work under way, or what came of it. */
export interface Held {
  task: ClaimedTask;
  intent: Intended | null;
  outcome?: Outcome;
  /** Ends with the outcome, or null when the task turned out to be somebody else's. */
  work?: Promise<Outcome | null>;
}

/** A commit that took place, whether or not whoever asked for it was told. */
export interface Written {
  outcome: Outcome;
  cancelled: boolean;
}

/** What the next evaluations and offers are to bring, drawn by the test. */
export interface Luck {
  /** Whether the evaluator dies, or a node fails with a map's error, or all goes well. */
  evaluation(): "dies" | "fails" | "well";
  /** Whether an effect in place finds a free place at its connection. */
  room(): boolean;
}

/** Tables in which a sequence leaves something. */
const touched = [
  ...["task", "run", "message", "message_key", "payload", "attempt", "dead_letter", "effect", "milestone", "scope", "gather"],
  ...["document", "deployment_version", "deployment_slot", "source_binding", "deployment", "version", "flow"],
];

const environment = "dev";

/**
 * The engine over a real store without timers: whoever drives it says which task is claimed, evaluated, answered,
 * committed or lost, and when time passes.
 */
export async function openWorld() {
  const store = await openStore();
  const { db, box } = store;
  const connection = await putConnection(
    db,
    box,
    {
      environment,
      name: "book",
      connector: "book",
      connectorVersion: "1.0.0",
      systemAccount: "book/1",
      config: {},
      secrets: {},
      sandbox: true,
    },
    "test",
  );
  await db.deleteFrom("draft").execute();
  const [open] = await openConnections(db, box, [connection]);
  if (!open) throw new Error("The connection was not made.");
  const binding = { connectionId: connection, connector: "book", account: "book/1", config: {} };
  let target: Target = fakeTarget();
  let deployed = new Map<string, DeployedFlow>();
  let luck: Luck = { evaluation: () => "well", room: () => true };
  /** Seconds that have passed, and by how many the clock was set forwards besides. */
  let [passed, stepped] = [0, 0];
  let watch: ClockWatch = clockWatch(LEASE_MS);
  /** Whose work goes on just now: one at a time. */
  let driven: Held | undefined;

  async function deploy(flow: Flow): Promise<DeployedFlow> {
    const lock = makeLock(flow, catalog);
    const shop = { connectionId: newId(), connector: "stall", account: "stall-1", config: {} };
    const plan: Plan = compilePlan({ environment, flow, lock, bindings: { shop, erp: binding } });
    const [version, deployment, now] = [newId(), newId(), new Date()];
    const by = { updated_at: now, updated_by: "test" };
    await db.insertInto("flow").values({ id: flow.id, created_at: now, created_by: "test", archived_at: null }).execute();
    const made = { created_at: now, created_by: "test", note: "" };
    const texts = { flow: JSON.stringify(flow), lock: JSON.stringify(lock), hash: plan.key };
    await db
      .insertInto("version")
      .values({ id: version, flow_id: flow.id, number: 1, ...texts, ...made })
      .execute();
    await db
      .insertInto("deployment")
      .values({ id: deployment, environment, flow_id: flow.id, state: "active", revision: 1, ...by })
      .execute();
    return {
      deploymentId: deployment,
      environment,
      flow: flow.id,
      state: "active",
      versions: [{ id: version, number: 1, weight: 100, flow }],
      connections: new Map([["erp", open as typeof open & {}]]),
      plan: async () => plan,
    };
  }

  const segments = new Map<string, SegmentResult>();
  const parts: EngineParts = {
    settings: readSettings({}),
    db,
    hotDb: db,
    box,
    log: pino({ level: "silent" }),
    deployments: {
      find: async (_environment, flow) => deployed.get(flow),
      connection: async () => open,
      limits: async () => unlimited,
      forget: () => {},
    },
    admission: openAdmission,
    clock: {
      read: ({ database, asked, answered }) =>
        watch.read({ database, asked: asked + passed * 1_000, answered: answered + passed * 1_000 }),
    },
    reaches: openReaches([]),
    http: { perform: (_connector, _connection, request) => target.send(request, driven) },
    evaluators: {
      segment: async (plan, job) => {
        const fate = luck.evaluation();
        if (fate === "dies") throw new EvaluatorDied("heap");
        const result = await evaluateSegment(plan, job);
        return { result: fate === "fails" ? broken(plan, job.entry, job.item, result) : result, hash: "h" };
      },
      answer: (plan, job) => readAndFollow(plan, job, parts.evaluators.segment),
      numbered: renderNumbered,
      poll: () => Promise.reject(new Error("Nothing polls here.")),
      subscription: () => Promise.reject(new Error("Nothing subscribes here.")),
      expression: () => Promise.reject(new Error("Nothing is signed here.")),
      close: async () => {},
    },
    queues: quietQueues(() => Promise.reject(new Error("Nothing is hinted here."))),
  };

  const world = {
    db,
    settings: parts.settings,
    held: [] as Held[],
    written: [] as Written[],
    segments,
    get target() {
      return target;
    },
    get flows() {
      return deployed;
    },

    /** Empties the world and deploys the flow. */
    async begin(flow: Flow, next: Luck): Promise<void> {
      await sql.raw(touched.map((table) => `delete from ${table};`).join("")).execute(db);
      target = fakeTarget();
      luck = next;
      world.held = [];
      world.written = [];
      segments.clear();
      [passed, stepped] = [0, 0];
      await store.pass(0);
      watch = clockWatch(LEASE_MS);
      await world.lookAtClock();
      deployed = new Map();
      for (const each of [flow, below]) deployed.set(each.id, await deploy(each));
    },

    /** A delivery of a document; the same version is the same delivery. */
    async deliver(source: string, document: number, version: number, held: boolean): Promise<void> {
      const flow = [...deployed.values()][0];
      const [at] = flow?.versions ?? [];
      if (!flow || !at?.flow.nodes.some(({ id }) => id === source)) return;
      const key = `${source} d${document} v${version}`;
      await insertAccepted(db, [
        store.acceptable(key, {
          flow: flow.flow,
          bindingId: flow.deploymentId,
          sourceNode: source,
          documentKey: `d${document}`,
          documentVersion: String(version),
          contentHash: sha256(key),
          body: JSON.stringify({ id: `d${document}`, v: version }),
          versionId: at.id,
          versionNumber: 1,
          deploymentId: flow.deploymentId,
          held,
        }),
      ]);
    },

    /** Ids of what a worker could claim now. */
    async due(): Promise<string[]> {
      const { rows } = await sql<{ id: string }>`
        select id from task where state = 'READY' and due_at <= clock_now() order by id`.execute(db);
      return rows.map((row) => row.id);
    },

    /** Two workers get the same hint at once. */
    async claim(id: string): Promise<void> {
      const both = await Promise.all(["w1", "w2"].map((worker) => claimTasks(db, [id], worker, LEASE_MS)));
      for (const task of both.flat()) world.held.push({ task, intent: null });
    },

    /** Works at a task until it has an outcome or a request is under way. */
    async work(one: Held): Promise<void> {
      if (one.outcome) return;
      driven = one;
      one.work ??= workAt(one).catch((error: unknown) => bugOutcome(one.task, error, 3));
      await nextOf(one);
    },

    /** Answers a request, and lets its sender go on to its outcome or its next request. */
    async answer(request: Underway, fate: Fate): Promise<void> {
      driven = request.by as Held;
      target.settle(request, fate);
      await nextOf(driven);
    },

    /** One transaction for outcomes; `unanswered`: it is committed, and the worker asks again. */
    async commit(ones: Held[], unanswered: boolean): Promise<void> {
      const outcomes = ones.flatMap(({ outcome }) => outcome ?? []);
      const first = await checkpoint(db, outcomes, "w1", LEASE_MS);
      first.forEach((done, index) => {
        const outcome = outcomes[index];
        if (!outcome || !done.written) return;
        const all = done.cancelled ? [outcome] : withBornEnded(outcome);
        for (const each of all) world.written.push({ outcome: each, cancelled: done.cancelled });
      });
      drop(ones);
      for (const [index, outcome] of outcomes.entries()) {
        const done = unanswered ? await committedAgain(outcome) : first[index];
        if (done?.written && !done.cancelled) goOn(outcome, done);
      }
    },

    /** The worker ends: its requests are on their way still, its leases run out. */
    lose(one: Held): void {
      drop([one]);
    },

    /** A worker that stops gives its task back; what it sent is on its way still. */
    async giveBack(one: Held): Promise<void> {
      drop([one]);
      await releaseTasks(db, [one.task]);
    },

    /** Time passes; what was on its way has arrived by then or never will. */
    async pass(seconds: number, arrived: boolean): Promise<void> {
      decideAll(arrived);
      passed += seconds;
      await store.pass(passed + stepped);
    },

    /** The clock is set forwards; what is on its way stays on its way. */
    async step(seconds: number): Promise<void> {
      stepped += seconds;
      await store.pass(passed + stepped);
    },

    async lookAtClock(): Promise<number> {
      return parts.clock.read(await readClock(db)).sinceStepMs;
    },

    /** Seconds until something is due, a lease ends or a batch leaves; undefined when nothing ever will. */
    async nextMoment(): Promise<number | undefined> {
      const { rows } = await sql<{ wait: number | null }>`
        select extract(epoch from min(at) - clock_now())::float8 as wait from (
          select due_at as at from task where state = 'READY' and due_at < 'infinity'
          union all select lease_until from task where state = 'CLAIMED' union all select due_at from gather) moments`.execute(
        db,
      );
      return rows[0]?.wait ?? undefined;
    },

    /** What the sweep does besides giving hints. */
    async sweep(): Promise<void> {
      if ((await world.lookAtClock()) >= LEASE_MS) await reclaimExpired(db, 500);
      await releaseHeld(db, 500);
      await sweepCancelled(db, 500);
      while (await releaseBatch(db));
    },

    /** `crashes`: the process ends with the word said, and the sweep does the rest. */
    async cancel(place: number, crashes: boolean): Promise<void> {
      const runs = await db.selectFrom("run").select("id").where("state", "=", "RUNNING").orderBy("id").execute();
      const run = runs[place % Math.max(1, runs.length)];
      if (run && crashes)
        await sql`update run set cancelled_at = clock_now(), cancelled_by = 'ada' where id = ${run.id}`.execute(db);
      else if (run) await cancelRun(db, run.id, "ada", null);
    },

    /** A person at a dead letter: whoever is told that nobody knows looks into the target first. */
    async letter(place: number, resolves: boolean): Promise<void> {
      const open = await db.selectFrom("dead_letter").selectAll().where("state", "=", "open").orderBy("id").execute();
      const letter = open[place % Math.max(1, open.length)];
      if (!letter) return;
      const task = await db.selectFrom("task").select("effect_key").where("id", "=", letter.task_id).executeTakeFirst();
      const onItsWay = [...target.underway].some(({ key }) => key === task?.effect_key);
      const holds = target.applied.has(task?.effect_key ?? "");
      const close = resolves || (letter.class === "inDoubt" && (onItsWay || holds));
      if (close) await resolveDeadLetter(db, letter.id, "seen to", "ada");
      else await retryDeadLetter(db, letter.id, "ada");
    },

    close: () => store.close(),
  };

  const drop = (ones: Held[]): void => {
    world.held = world.held.filter((each) => !ones.includes(each));
  };
  const decideAll = (arrived: boolean): void => {
    for (const one of target.underway) target.decide(one, arrived);
  };

  async function workAt({ task, intent }: Held): Promise<Outcome | null> {
    const plan = await (deployed.get(task.flow) as DeployedFlow).plan(task.versionId, null);
    if (task.kind === "segment") return evaluateTask(parts, task, plan, async () => luck.room());
    if (task.kind === "control") return controlTask(parts, task, plan);
    return performTask(parts, task, plan, open as typeof open & {}, intent, freePermit, async () => luck.room());
  }

  /** Until the work ends or waits for an answer. */
  async function nextOf(one: Held): Promise<void> {
    let ended = false;
    const work = one.work?.then((outcome) => {
      ended = true;
      if (outcome) one.outcome = outcome;
      else drop([one]);
    });
    const asks = (): boolean => [...target.underway].some(({ by }) => by === one);
    while (!ended && !asks()) await Promise.race([work, new Promise(setImmediate)]);
  }

  /** As a worker that was not answered does: it tries again, and looks whether it had been written. */
  async function committedAgain(outcome: Outcome): Promise<Checkpointed | undefined> {
    const [again] = await checkpoint(db, [outcome], "w1", LEASE_MS);
    return again?.written ? again : recallCheckpoint(db, outcome, "w1");
  }

  function goOn(outcome: Outcome, { intended }: Checkpointed): void {
    for (const { next, task } of goingOn(outcome)) {
      if (next.inPlace) world.held.push({ task, intent: intended.has(next.id) ? { at: moment() } : null });
    }
  }

  function broken(plan: Plan, entry: { node: string; port: string }, item: unknown, result: SegmentResult): SegmentResult {
    const node = plan.flow.edges.find(({ from }) => from.node === entry.node && from.port === entry.port)?.to.node;
    if (!result.ok || node === undefined) return result;
    return { ok: false, node, item, class: "invalid", reason: { code: "map.nothing", message: "Nothing." }, edges: [] };
  }

  return world;
}

export type World = Awaited<ReturnType<typeof openWorld>>;
