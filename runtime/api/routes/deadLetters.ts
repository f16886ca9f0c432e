import { Type } from "typebox";
import { giveHints } from "#runtime/engine/sweep.ts";
import { type Closed, listDeadLetters, resolveDeadLetter, retryDeadLetter } from "#runtime/store/deadLetters.ts";
import { DeadLetters } from "#schemas/api.ts";
import { DeadLetter } from "#schemas/deadLetter.ts";
import { OutcomeClass } from "#schemas/outcome.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { ApiFailure } from "../errors.ts";
import { listQuery, toFilter } from "../page.ts";

const tags = ["dead letters"];
const Params = Type.Object({ id: Type.String() });

/** Exceptions: what will not be retried by itself. */
export function deadLetterRoutes(app: App, { engine }: ApiParts): void {
  const closed = async (result: Closed, id: string): Promise<DeadLetter> => {
    if (result.ok) {
      if (result.hint) await giveHints(engine, [result.hint]);
      return result.letter;
    }
    throw result.found
      ? new ApiFailure("deadLetterClosed", { state: result.found.state })
      : new ApiFailure("notFound", { what: `dead letter ${id}` });
  };

  app.get(
    "/dead-letters",
    {
      schema: {
        tags,
        summary: "Dead letters, the newest first",
        querystring: Type.Object({
          ...listQuery,
          class: Type.Optional(OutcomeClass),
          state: Type.Optional(Type.Enum(["open", "retried", "resolved"])),
        }),
        response: { 200: DeadLetters },
      },
    },
    async (request) => listDeadLetters(engine.db, await toFilter(engine.db, request.query)),
  );

  app.post(
    "/dead-letters/:id/retry",
    { schema: { tags, summary: "Try the task again, with all its attempts", params: Params, response: { 200: DeadLetter } } },
    async (request) => closed(await retryDeadLetter(engine.db, request.params.id, actorOf(request)), request.params.id),
  );

  app.post(
    "/dead-letters/retry",
    {
      schema: {
        tags,
        summary: "Try several tasks again",
        body: Type.Object({ ids: Type.Array(Type.String(), { minItems: 1, maxItems: 500 }) }),
        response: {
          200: Type.Object({
            retried: Type.Integer(),
            problems: Type.Array(Type.Object({ id: Type.String(), message: Type.String() })),
          }),
        },
      },
    },
    async (request) => {
      let retried = 0;
      const problems: { id: string; message: string }[] = [];
      for (const id of new Set(request.body.ids)) {
        try {
          await closed(await retryDeadLetter(engine.db, id, actorOf(request)), id);
          retried++;
        } catch (error) {
          if (!(error instanceof ApiFailure)) throw error;
          problems.push({ id, message: error.message });
        }
      }
      return { retried, problems };
    },
  );

  app.post(
    "/dead-letters/:id/resolve",
    {
      schema: {
        tags,
        summary: "Close a dead letter without another try",
        params: Params,
        body: Type.Object({ note: Type.String({ minLength: 1, maxLength: 2000 }) }),
        response: { 200: DeadLetter },
      },
    },
    async (request) =>
      closed(await resolveDeadLetter(engine.db, request.params.id, request.body.note, actorOf(request)), request.params.id),
  );
}
