import { Type } from "typebox";
import { editedInput } from "#runtime/engine/editedInput.ts";
import { giveHints } from "#runtime/engine/sweep.ts";
import { readDeadLetter, readEditableTask } from "#runtime/store/deadLetterDetail.ts";
import {
  annotateDeadLetters,
  type Closed,
  countDeadLetters,
  listDeadLetters,
  openDeadLetters,
  resolveDeadLetter,
  retryDeadLetter,
} from "#runtime/store/deadLetters.ts";
import type { TaskHint } from "#runtime/store/tasks.ts";
import { DeadLetters } from "#schemas/api.ts";
import { DeadLetter, DeadLetterCounts, DeadLetterDetail, DeadLettersDone } from "#schemas/deadLetter.ts";
import { OutcomeClass } from "#schemas/outcome.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { listQuery, toFilter } from "../page.ts";

const tags = ["dead letters"];
const params = Type.Object({ id: Type.String() });

/** Letters that one request may name, or close: a person still sees what they do, and the request ends in seconds. */
const MOST = 1_000;

const ids = Type.Array(Type.String(), { minItems: 1, maxItems: MOST });
const note = Type.String({ minLength: 1, maxLength: 2000 });
const tag = Type.String({ minLength: 1, maxLength: 40 });

const { limit: _limit, cursor: _cursor, ...narrowed } = listQuery;
const filter = {
  ...narrowed,
  version: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000_000_000, description: "By which its run went, by number." })),
  class: Type.Optional(OutcomeClass),
  connector: Type.Optional(Type.String({ description: "Empty for those of no system." })),
  assignee: Type.Optional(Type.String({ description: "Empty for those that nobody has." })),
  tag: Type.Optional(Type.String()),
};
const state = Type.Optional(Type.Enum(["open", "retried", "resolved"]));

/** Exceptions: what will not be retried by itself. */
export function deadLetterRoutes(app: App, parts: ApiParts): void {
  readRoutes(app, parts);
  closeRoutes(app, parts);
  severalRoutes(app, parts);
}

function readRoutes(app: App, { engine }: ApiParts): void {
  app.get(
    "/dead-letters",
    {
      schema: {
        tags,
        summary: "Dead letters, the newest first",
        querystring: Type.Object({ ...listQuery, ...filter, state }),
        response: { 200: DeadLetters },
      },
    },
    async (request) => listDeadLetters(engine.db, await toFilter(engine.db, request.query)),
  );

  app.get(
    "/dead-letters/counts",
    {
      schema: {
        tags,
        summary: "How many dead letters there are, by class, connector, flow, assignee and tag",
        querystring: Type.Object({ ...filter, state }),
        response: { 200: DeadLetterCounts },
      },
    },
    async (request) => {
      if (request.query.environment !== undefined) await requireEnvironment(engine.db, request.query.environment);
      return countDeadLetters(engine.db, request.query);
    },
  );

  app.get(
    "/dead-letters/:id",
    {
      schema: {
        tags,
        summary: "A dead letter with its item, the state of its effect and every attempt",
        params,
        response: { 200: DeadLetterDetail },
      },
    },
    async (request) => {
      const found = await readDeadLetter(engine.db, request.params.id);
      if (!found) throw new ApiFailure("notFound", { what: `dead letter ${request.params.id}` });
      return found;
    },
  );
}

function letterOf(result: Closed, id: string): DeadLetter {
  if (result.ok) return result.letter;
  if (result.why === "cancelled") throw new ApiFailure("runCancelled");
  throw result.found
    ? new ApiFailure("deadLetterClosed", { state: result.found.state })
    : new ApiFailure("notFound", { what: `dead letter ${id}` });
}

function closeRoutes(app: App, { engine }: ApiParts): void {
  const hinted = async (result: Closed, id: string): Promise<DeadLetter> => {
    if (result.ok && result.hint) await giveHints(engine, [result.hint]);
    return letterOf(result, id);
  };

  app.post(
    "/dead-letters/:id/retry",
    { schema: { tags, summary: "Try the task again, with all its attempts", params, response: { 200: DeadLetter } } },
    async (request) => hinted(await retryDeadLetter(engine.db, request.params.id, actorOf(request)), request.params.id),
  );

  app.post(
    "/dead-letters/:id/retry-edited",
    {
      schema: {
        tags,
        summary: "Try the task again with another item; the one it had is kept beside",
        params,
        body: Type.Object({ item: Type.Unknown() }),
        response: { 200: DeadLetter },
      },
    },
    async (request) => {
      const { id } = request.params;
      const found = await readDeadLetter(engine.db, id);
      if (!found) throw new ApiFailure("notFound", { what: `dead letter ${id}` });
      if (found.letter.state !== "open") throw new ApiFailure("deadLetterClosed", { state: found.letter.state });
      const task = await readEditableTask(engine.db, found.letter.taskId);
      if (!task) throw new ApiFailure("notEditable", { detail: "its run has outlived its time and is gone." });
      const edited = await editedInput(engine, task, request.body.item);
      if (!edited.ok) {
        const { reason } = edited;
        throw new ApiFailure("notEditable", { detail: reason.message }, { hint: reason.hint, details: reason });
      }
      return hinted(await retryDeadLetter(engine.db, id, actorOf(request), edited.edit), id);
    },
  );

  app.post(
    "/dead-letters/:id/resolve",
    {
      schema: {
        tags,
        summary: "Close a dead letter without another try",
        params,
        body: Type.Object({ note }),
        response: { 200: DeadLetter },
      },
    },
    async (request) =>
      letterOf(await resolveDeadLetter(engine.db, request.params.id, request.body.note, actorOf(request)), request.params.id),
  );
}

function severalRoutes(app: App, { engine }: ApiParts): void {
  const { db } = engine;
  /** Each in a transaction of its own: one that cannot be closed leaves the others alone. */
  const closeEach = async (all: Iterable<string>, close: (id: string) => Promise<Closed>) => {
    const hints: TaskHint[] = [];
    const problems: { id: string; message: string }[] = [];
    let done = 0;
    try {
      for (const id of all) {
        try {
          const result = await close(id);
          letterOf(result, id);
          if (result.ok && result.hint) hints.push(result.hint);
          done++;
        } catch (error) {
          if (!(error instanceof ApiFailure)) throw error;
          problems.push({ id, message: error.message });
        }
      }
    } finally {
      await giveHints(engine, hints);
    }
    return { done, problems };
  };

  app.post(
    "/dead-letters/retry",
    {
      schema: {
        tags,
        summary: "Try several tasks again",
        body: Type.Object({ ids }),
        response: {
          200: Type.Object({ retried: Type.Integer(), problems: DeadLettersDone.properties.problems }),
        },
      },
    },
    async (request) => {
      const { done, problems } = await closeEach(new Set(request.body.ids), (id) => retryDeadLetter(db, id, actorOf(request)));
      return { retried: done, problems };
    },
  );

  app.post(
    "/dead-letters/close",
    {
      schema: {
        tags,
        summary: "Retry or resolve all open dead letters that fit, the oldest first, up to a number",
        description: "See how many fit by GET /dead-letters/counts first. Resolving needs a note.",
        body: Type.Object({
          action: Type.Enum(["retry", "resolve"]),
          filter: Type.Object({ ...filter, environment: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
          limit: Type.Integer({ minimum: 1, maximum: MOST }),
          note: Type.Optional(note),
        }),
        response: { 200: DeadLettersDone },
      },
    },
    async (request) => {
      const { action, filter: wanted, limit, note: said } = request.body;
      await requireEnvironment(db, wanted.environment);
      if (action === "resolve" && said === undefined) throw new ApiFailure("badRequest", { detail: "resolving needs a note." });
      const { total: matching } = await countDeadLetters(db, { ...wanted, state: "open" });
      const actor = actorOf(request);
      const found = await openDeadLetters(db, wanted, limit);
      const closed = await closeEach(found, (id) =>
        action === "retry" ? retryDeadLetter(db, id, actor) : resolveDeadLetter(db, id, said ?? "", actor),
      );
      return { matching, ...closed };
    },
  );

  app.post(
    "/dead-letters/annotate",
    {
      schema: {
        tags,
        summary: "Assign dead letters, tag them, or write a note on them",
        body: Type.Object({
          ids,
          assignee: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 120 }), Type.Null()])),
          addTags: Type.Optional(Type.Array(tag, { maxItems: 20 })),
          removeTags: Type.Optional(Type.Array(tag, { maxItems: 20 })),
          note: Type.Optional(Type.Union([note, Type.Null()])),
        }),
        response: { 200: Type.Object({ items: Type.Array(DeadLetter) }) },
      },
    },
    async (request) => {
      const { ids: wanted, ...change } = request.body;
      return { items: await annotateDeadLetters(db, wanted, change, actorOf(request)) };
    },
  );
}
