/**
 * The product as it would be without its promise, to show that the harness would notice: it answers before it has
 * committed, and sends again whatever was not answered well, without asking its ledger or the target. No setting of the
 * product leads here; the harness starts this file in its place.
 */
import { pino } from "pino";
import type { Intake } from "#runtime/api/intake.ts";
import type { HttpPerformer, Performed } from "#runtime/engine/perform.ts";
import { startService } from "#runtime/service.ts";
import { readSettings } from "#runtime/settings.ts";
import { newId } from "#runtime/store/ids.ts";

const RESENDS = 3;
/** Between the answer and the commit: as long as a queue in memory may hold it. */
const COMMIT_AFTER_MS = 100;

const hasFailed = (done: Performed): boolean => !done.ok || done.response.status >= 500;

const resending = (own: HttpPerformer): HttpPerformer => ({
  async perform(connector, connection, request) {
    let done = await own.perform(connector, connection, request);
    for (let again = 0; again < RESENDS && hasFailed(done); again++) done = await own.perform(connector, connection, request);
    return done;
  },
});

const answeringFirst = (own: Intake): Intake => ({
  ...own,
  async accept(delivery) {
    setTimeout(() => void own.accept(delivery).catch(() => {}), COMMIT_AFTER_MS);
    return { receipt: newId(), runId: newId(), taskId: null, duplicate: false, differs: false, ready: false, status: 202 };
  },
});

const settings = readSettings();
const service = await startService(settings, settings.databaseUrl ?? "", pino({ level: "silent" }), {
  engine: (parts) => ({ ...parts, http: resending(parts.http) }),
  intake: answeringFirst,
});
process.stdout.write(`Naive ${settings.role} is ready\n`);
process.on("SIGTERM", () => void service.stop(0).then(() => process.exit(0)));
