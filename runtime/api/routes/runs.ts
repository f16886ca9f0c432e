import { Type } from "typebox";
import { traceRun } from "#runtime/engine/trace.ts";
import { cancelRun } from "#runtime/store/cancel.ts";
import { isId } from "#runtime/store/ids.ts";
import { hasRun, listRuns, readRun, SHOWN_WITH_RUN } from "#runtime/store/runs.ts";
import { listRunTasks } from "#runtime/store/runTasks.ts";
import { RunCancelled, RunDetail, Runs, RunTasks } from "#schemas/api.ts";
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
    {
      schema: {
        tags,
        summary: "A run with its message, tasks and dead letters",
        description: `The first ${SHOWN_WITH_RUN} tasks and dead letters; \`counts\` says how many there are. The rest: \`/runs/{id}/tasks\`, and \`/dead-letters?q={id}\`.`,
        params: RunParams,
        response: { 200: RunDetail },
      },
    },
    async (request) => {
      const run = await readRun(engine.db, request.params.id);
      if (!run) throw new ApiFailure("notFound", { what: `run ${request.params.id}` });
      return run;
    },
  );

  app.get(
    "/runs/:id/tasks",
    {
      schema: {
        tags,
        summary: "A run's tasks with their attempts, the oldest first",
        description: "One page: `next` is the cursor of the following one, null on the last; `count` is that of all pages.",
        params: RunParams,
        querystring: Type.Object({ node: listQuery.node, limit: listQuery.limit, cursor: listQuery.cursor }),
        response: { 200: RunTasks },
      },
    },
    async (request) => {
      const { id } = request.params;
      const filter = await toFilter(engine.db, request.query);
      if (!isId(id) || !(await hasRun(engine.db, id))) throw new ApiFailure("notFound", { what: `run ${id}` });
      return listRunTasks(engine.db, { run: id, ...filter });
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
