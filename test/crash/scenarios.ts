import type { CrashMoment, CrashPoint } from "#runtime/crashPoints.ts";
import type { IdempotencyMode } from "#schemas/manifest.ts";
import { until } from "../support/until.ts";
import { flowOf } from "./flows.ts";
import type { CrashAt, LaneRole } from "./lane.ts";
import {
  aLetter,
  all,
  atStart,
  bound,
  cancel,
  deployed,
  draftOf,
  dropNewestMonth,
  faulty,
  filed,
  found,
  layReady,
  letterOf,
  lookedAt,
  managed,
  oldMonth,
  onRun,
  orphaned,
  resume,
  retentionDue,
  retry,
  type Scenario,
  sendSurely,
  sent,
  surely,
  tokenless,
  toldOf,
  unhinted,
  whileSending,
  withLetter,
} from "./ways.ts";

/** How each crash point is reached. The type keeps it whole: a point without a way to it does not compile. */
export const scenarios: Record<CrashPoint, Scenario[]> = {
  accept: [sent("plain")],
  "source.bind": [sent("plain")],
  "hint.give": [sent("plain"), { ...orphaned(), role: "scheduler" }],
  claim: [sent("plain")],
  checkpoint: [
    sent("plain", 1),
    sent("plain", 2), // Elsewhere what follows an effect ends in one checkpoint with it.
    sent("plain", 3, ["none"]),
    faulty("429", all, 3, { retryAfter: 0 }),
  ],
  "admission.visit": [sent("plain")],
  "request.effect": [sent("plain"), faulty("429", all, 2, { retryAfter: 0 }), faulty("reset", surely, 2)],
  "request.token": [tokenless],
  "token.lease": [tokenless],
  "token.settle": [tokenless],
  "request.lookup": [faulty("resetAfterApply", ["lookup"]), faulty("reset", ["lookup"])],
  "request.read": [sent("read")],
  "ledger.open": [faulty("429", all, 1, { retryAfter: 0 }), faulty("resetAfterApply", surely)],
  "ledger.resend": [faulty("reset", ["lookup"])],
  "number.give": [sent("plain", 1, ["natural"])],
  "lease.renew": [faulty("delay", all, 1, { delayMs: 800 })],
  "lease.reclaim": [orphaned()],
  "lease.release": [
    {
      what: "the ledger cannot be had in time",
      form: "plain",
      modes: all,
      crash: async (world) => {
        const { lane, document } = world;
        await lane.targets.fault({ kind: "429", match: document.id, retryAfter: 1 });
        await sendSurely(world);
        await until(
          async () => (await lane.sql("select 1 from task where document_key = $1 and class = 'rateLimited'", [document.id]))[0],
        );
        await lane.crashes(world.at, world.role, async () => {
          await lane.sql("begin");
          await lane.sql("lock table effect");
        });
        await lane.sql("rollback");
      },
    },
  ],
  "hint.take": [orphaned()],
  "hint.return": [unhinted],
  "scope.close": [sent("join")],
  "scope.reopen": [
    {
      what: "an item of a split was refused",
      form: "join",
      modes: all,
      crash: async (world) => {
        await world.lane.targets.fault({ kind: "refuse", match: `${world.document.id}-b`, message: "No." });
        await whileSending(world);
      },
      after: async (world) => {
        await sendSurely(world);
        await aLetter(world, "join");
        await retry(world, world.mode);
        await until(async () => !(await letterOf(world, world.mode)));
        const arrived = "select 1 from task where document_key = $1 and node_id = 'join' and port = 'in' and state = 'DONE'";
        await until(async () => (await world.lane.sql(arrived, [world.document.id])).length === 2, {
          timeoutMs: 20_000,
          what: "both items to arrive",
        });
        await retry(world, "join");
      },
    },
  ],
  "meet.again": [sent("wait")],
  "batch.release": [sent("batch")],
  "held.release": [
    {
      what: "a paused deployment goes on",
      form: "plain",
      modes: all,
      crash: async (world) => {
        await deployed(world, "paused");
        await sendSurely(world);
        await world.lane.crashes(world.at, world.role, () => deployed(world, "active"));
      },
      after: (world) => deployed(world, "active"),
    },
  ],
  "run.cancel": [
    {
      what: "a person cancels a run under way",
      form: "plain",
      modes: all,
      crash: async (world) => {
        await world.lane.targets.fault({ kind: "delay", match: world.document.id, delayMs: 700 });
        await sendSurely(world);
        await world.lane.crashes(world.at, world.role, () => cancel(world));
      },
      after: cancel,
      ends: "cancelled",
    },
  ],
  "run.cancelRest": [
    {
      ...orphaned(({ lane, document }) =>
        lane.sql("update run set cancelled_at = clock_now(), cancelled_by = 'x' where document_key = $1", [document.id]),
      ),
      what: "a run was cancelled while its worker vanished",
      after: async () => {},
      ends: "cancelled",
    },
  ],
  "run.replay": [
    {
      what: "a person replays a run",
      form: "plain",
      modes: all,
      crash: async (world) => {
        await sendSurely(world);
        await world.lane.settled();
        await world.lane.crashes(world.at, world.role, () => onRun(world, "replay"));
      },
      after: (world) => onRun(world, "replay"),
    },
  ],
  "letter.close": [withLetter((id) => `/dead-letters/${id}/retry`)],
  "letter.annotate": [
    {
      ...withLetter(
        () => "/dead-letters/annotate",
        (id) => ({ ids: [id], assignee: "ann" }),
      ),
      what: "a person writes on a letter",
      modes: ["key"],
    },
  ],
  "connection.refuse": [
    {
      ...faulty("refuse", all, 1, { message: "Wrong credentials." }),
      what: "the target refuses the credentials",
      after: async (world) => {
        await sendSurely(world);
        await resume(world);
      },
    },
  ],
  "connection.state": [
    {
      what: "a person resumes a connection",
      form: "plain",
      modes: all,
      crash: async (world) => {
        await world.lane.targets.fault({ kind: "refuse", match: world.document.id, message: "Wrong credentials." });
        await sendSurely(world);
        await until(async () => (await world.lane.sql("select 1 from connection where state = 'authFailed'"))[0]);
        await world.lane.crashes(world.at, world.role, () => resume(world));
      },
      after: resume,
    },
  ],
  "source.claim": [found("a poll begins")],
  "request.poll": [found("a page is asked for")],
  "source.commit": [found("a page is committed")],
  "source.renew": [
    found("a page takes long", ({ lane }) => lane.targets.fault({ kind: "delay", match: "GET /ready", delayMs: 800 }), ["key"]),
  ],
  "source.fail": [found("a page is not given", ({ lane }) => lane.targets.fault({ kind: "503", match: "GET /ready" }), ["key"])],
  "source.release": [
    {
      ...found("a source is bound to another connection as it is looked at", async () => {}, ["key"]),
      crash: async (world) => {
        await layReady(world);
        await world.lane.sql(bound, ["folder", world.flow]);
        // Over the API the source would be made anew with the right one.
        await world.lane.crashes(world.at, world.role, () =>
          world.lane.sql("update deployment set state = 'active' where flow_id = $1", [world.flow]),
        );
        await world.lane.sql(bound, ["proof", world.flow]);
      },
    },
  ],
  "subscription.claim": [toldOf("a subscription is taken up")],
  "subscription.renew": [
    toldOf("the system takes long", ({ lane }) => lane.targets.fault({ kind: "delay", match: "GET /hooks", delayMs: 800 })),
  ],
  "subscription.note": [toldOf("a subscription is noted")],
  "subscription.secret": [toldOf("a secret is given with a subscription")],
  "subscription.again": [lookedAt],
  "request.subscription": [toldOf("a subscription is made")],
  "file.move": [filed(1), filed(2)],
  "file.reason": [filed(1, "{ no json")],
  "flow.create": [managed("a flow is made", ({ lane, document }) => lane.call("POST", "/flows", { flow: draftOf(document.id) }))],
  "flow.draft": [
    managed("a draft is saved", async ({ lane, document }) => {
      await lane.call("POST", "/flows", { flow: draftOf(document.id) });
      return lane.call("PUT", `/flows/${draftOf(document.id).id}/draft`, {
        revision: 1,
        flow: { ...draftOf(document.id), name: "Changed" },
      });
    }),
  ],
  "flow.samples": [
    managed("a sample is kept with a flow", async ({ lane, document }) => {
      const { id } = draftOf(document.id);
      await lane.call("POST", "/flows", { flow: draftOf(document.id) });
      const message = { title: "Kept", source: "entry", headers: {}, input: {}, expect: { outcome: "SUCCEEDED" } };
      return lane.call("PUT", `/flows/${id}/samples/kept`, { revision: 0, sample: { name: "kept", ...message } });
    }),
  ],
  "flow.publish": [
    managed("a version is published", async ({ lane, document }) => {
      await lane.call("POST", "/flows", { flow: draftOf(document.id) });
      return lane.call("POST", `/flows/${draftOf(document.id).id}/versions`, { revision: 1, note: "First" });
    }),
  ],
  "flow.archive": [
    managed("a flow is archived", async ({ lane, document }) => {
      await lane.call("POST", "/flows", { flow: draftOf(document.id) });
      return lane.call("POST", `/flows/${draftOf(document.id).id}/archive`, {});
    }),
  ],
  "version.state": [
    managed("a version is deprecated", ({ lane, flow }) =>
      lane.call("PUT", `/flows/${flow}/versions/1/state`, { state: "deprecated" }),
    ),
  ],
  "deployment.put": [managed("a deployment is changed", (world) => deployed(world, "active"))],
  "environment.put": [
    managed("an environment is called otherwise", ({ lane, document }) =>
      lane.call("PUT", "/environments/staging", { title: document.id }),
    ),
  ],
  "promotion.put": [
    managed("a version is promoted", async ({ lane, document }) => {
      const flow = { ...draftOf(document.id), owner: "ops" };
      await lane.call("POST", "/flows", { flow });
      await lane.call("POST", `/flows/${flow.id}/versions`, { revision: 1 });
      const { body } = await lane.call("GET", `/flows/${flow.id}/versions/1`);
      const { hash } = body as { hash: string };
      return lane.call("POST", `/environments/staging/flows/${flow.id}/promotions`, { version: 1, hash });
    }),
  ],
  "table.put": [
    managed("a reference table is made", ({ lane, document }) =>
      lane.call("PUT", `/environments/dev/tables/items`, {
        columns: [{ name: "sku", type: "text" }],
        key: ["sku"],
        rows: [{ sku: document.id }],
      }),
    ),
  ],
  "connection.put": [atStart("the sandbox connects its systems", async () => {}, "all", { ORDERLOOM_DEMO: "on" })],
  "people.change": [
    managed("a token is made", ({ lane, document }) =>
      lane.call("POST", "/tokens", { name: document.id, role: "viewer", environments: ["dev"], days: 1 }),
    ),
  ],
  "session.change": [
    managed("somebody tries to sign in", ({ lane, document }) =>
      lane.call("POST", "/session", { name: document.id, password: "not the one" }),
    ),
  ],
  "retention.begin": [atStart("retention is due", retentionDue())],
  "retention.expire": [
    atStart("an effect has outlived its time", async (lane) => {
      await retentionDue("update message_key set received_at = received_at - interval '900 days'")(lane);
    }),
  ],
  "retention.note": [atStart("retention notes what it kept", retentionDue())],
  "retention.purge": [
    atStart("contents are to go", retentionDue("update message set purge_after = clock_now() - interval '1 day'")),
  ],
  "month.prepare": [atStart("a month is not prepared", (lane) => lane.sql(dropNewestMonth))],
  "month.drop": [
    atStart(
      "a month has outlived its time",
      retentionDue(`create table attempt_2024_01 partition of attempt for values from ${oldMonth}`),
    ),
  ],
  "month.empty": [
    atStart(
      "a month without partitions has outlived its time",
      retentionDue(
        `insert into payload (id, body, bytes, created_at) values ('018cc251-f400-7000-8000-000000000000', '{}', 2, '2024-01-15')`,
      ),
    ),
  ],
};

const ofApi =
  /^(accept|source\.bind|hint\.give|run\.(cancel|replay)|letter\..*|connection\.(put|state)|people\..*|session\..*|flow\..*|version\..*|promotion\..*|deployment\..*|environment\..*|table\..*|subscription\.again)$/;
const ofScheduler = /^(lease\.reclaim|hint\.(take|return)|batch\..*|held\..*|run\.cancelRest|file\..*|retention\..*|month\..*)$/;

/** The process in which a point lies. */
const roleOf = (point: CrashPoint): LaneRole => (ofApi.test(point) ? "api" : ofScheduler.test(point) ? "scheduler" : "worker");

export interface CrashCase {
  name: string;
  at: CrashAt;
  role: LaneRole;
  mode: IdempotencyMode;
  scenario: Scenario;
}

/**
 * Points at which nothing is under way to a target, and what follows is the same in every mode: each moment is taken in half
 * of the modes, the other moment in the other half, so that each point is met in each. `npm run test:crash` takes all.
 */
const apart =
  /^(accept|source\.(bind|claim|commit)|admission\.visit|request\.(read|poll)|hint\.(take|return)|scope\..*|meet\..*|batch\..*|held\..*|run\..*|letter\..*|connection\..*)$/;
const everyMode = process.env.ORDERLOOM_TEST_CRASH === "all";

const isTaken = (point: CrashPoint, modes: readonly IdempotencyMode[], mode: IdempotencyMode, moment: CrashMoment): boolean =>
  everyMode || modes.length < 4 || !apart.test(point) || (modes.indexOf(mode) + (moment === "before" ? 0 : 1)) % 2 === 0;

/** Every point, before and after, in every mode that gets there. */
export const crashCases: CrashCase[] = (Object.entries(scenarios) as [CrashPoint, Scenario[]][]).flatMap(([point, ways]) =>
  ways.flatMap((scenario) =>
    scenario.modes.flatMap((mode) =>
      (["before", "after"] satisfies CrashMoment[])
        .filter((moment) => isTaken(point, scenario.modes, mode, moment))
        .map((moment) => ({
          name: `${moment} ${point}, ${mode}: ${scenario.what}`,
          at: `${point}:${moment}@${scenario.nth ?? 1}` as CrashAt,
          role: scenario.role ?? roleOf(point),
          mode,
          scenario,
        })),
    ),
  ),
);

export const flowOfCase = ({ scenario, mode }: CrashCase): string => flowOf(scenario.form, mode);
