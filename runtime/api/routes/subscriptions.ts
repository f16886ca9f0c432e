import { Type } from "typebox";
import { isId } from "#runtime/store/ids.ts";
import { forgetSubscription, listSubscriptions, retrySubscription } from "#runtime/store/subscriptions.ts";
import { WebhookSubscription, WebhookSubscriptions } from "#schemas/webhookSubscription.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";

const tags = ["sources"];
const Named = Type.Object({ environment: Type.String(), id: Type.String() });

/** What stands at other systems so that they send their webhooks here. */
export function subscriptionRoutes(app: App, { engine: { db } }: ApiParts): void {
  app.get(
    "/environments/:environment/subscriptions",
    {
      schema: {
        tags,
        summary: "The webhook subscriptions of an environment, and whether they stand",
        params: Type.Object({ environment: Type.String() }),
        response: { 200: WebhookSubscriptions },
      },
    },
    async (request) => {
      const { environment } = request.params;
      await requireEnvironment(db, environment);
      return { items: await listSubscriptions(db, environment) };
    },
  );

  app.post(
    "/environments/:environment/subscriptions/:id/retry",
    {
      schema: {
        tags,
        summary: "Ask the system at once what stands there, and set it right",
        params: Named,
        response: { 200: WebhookSubscription },
      },
    },
    async (request) => {
      const { environment, id } = request.params;
      await retrySubscription(db, await required(environment, id), actorOf(request));
      return required(environment, id);
    },
  );

  app.post(
    "/environments/:environment/subscriptions/:id/forget",
    {
      schema: {
        tags,
        summary: "Give up what could not be taken out of a system that is not reached any more",
        description: "What stands there stays; the address takes nothing in. Only where its source is gone.",
        params: Named,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { environment, id } = request.params;
      const found = await required(environment, id);
      if (!(await forgetSubscription(db, found, actorOf(request)))) {
        throw new ApiFailure("subscriptionWanted", { flow: found.flow, environment });
      }
      return reply.code(204).send(null);
    },
  );

  async function required(environment: string, id: string): Promise<WebhookSubscription> {
    await requireEnvironment(db, environment);
    const [found] = isId(id) ? await listSubscriptions(db, environment, id) : [];
    if (!found) throw new ApiFailure("notFound", { what: `subscription ${id} in ${environment}` });
    return found;
  }
}
