import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { canaryProgress, makeCanaryFull, stopCanary } from "#runtime/store/canaries.ts";
import { isSetUp } from "#runtime/store/people.ts";
import { listPromotions, readPromotion } from "#runtime/store/promotionList.ts";
import type { PromotionStep } from "#runtime/store/promotionSteps.ts";
import { approvePromotion, requestPromotion, rollBackPromotion, withdrawPromotion } from "#runtime/store/promotions.ts";
import { takeUpPromotion } from "#runtime/store/takeUp.ts";
import { CanaryProgress, CanarySettings } from "#schemas/canary.ts";
import { permits } from "#schemas/people.ts";
import { Promotion, PromotionReview, Promotions } from "#schemas/promotion.ts";
import { actorOf } from "../access.ts";
import type { ApiParts, App } from "../app.ts";
import { callerOf } from "../caller.ts";
import { requireEnvironment } from "../environment.ts";
import { ApiFailure } from "../errors.ts";
import { keptReview, promotionFor } from "../promotions/keptReview.ts";
import { remembering } from "../promotions/remembered.ts";
import { type ReviewMemory, type ReviewWish, reviewPromotion } from "../promotions/review.ts";

const tags = ["promotions"];

/** Messages of a replay-diff when nobody says how many, and at most: they are run while somebody waits. */
const USUAL_MESSAGES = 200;
const MOST_MESSAGES = 1_000;

const params = Type.Object({ environment: Type.String(), flow: Type.String() });
const Named = Type.Object({ environment: Type.String(), id: Type.String() });
const wish = {
  version: Type.Integer({ minimum: 1, maximum: 2_000_000_000 }),
  slots: Type.Optional(Type.Record(Type.String(), Type.String(), { description: "Slot name to connection name." })),
  messages: Type.Optional(Type.Integer({ minimum: 0, maximum: MOST_MESSAGES, description: "How many messages are tried." })),
  messagesFrom: Type.Optional(Type.String({ minLength: 1, description: "Whose messages; the environment's own without it." })),
};
const Wish = Type.Object(wish, { additionalProperties: false });
const Requested = Type.Object(
  {
    ...wish,
    note: Type.Optional(Type.String({ maxLength: 2_000 })),
    hash: Type.String({ description: "Of the version, as it was reviewed." }),
    acknowledged: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1_000, description: "Names of risks." })),
    activateAt: Type.Optional(
      Type.String({ format: "date-time", description: "Not long past. At once, or once approved, without it." }),
    ),
    canary: Type.Optional(CanarySettings),
  },
  { additionalProperties: false },
);
const Reason = Type.Object({ reason: Type.Optional(Type.String({ maxLength: 2_000 })) }, { additionalProperties: false });

/** How versions come into environments: reviewed, requested, approved, activated, and back. */
export function promotionRoutes(app: App, { engine, catalog, turns }: ApiParts): void {
  const { db } = engine;
  const memory: ReviewMemory = { samples: remembering(), diffs: remembering() };

  app.post(
    "/environments/:environment/flows/:flow/promotion-review",
    {
      schema: {
        tags,
        summary: "What promoting a version would mean: checks, risks, and what it would have done to the last messages",
        description:
          "Both versions run without effects; answers are looked up among the results of the messages' runs, and what lies beyond is counted as unknown. Nothing is stored. Connections are tested for who operates the environment; others are told of their last test. One review of a person is made at a time, and few at once.",
        params,
        body: Wish,
        response: { 200: PromotionReview },
      },
    },
    async (request) => (await review(request, request.body)).review,
  );

  app.get(
    "/environments/:environment/flows/:flow/promotions",
    { schema: { tags, summary: "The last promotions of a flow into an environment", params, response: { 200: Promotions } } },
    async (request) => {
      const { environment, flow } = request.params;
      await requireEnvironment(db, environment);
      const { grants } = callerOf(request);
      return { items: (await listPromotions(db, flow, environment)).map((each) => promotionFor(grants, each)) };
    },
  );

  app.post(
    "/environments/:environment/flows/:flow/promotions",
    {
      schema: {
        tags,
        summary: "Request a promotion; where no approval is asked for, it is activated when it is time",
        description:
          "It is reviewed once more. Every check must pass, and every risk be acknowledged by its name. Requested by somebody who does not operate the environment it waits for the approval of somebody who does. With `canary` the version first takes a share of new messages beside the one that runs.",
        params,
        body: Requested,
        response: { 201: Promotion },
      },
    },
    async (request, reply) => {
      const { note = "", hash, acknowledged = [], activateAt = null, canary = null } = request.body;
      const reviewed = await review(request, request.body);
      const { review: found, versionId, baseId, slots, foundSlots, samples } = reviewed;
      if (found.hash !== hash) throw new ApiFailure("promotionHash");
      if (canary && found.paused) throw new ApiFailure("promotionPaused", request.params);
      const failed = found.checks.filter(({ outcome }) => outcome === "failed");
      if (failed.length > 0) throw new ApiFailure("promotionBlocked", { detail: failed.map(({ detail }) => detail).join(" ") });
      const open = found.risks.map(({ name }) => name).filter((name) => !acknowledged.includes(name));
      if (open.length > 0) throw new ApiFailure("promotionRisks", { risks: open.join(", ") });
      const { flow, environment, version } = found;
      const kept = found.risks.map(({ name }) => name);
      const step = await requestPromotion(
        db,
        {
          flow,
          environment,
          versionId,
          version,
          hash,
          baseId,
          slots,
          foundSlots,
          samples,
          note,
          acknowledged: kept,
          review: keptReview(reviewed),
          activateAt,
          canary,
          operates: permits(callerOf(request).grants, "operate", environment),
        },
        actorOf(request),
      );
      engine.deployments.forget();
      return reply.code(201).send(taken(step, request.params));
    },
  );

  app.post(
    "/environments/:environment/promotions/:id/approve",
    {
      schema: {
        tags,
        summary: "Approve the content that was seen; it is activated when it is time",
        description:
          "By another person than who requested it, where the environment asks for approval. While sign-in is not set up there is one person, whose approval is marked as alone.",
        params: Named,
        body: Type.Object({ hash: Type.String() }, { additionalProperties: false }),
        response: { 200: Promotion },
      },
    },
    async (request) => {
      const { id, environment } = await known(request.params);
      const { actor, personId, grants } = callerOf(request);
      const approver = { actor, person: personId !== null, signIn: await isSetUp(db), hash: request.body.hash };
      const step = await approvePromotion(db, id, approver);
      engine.deployments.forget();
      return promotionFor(grants, taken(step, { environment, flow: "" }));
    },
  );

  app.get(
    "/environments/:environment/promotions/:id/canary",
    {
      schema: {
        tags,
        summary: "How a canary and the version beside it do, and whether it is to go on",
        params: Named,
        response: { 200: CanaryProgress },
      },
    },
    async (request) => {
      const { id } = await known(request.params);
      const progress = await canaryProgress(db, id);
      if (!progress) throw new ApiFailure("notFound", { what: `canary of promotion ${id}` });
      return progress;
    },
  );

  for (const [verb, act, summary] of [
    ["withdraw", withdrawPromotion, "Take back what was requested, or is to be activated later"],
    ["make-full", makeCanaryFull, "Give the version of a canary all messages"],
    ["stop", stopCanary, "Stop a canary: the version that was there takes all messages again; runs under way keep theirs"],
    ["roll-back", rollBackPromotion, "Go back to the version that ran before; runs under way keep theirs"],
  ] as const) {
    app.post(
      `/environments/:environment/promotions/:id/${verb}`,
      { schema: { tags, summary, params: Named, body: Reason, response: { 200: Promotion } } },
      async (request) => {
        const { id, environment, requestedBy } = await known(request.params);
        // Whoever operates the environment may do all of it; others take back what they asked for.
        const { actor, grants } = callerOf(request);
        if (requestedBy !== actor && !permits(grants, "operate", environment))
          throw new ApiFailure("promotionOthers", { environment });
        const step = await act(db, id, request.body.reason ?? "", actor);
        engine.deployments.forget();
        return promotionFor(grants, taken(step, { environment, flow: "" }));
      },
    );
  }

  app.post(
    "/environments/:environment/promotions/:id/take-up",
    {
      schema: {
        tags,
        summary: "Let the version run again that was taken out of the environment",
        description:
          "It was promoted there and nothing else ran since, so it takes no new approval. On the connections that it had.",
        params: Named,
        body: Reason,
        response: { 200: Promotion },
      },
    },
    async (request) => {
      const { id, environment, flow } = await known(request.params);
      const { actor, grants } = callerOf(request);
      const step = await takeUpPromotion(db, id, request.body.reason ?? "", actor);
      engine.deployments.forget();
      if (!step.ok && step.why === "unapproved")
        throw new ApiFailure("promotionBlocked", { detail: `${environment} asks for the approval of another person by now.` });
      return promotionFor(grants, taken(step, { environment, flow }));
    },
  );

  /** Whoever may act in one environment names its promotions alone. */
  async function known({ environment, id }: { environment: string; id: string }): Promise<Promotion> {
    const found = await readPromotion(db, id);
    if (found?.environment !== environment) throw new ApiFailure("notFound", { what: `promotion ${id} in ${environment}` });
    return found;
  }

  async function review(
    request: FastifyRequest & { params: { environment: string; flow: string } },
    body: Pick<ReviewWish, "version"> & Partial<Pick<ReviewWish, "slots" | "messages" | "messagesFrom">>,
  ) {
    const { environment, flow } = request.params;
    const { messagesFrom = environment } = body;
    for (const each of new Set([environment, messagesFrom])) await requireEnvironment(db, each);
    // The documents of another environment are shown in the examples.
    if (!permits(callerOf(request).grants, "see", messagesFrom))
      throw new ApiFailure("forbidden", { roles: "viewer", where: messagesFrom });
    const { actor, grants } = callerOf(request);
    const wish: ReviewWish = {
      flow,
      environment,
      version: body.version,
      slots: body.slots ?? {},
      messages: body.messages ?? USUAL_MESSAGES,
      messagesFrom,
      operates: permits(grants, "operate", environment),
    };
    const turn = { who: actor, gone: () => request.socket.destroyed };
    return turns(turn, () => reviewPromotion(engine, catalog, memory, wish));
  }
}

function taken(step: PromotionStep, { environment, flow }: { environment: string; flow: string }): Promotion {
  if (step.ok) return step.promotion;
  switch (step.why) {
    case "missing":
      throw new ApiFailure("notFound", { what: `promotion in ${environment}` });
    case "open":
      throw new ApiFailure("promotionOpen", { flow, environment });
    case "stale":
      throw new ApiFailure("promotionStale", { environment });
    case "hash":
      throw new ApiFailure("promotionHash");
    case "own":
      throw new ApiFailure("promotionOwn", { environment });
    case "noPerson":
      throw new ApiFailure("promotionNoPerson", { environment });
    case "noBase":
      throw new ApiFailure("promotionNoBase", { environment });
    case "samples":
      throw new ApiFailure("promotionSamples");
    case "past":
      throw new ApiFailure("promotionPast");
    case "rebinds":
      throw new ApiFailure("promotionRebinds");
    case "unapproved":
    case "authorSince":
    case "approverGone":
      throw new ApiFailure("promotionState", { state: "requested" });
    case "retired":
      throw new ApiFailure("promotionBlocked", { detail: "the version was retired." });
    case "tables":
      throw new ApiFailure("promotionBlocked", { detail: step.missing.join(" ") });
    case "slotGone":
      throw new ApiFailure("promotionSlotGone", { slot: step.slot, environment });
    case "slotMoved":
      throw new ApiFailure("promotionSlotMoved", { slot: step.slot, now: step.now, asked: step.asked });
    case "state":
      throw new ApiFailure("promotionState", { state: step.state });
  }
}
