import { Type } from "typebox";
import { traceRun } from "#runtime/engine/trace.ts";
import { cancelRun } from "#runtime/store/cancel.ts";
import { listRuns, readRun } from "#runtime/store/runs.ts";
import { RunCancelled, RunDetail, Runs } from "#schemas/api.ts";
import { RunState, Trace } from "#schemas/run.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { ApiFailure } from "../errors.ts";
import { listQuery, toFilter } from "../page.ts";

const tags = ["runs"];
const RunParams = Type.Object({ id: Type.String() });

/** Runs, and what their ports carried. */
export function runRoutes(app: App, { engine }: ApiParts): void {
  app.get(
    "/runs",
    {
      schema: {
        tags,
        summary: "Runs, the newest first",
        querystring: Type.Object({ ...listQuery, state: Type.Optional(RunState) }),
        response: { 200: Runs },
      },
    },
    async (request) => listRuns(engine.db, await toFilter(engine.db, request.query)),
  );

  app.get(
    "/runs/:id",
    { schema: { tags, summary: "A run with its message and tasks", params: RunParams, response: { 200: RunDetail } } },
    async (request) => {
      const run = await readRun(engine.db, request.params.id);
      if (!run) throw new ApiFailure("notFound", { what: `run ${request.params.id}` });
      return run;
    },
  );

  app.post(
    "/runs/:id/cancel",
    {
      schema: {
        tags,
        summary: "Cancel a run: what waits ends at once, what is being done is recorded, nothing follows",
        params: RunParams,
        body: Type.Object({ note: Type.Optional(Type.String({ maxLength: 2000 })) }, { additionalProperties: false }),
        response: { 200: RunCancelled },
      },
    },
    async (request) => {
      const { id } = request.params;
      const done = await cancelRun(engine.db, id, actorOf(request), request.body.note ?? null);
      if (done.ok) return { waiting: done.waiting, running: done.running };
      if (done.state === null) throw new ApiFailure("notFound", { what: `run ${id}` });
      throw new ApiFailure("runEnded", { state: done.state });
    },
  );

  app.get(
    "/runs/:id/trace",
    { schema: { tags, summary: "What each port carried, recomputed", params: RunParams, response: { 200: Trace } } },
    async (request) => {
      const trace = await traceRun(engine, request.params.id);
      if (!trace) throw new ApiFailure("notFound", { what: `run ${request.params.id}` });
      return trace;
    },
  );
}
