import type { FastifyInstance, FastifyReply } from "fastify";
import { type CalledRun, runOfReceipt } from "#runtime/store/answers.ts";
import type { Db } from "#runtime/store/database.ts";
import type { OutcomeClass } from "#schemas/outcome.ts";
import type { Answers } from "./answers.ts";
import { ApiFailure, type ErrorCode } from "./errors.ts";
import type { Intake } from "./intake.ts";
import { receiptSchema, serviceSchema } from "./openapi.ts";
import { deliveryOf, type SourceAddress, takeRawBodies } from "./rawRequests.ts";

export interface ServiceOptions {
  db: Db;
  intake: Intake;
  answers: Answers;
  maxBodyBytes: number;
}

/** Tells which call an answer is for, whatever its body is. */
const RECEIPT_HEADER = "orderloom-receipt";

/** What a caller is asked to wait before it asks for the answer of its receipt. */
const ASK_AGAIN_SECONDS = 2;

/** Statuses whose answers have no body. */
const bodiless: readonly number[] = [204, 205, 304];

/** Outcomes that another request may mend; every other is ours or a system's to mend. */
const callersFault: readonly OutcomeClass[] = ["invalid", "rejected", "duplicate", "tooLarge"];

/**
 * `POST /services/{environment}/{flow}/{node}`: other programs call a flow and get what it responds, or a receipt when that
 * takes too long. `GET` of the receipt gives the answer later.
 */
export function serviceRoutes(app: FastifyInstance, { db, intake, answers, maxBodyBytes }: ServiceOptions): void {
  takeRawBodies(app, maxBodyBytes);
  // Whoever still waits gets a receipt, so that a stop need not wait for the flows.
  app.addHook("preClose", async () => answers.release());

  app.post<{ Params: SourceAddress }>("/services/:environment/:flow/:node", { schema: serviceSchema }, async (request, reply) => {
    const called = await intake.call(deliveryOf(request, maxBodyBytes));
    const run = await answers.wait({ run: called.runId, waitMs: called.waitMs, fresh: called.ready }, hungUp(reply));
    return send(reply, request.params, called.receipt, run);
  });

  app.get<{ Params: SourceAddress & { receipt: string } }>(
    "/services/:environment/:flow/:node/:receipt",
    { schema: receiptSchema },
    async (request, reply) => {
      const { bindingId } = await intake.enter(deliveryOf(request, maxBodyBytes));
      const { receipt } = request.params;
      const run = await runOfReceipt(db, bindingId, receipt);
      if (!run) throw new ApiFailure("notFound", { what: `receipt ${receipt} of this service` });
      return send(reply, request.params, receipt, run);
    },
  );
}

/** Aborted when the caller is gone: the run goes on, but nobody waits for its answer. */
function hungUp(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once("close", () => controller.abort());
  return controller.signal;
}

function send(reply: FastifyReply, at: SourceAddress, receipt: string, run: CalledRun | undefined): FastifyReply {
  reply.header(RECEIPT_HEADER, receipt).header("cache-control", "no-store");
  const answer = answerOf(receipt, run);
  if (answer.pending) {
    const place = [at.environment, at.flow, at.node, receipt].map(encodeURIComponent).join("/");
    reply.header("location", `/services/${place}`).header("retry-after", String(ASK_AGAIN_SECONDS));
  }
  reply.code(answer.status);
  if (bodiless.includes(answer.status)) return reply.send();
  // As text: what a flow responds is not to be put into the form of our own answers.
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer.body ?? null));
}

/** What a caller is told of its run. Throws ApiFailure for a run that failed without having responded. */
export function answerOf(receipt: string, run: CalledRun | undefined): { status: number; body?: unknown; pending?: true } {
  if (run?.response != null) return JSON.parse(run.response) as { status: number; body?: unknown };
  if (!run || run.state === "RUNNING") return { status: 202, body: { receipt, state: "RUNNING" }, pending: true };
  switch (run.state) {
    case "SUCCEEDED":
      return { status: 200, body: { receipt, state: "SUCCEEDED" } };
    case "CANCELLED":
      throw failure("callCancelled", receipt, run);
    default:
      throw failure(run.failed && callersFault.includes(run.failed.class) ? "callRejected" : "callFailed", receipt, run);
  }
}

function failure(code: ErrorCode, receipt: string, { failed }: CalledRun): ApiFailure {
  const { node, class: kind, reason } = failed ?? {};
  const details = { receipt, ...(failed ? { node, class: kind, reason } : {}) };
  return new ApiFailure(code, { reason: reason?.message ?? "no reason was kept." }, { details });
}
