import { Type } from "typebox";
import { askForPreview, NotPreviewable, previewEffect, whyNotSent } from "#runtime/engine/previewEffect.ts";
import { tellPreview } from "#runtime/store/connections.ts";
import { listEnvironments } from "#runtime/store/environments.ts";
import { readDraft } from "#runtime/store/flows.ts";
import { PreviewAnswer } from "#schemas/previewAnswer.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { ApiFailure } from "../errors.ts";

/** Answers of real systems for the live preview: one request, asked for by a person. */
export function previewAnswerRoutes(app: App, { engine, catalog }: ApiParts): void {
  app.post(
    "/environments/:environment/flows/:flow/nodes/:node/preview-answer",
    {
      schema: {
        tags: ["samples"],
        summary: "What an effect of the draft would send for an item; with `send` it is sent, once",
        description:
          "Over the connection that the node's slot has in the environment. The effect ledger knows nothing of it, so what a target would take twice is sent to a sandbox only, and nothing goes over what a run has written.",
        params: Type.Object({ environment: Type.String(), flow: Type.String(), node: Type.String() }),
        body: Type.Object({ item: Type.Unknown(), send: Type.Boolean() }, { additionalProperties: false }),
        response: { 200: PreviewAnswer },
      },
    },
    async (request) => {
      const { environment: id, flow, node } = request.params;
      const { item, send } = request.body;
      const environment = (await listEnvironments(engine.db)).find((one) => one.id === id);
      if (!environment) throw new ApiFailure("notFound", { what: `environment ${id}` });
      const draft = await readDraft(engine.db, flow);
      if (!draft) throw new ApiFailure("notFound", { what: `flow ${flow}` });
      try {
        const effect = await previewEffect(engine, catalog, { environment: id, flow: draft.flow, node, item });
        const { call, connection } = effect;
        const refused = await whyNotSent(engine, effect);
        if (send && refused === null && !call.read) await tellPreview(engine.db, connection, call.documentKey, actorOf(request));
        return {
          node,
          environment: { id, title: environment.title, protected: environment.protected },
          connection: { name: connection.name, account: connection.systemAccount, sandbox: connection.sandbox },
          read: call.read,
          documentKey: call.documentKey,
          request: { method: call.request.method, path: call.request.path, body: call.request.body ?? null },
          refused,
          answer: send && refused === null ? await askForPreview(engine, effect) : null,
        };
      } catch (raw) {
        if (raw instanceof NotPreviewable) throw new ApiFailure("notPreviewable", { detail: raw.message });
        throw raw;
      }
    },
  );
}
