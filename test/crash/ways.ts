import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type IdempotencyMode, idempotencyModes } from "#schemas/manifest.ts";
import { type Document, hookPath } from "../chaos/workload.ts";
import { until } from "../support/until.ts";
import type { Form } from "./flows.ts";
import type { CrashAt, Lane, LaneRole } from "./lane.ts";

/** One order of one case. */
export interface World {
  lane: Lane;
  mode: IdempotencyMode;
  flow: string;
  document: Document;
  at: CrashAt;
  /** The process that is to end there. */
  role: LaneRole;
}

/** How a crash point is reached. */
export interface Scenario {
  /** What happens, for the name of the case. */
  what: string;
  form: Form;
  /** The modes that get there. */
  modes: readonly IdempotencyMode[];
  /** The how-manieth time; 1 when absent. */
  nth?: number;
  /** The process that gets there, where it is not the point's own. */
  role?: LaneRole;
  /** Goes through the crash; the product is down after it. */
  crash(world: World): Promise<unknown>;
  /** What is to be done once the product is up again, as a person or a marketplace would. */
  after?(world: World): Promise<unknown>;
  /** `untouched`: nothing was ever sent. `cancelled`: applied at most once. */
  ends?: "once" | "cancelled" | "untouched";
}

export const all = idempotencyModes;
export const surely: readonly IdempotencyMode[] = ["natural", "key", "lookup"];

const send = ({ lane, flow, document }: World) => lane.deliver(flow, document);
export const sendSurely = ({ lane, flow, document }: World) => lane.deliverSurely(flow, document);
export const whileSending = (world: World) => world.lane.crashes(world.at, world.role, () => send(world));

/** An order on its way through a flow of the form. */
export const sent = (form: Form, nth = 1, modes: readonly IdempotencyMode[] = all): Scenario => ({
  what: nth === 1 ? `an order goes through (${form})` : `an order goes through (${form}, ${nth}.)`,
  form,
  modes,
  nth,
  crash: whileSending,
  after: sendSurely,
});

type FaultKind = Parameters<Lane["targets"]["fault"]>[0]["kind"];

/** An order whose first request meets a fault of the target. */
export const faulty = (kind: FaultKind, modes: readonly IdempotencyMode[], nth = 1, more: object = {}): Scenario => ({
  what: `the target answers with ${kind}${nth === 1 ? "" : ` (${nth}.)`}`,
  form: "plain",
  modes,
  nth,
  crash: async (world) => {
    await world.lane.targets.fault({ kind, match: world.document.id, ...more });
    await whileSending(world);
  },
  after: sendSurely,
});

/** An order whose worker knows no token, nor does anybody else. */
export const tokenless: Scenario = {
  what: "a token is asked for",
  form: "plain",
  modes: ["key"],
  crash: async (world) => {
    await world.lane.sql("delete from credential");
    await world.lane.product("worker").end("SIGKILL");
    await world.lane.start();
    await whileSending(world);
  },
  after: async (world) => {
    // As if the lease of the worker that ended had run out.
    await world.lane.sql("update credential set lease_until = '-infinity'");
    await sendSurely(world);
  },
};

/** A worker that ended while its request was about to leave; the scheduler comes upon what it held. */
export const orphaned = (then: (world: World) => Promise<unknown> = async () => {}): Scenario => ({
  what: "a worker has vanished",
  form: "plain",
  modes: all,
  crash: (world) =>
    world.lane.crashes(world.at, world.role, async () => {
      await world.lane.crashes("request.effect:before@1", "worker", () => send(world));
      await then(world);
    }),
  after: sendSurely,
});

/** The same, with a queue that cannot be reached. */
export const unhinted: Scenario = {
  what: "the queue cannot be reached",
  form: "plain",
  modes: all,
  crash: async (world) => {
    await world.lane.crashes("request.effect:before@1", "worker", () => send(world));
    await world.lane.product("scheduler").end("SIGKILL");
    await world.lane.crashesAtStart(world.at, "scheduler", { REDIS_URL: "redis://127.0.0.1:1" });
  },
  after: sendSurely,
};

export const letterOf = async ({ lane, document }: World, node?: string): Promise<string | undefined> => {
  const rows = await lane.sql<{ id: string }>(
    "select id from dead_letter where document_key = $1 and state = 'open' and ($2::text is null or node_id = $2)",
    [document.id, node ?? null],
  );
  return rows[0]?.id;
};
export const aLetter = (world: World, node?: string): Promise<string> =>
  until(() => letterOf(world, node), { timeoutMs: 20_000, what: "a dead letter" });
export const retry = async (world: World, node?: string) => {
  const id = await letterOf(world, node);
  if (id) await world.lane.call("POST", `/dead-letters/${id}/retry`);
};

/** An order that was refused lies as a dead letter; a person does something with it. */
export const withLetter = (path: (id: string) => string, body?: (id: string) => object): Scenario => ({
  what: "a person sees to a dead letter",
  form: "plain",
  modes: all,
  crash: async (world) => {
    await world.lane.targets.fault({ kind: "refuse", match: world.document.id, message: "No." });
    await sendSurely(world);
    const id = await aLetter(world);
    await world.lane.crashes(world.at, world.role, () => world.lane.call("POST", path(id), body?.(id)));
  },
  after: (world) => retry(world),
});

export const onRun = async ({ lane, document }: World, verb: "cancel" | "replay") => {
  const [run] = await lane.sql<{ id: string }>("select id from run where document_key = $1 order by id limit 1", [document.id]);
  return lane.call("POST", `/runs/${run?.id}/${verb}`, {});
};
export const cancel = (world: World) => onRun(world, "cancel");

export const resume = ({ lane }: World) => lane.call("POST", "/environments/dev/connections/proof/resume");

export const deployed = ({ lane, flow }: World, state: "active" | "paused") =>
  lane.call("PUT", `/environments/dev/deployments/${flow}`, { state });

/** A source that looks by itself finds the document; `meddle` is what else happens to it. */
export const found = (
  what: string,
  meddle: (world: World) => Promise<unknown> = async () => {},
  modes: readonly IdempotencyMode[] = all,
): Scenario => ({
  what,
  form: "poll",
  modes,
  crash: async (world) => {
    await layReady(world);
    await meddle(world);
    await world.lane.crashes(world.at, world.role, () => deployed(world, "active"));
  },
  after: async (world) => {
    await deployed(world, "active");
    await until(async () => (await world.lane.sql("select 1 from message where document_key = $1", [world.document.id]))[0], {
      timeoutMs: 20_000,
      what: "the document to be found",
    });
    await deployed(world, "paused");
  },
});

/** A flow is deployed whose source the system has to be told of; `meddle` is what else happens. */
export const toldOf = (what: string, meddle: (world: World) => Promise<unknown> = async () => {}): Scenario => ({
  what,
  form: "hook",
  modes: ["key"],
  crash: async (world) => {
    const { lane, flow } = world;
    // It begins with nothing there.
    await lane.sql(
      `update webhook_subscription set wanted = false, asked = asked + 1, due_at = clock_now()
       where binding_id in (select id from source_binding where flow_id = $1)`,
      [flow],
    );
    await until(async () => (await subscriptionsOf(world)).length === 0, { timeoutMs: 20_000, what: "the subscription to go" });
    await meddle(world);
    await lane.crashes(world.at, world.role, () => deployed(world, "active"));
  },
  after: async (world) => {
    await until(async () => (await subscriptionsOf(world))[0]?.state === "standing", {
      timeoutMs: 20_000,
      what: "the subscription to stand",
    });
    const ours = (await world.lane.targets.hooks()).filter((address) => address.includes(hookPath(world.flow)));
    if (ours.length !== 1) throw new Error(`${ours.length} subscriptions stand where one is wanted.`);
    const known = await world.lane.sql(
      `select 1 from subscription_secret k join webhook_subscription s on s.binding_id = k.binding_id
       join source_binding b on b.id = s.binding_id
       where b.flow_id = $1 and s.noted @> jsonb_build_array(jsonb_build_object('id', k.subscription))`,
      [world.flow],
    );
    if (known.length !== 1) throw new Error(`${known.length} secrets are known of the one subscription.`);
    await sendSurely(world);
  },
});

const subscriptionsOf = ({ lane, flow }: World): Promise<{ id: string; state: string }[]> =>
  lane.sql(
    `select s.binding_id as id, s.state from webhook_subscription s join source_binding b on b.id = s.binding_id
     where b.flow_id = $1`,
    [flow],
  );

export const layReady = ({ lane, document }: World) => lane.targets.layReady(document);

/** A file is taken out of a folder. */
export const filed = (nth: number, text?: string): Scenario => ({
  what: `a file is taken (${nth}.)`,
  form: "file",
  modes: ["key"],
  nth,
  crash: async (world) => {
    const folder = join(world.lane.home, "files", "in");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${world.document.id}.json`), text ?? JSON.stringify(world.document));
    await world.lane.crashes(world.at, world.role, () => deployed(world, "active"));
  },
  after: async (world) => {
    await deployed(world, "active");
    const { id } = world.document;
    await until(() => world.lane.lies(text === undefined ? "archive" : "error", `${id}.json`), {
      timeoutMs: 20_000,
      what: `file ${id}`,
    });
    await deployed(world, "paused");
  },
  ...(text === undefined ? {} : { ends: "untouched" as const }),
});

/** Something a person does over the API that touches no order; an order goes through afterwards. */
export const managed = (what: string, act: (world: World) => Promise<unknown>): Scenario => ({
  what,
  form: "plain",
  modes: ["key"],
  crash: (world) => world.lane.crashes(world.at, world.role, () => act(world)),
  after: async (world) => {
    await act(world);
    await sendSurely(world);
  },
});

/** What a start meets: the pass of retention that is due, with something in it. */
export const atStart = (
  what: string,
  prepare: (lane: Lane) => Promise<unknown>,
  role: LaneRole | "all" = "scheduler",
  env: Record<string, string> = {},
): Scenario => ({
  what,
  form: "plain",
  modes: ["key"],
  crash: async ({ lane, at }) => {
    await lane.product(role === "all" ? "api" : role).end("SIGKILL");
    await prepare(lane);
    await lane.crashesAtStart(at, role, env);
  },
  after: sendSurely,
});

export const retentionDue =
  (...statements: string[]) =>
  async (lane: Lane) => {
    for (const statement of ["update retention set at = '-infinity'", ...statements]) await lane.sql(statement);
  };

export const oldMonth = "('018cc251-f400-0000-0000-000000000000') to ('018d61f7-1800-0000-0000-000000000000')";

export const dropNewestMonth = `do $$ declare name text; begin
  select max(c.relname) into name from pg_class c join pg_inherits i on i.inhrelid = c.oid where c.relname ~ '^attempt_\\d{4}_\\d{2}$';
  execute format('drop table %I', name); end $$`;

export const draftOf = (id: string) => ({
  kind: "flow" as const,
  formatVersion: 1 as const,
  id: `draft-${id}`,
  name: "Draft",
  slots: [],
  nodes: [{ id: "daily", type: "schedule", config: { cron: "0 6 * * *", timeZone: "UTC" } }],
  edges: [],
});

export const bound = "update source_binding set connection_id = (select id from connection where name = $1) where flow_id = $2";

/** A person has a subscription looked at. */
export const lookedAt = managed("a subscription is looked at", async ({ lane }) => {
  const [first] = await lane.sql<{ id: string }>("select binding_id as id from webhook_subscription");
  return lane.call("POST", `/environments/dev/subscriptions/${first?.id}/retry`, {});
});
