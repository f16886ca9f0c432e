import { writeSync } from "node:fs";

/**
 * Every durable write and every request of the runtime, by name. At each the process can be ended for a test, so that
 * what a crash there leaves behind is known. `test/crashPointTable.test.ts` finds writes and requests that have no name.
 */
export const crashPoints = {
  accept: "messages with their runs and first tasks",
  claim: "tasks taken by a worker",
  checkpoint: "the outcomes of tasks and all that follows from them",
  "lease.renew": "leases of tasks under way",
  "lease.release": "tasks given back untouched",
  "lease.reclaim": "tasks whose worker vanished",
  "hint.take": "tasks noted as hinted",
  "hint.return": "hints that the queue did not take",
  "hint.give": "hints given to the queue",
  "ledger.open": "the intent of an effect, or the decision over one that stands",
  "ledger.resend": "the intent written again before a request is sent again",
  "number.give": "the control number of an effect",
  "request.effect": "the request that writes to a target",
  "request.lookup": "the question whether an earlier request was applied",
  "request.read": "the request that only reads",
  "request.poll": "the request for a page of a source",
  "request.token": "the request for a token or a session",
  "token.lease": "who asks for a token, alone",
  "token.settle": "what a request for a token gave",
  "scope.close": "a join that fires",
  "scope.reopen": "a join that could not go on",
  "meet.again": "a wait that looks for its message once more",
  "batch.release": "a batch that is full or old enough",
  "held.release": "messages that a paused deployment held",
  "run.cancel": "a run that a person cancels",
  "run.cancelRest": "what came to be in a run while it was cancelled",
  "run.replay": "a new run from a message that came before",
  "letter.close": "a dead letter that is retried or resolved",
  "letter.annotate": "what a person writes on dead letters",
  "source.bind": "the id of a source of messages",
  "source.claim": "sources taken for a look",
  "source.commit": "what a source brought, and the cursor past it",
  "source.fail": "a look that failed",
  "source.renew": "leases of sources under way",
  "source.release": "a source handed back",
  "subscription.claim": "subscriptions taken for a look",
  "subscription.renew": "leases of subscriptions under way",
  "subscription.note": "what became of a subscription at a system",
  "subscription.secret": "a subscription that was made, with the secret that the system gave",
  "subscription.again": "subscriptions to be looked at anew, as a person or another address asks",
  "request.subscription": "the request that makes, renews or ends a subscription",
  "file.move": "a file claimed, archived or put aside",
  "file.reason": "why a file was put aside",
  "admission.visit": "what the workers agree on about a connection",
  "connection.put": "a connection made or changed",
  "connection.state": "a connection opened or shut",
  "connection.refuse": "a connection shut because its credentials were refused",
  "flow.create": "a flow with its first draft",
  "flow.draft": "a draft saved",
  "flow.samples": "samples kept with a flow, or taken away",
  "flow.publish": "an immutable version",
  "flow.archive": "a flow put away, or brought back",
  "version.state": "whether a version is to be used further",
  "deployment.put": "what an environment runs of a flow",
  "promotion.put": "a step of a promotion, and the deployment it moves",
  "environment.put": "an environment made, changed or removed",
  "table.put": "a reference table, or rows of one",
  "people.change": "people, what they may do, and tokens of machines",
  "session.change": "sessions of people, and tries to begin one",
  "retention.begin": "the pass of retention that is due",
  "retention.expire": "rows that have outlived their time",
  "retention.note": "what a pass had to keep",
  "retention.purge": "contents taken out of messages",
  "month.prepare": "partitions of the coming months",
  "month.drop": "partitions of a month that has outlived its time",
  "month.empty": "rows of such a month outside its partitions",
} as const satisfies Record<string, string>;

export type CrashPoint = keyof typeof crashPoints;

/** `before`: a write is not committed, a request not sent. `after`: it is, and nothing in the process knows yet. */
export type CrashMoment = "before" | "after";

/** Where the process ends: at the `nth` time that it gets there. */
export interface Crash {
  point: CrashPoint;
  moment: CrashMoment;
  nth: number;
}

/** For tests only: `ledger.open:after@2`, or `parent` for crashes that the parent process sends one by one. */
const wanted = process.env.ORDERLOOM_CRASH_AT;

let armed: Crash | null = wanted && wanted !== "parent" ? parseCrash(wanted) : null;
if (wanted === "parent") {
  process.on("message", (text) => {
    armed = parseCrash(String(text));
    process.send?.("armed");
  });
}

function parseCrash(text: string): Crash {
  const [, point = "", moment = "", nth = "1"] = /^([\w.]+):(before|after)(?:@(\d+))?$/.exec(text) ?? [];
  if (!(point in crashPoints)) throw new Error(`There is no crash point "${text}"; write one such as ledger.open:after@1.`);
  return { point: point as CrashPoint, moment: moment as CrashMoment, nth: Number(nth) };
}

/** Whether a crash waits at this point. */
export const isArmed = (point: CrashPoint): boolean => armed?.point === point;

/** Ends the process (kill -9), if it is to end here. */
export function crashPoint(point: CrashPoint, moment: CrashMoment): void {
  if (armed === null || armed.point !== point || armed.moment !== moment) return;
  armed.nth -= 1;
  if (armed.nth > 0) return;
  writeSync(2, `crashed at ${point}:${moment}\n`);
  process.kill(process.pid, "SIGKILL");
}

/** A request, or another step outside the database, with its crash point. */
export async function crossing<T>(point: CrashPoint, step: () => Promise<T>): Promise<T> {
  crashPoint(point, "before");
  const done = await step();
  crashPoint(point, "after");
  return done;
}
