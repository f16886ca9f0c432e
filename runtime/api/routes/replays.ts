import { Type } from "typebox";
import { type ReplayOutcome, type ReplayWish, replayRun } from "#runtime/engine/replay.ts";
import { giveHints } from "#runtime/engine/sweep.ts";
import { replayableRuns } from "#runtime/store/replay.ts";
import { RunReplayed, RunsReplayed } from "#schemas/api.ts";
import { OutcomeClass } from "#schemas/outcome.ts";
import { RunState } from "#schemas/run.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";

const tags = ["runs"];

/** Replays that one request may begin: a person still sees what they do, and the request ends in seconds. */
const MOST = 1_000;

const from = Type.Optional(Type.String({ minLength: 1, description: "A node to begin from; the whole without it." }));
const version = Type.Optional(Type.Integer({ minimum: 1, description: "A version of the flow; the run's own without it." }));
const time = Type.Optional(Type.String({ format: "date-time" }));

const replayFilter = Type.Object(
  {
    environment: Type.String({ minLength: 1 }),
    flow: Type.String({ minLength: 1 }),
    state: Type.Optional(RunState),
    class: Type.Optional(OutcomeClass),
    node: Type.Optional(Type.String({ description: "Runs that failed at this node." })),
    since: time,
    until: time,
    q: Type.Optional(Type.String({ maxLength: 512, description: "A document key, a run id or a receipt." })),
  },
  { additionalProperties: false },
);

/** Replays: new runs from messages that came before. */
export function replayRoutes(app: App, { engine }: ApiParts): void {
  app.post(
    "/runs/:id/replay",
    {
      schema: {
        tags,
        summary: "Begin a new run from the message of a run, whole or from a node",
        description:
          "Effects keep their keys: what stands in the target is not done again. A request that differs revises it where the target knows it by external id, and is parked as a dead letter elsewhere.",
        params: Type.Object({ id: Type.String() }),
        body: Type.Object(
          { from, version, item: Type.Optional(Type.Unknown({ description: "In the place of what it begins with." })) },
          { additionalProperties: false },
        ),
        response: { 201: RunReplayed },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const begun = succeeded(await replayRun(engine, id, { ...request.body, kind: "replay" }, actorOf(request)), id);
      await giveHints(engine, begun.hints);
      const { runId, held, waitsForDocument } = begun;
      return reply.code(201).send({ runId, held, waitsForDocument });
    },
  );

  app.post(
    "/replays",
    {
      schema: {
        tags,
        summary: "Replay all ended runs that fit, the oldest first, up to a number",
        description:
          "Of each message the newest run counts. A limit of 0 begins nothing and says how many fit. `backfill` goes behind `replay`, and both behind what comes in now.",
        body: Type.Object(
          {
            filter: replayFilter,
            limit: Type.Integer({ minimum: 0, maximum: MOST }),
            from,
            version,
            lane: Type.Optional(Type.Enum(["replay", "backfill"])),
          },
          { additionalProperties: false },
        ),
        response: { 200: RunsReplayed },
      },
    },
    async (request) => {
      const { filter, limit, lane, ...wish } = request.body;
      await requireEnvironment(engine.db, filter.environment);
      const { matching, ids } = await replayableRuns(engine.db, filter, limit);
      return { matching, ...(await replayEach(ids, { ...wish, kind: lane ?? "replay" }, actorOf(request))) };
    },
  );

  /** Each in a transaction of its own: one that cannot be replayed leaves the others alone. The sweep hints them. */
  async function replayEach(ids: string[], wish: ReplayWish, actor: string) {
    const problems: { id: string; message: string }[] = [];
    for (const id of ids) {
      try {
        succeeded(await replayRun(engine, id, wish, actor), id);
      } catch (error) {
        if (!(error instanceof ApiFailure)) throw error;
        problems.push({ id, message: error.hint ? `${error.message} ${error.hint}` : error.message });
      }
    }
    return { done: ids.length - problems.length, problems };
  }
}

function succeeded(outcome: ReplayOutcome, id: string): Extract<ReplayOutcome, { ok: true }> {
  if (outcome.ok) return outcome;
  if (outcome.why === "missing") throw new ApiFailure("notFound", { what: `run ${id}` });
  const { detail, hint } = outcome;
  throw new ApiFailure(outcome.why === "conflict" ? "replayConflict" : "notReplayable", { detail }, { hint });
}
