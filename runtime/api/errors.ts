import type { ApiError } from "#schemas/api.ts";
import type { Problem } from "#schemas/problem.ts";

/** Every error the API answers: its code never changes meaning, its text is one sentence and a way out. */
export const errorCatalogue = {
  unauthorized: [401, "A valid token is needed.", "Send the header Authorization: Bearer followed by ORDERLOOM_ADMIN_TOKEN."],
  signInNeeded: [
    401,
    "Sign in first.",
    "In a browser sign in; elsewhere send Authorization: Bearer with a token that is in force.",
  ],
  signInWrong: [401, "Name and password do not fit together.", "Check both; an admin can give you another password."],
  signInTooOften: [
    429,
    "There were too many tries to sign in.",
    "Wait {seconds} seconds, then try again. Whoever is signed in stays so.",
  ],
  noPerson: [403, "This is about a person's own account.", "Sign in as a person; a token has no account."],
  forbidden: [403, "This needs the role {roles} in {where}.", "Ask an admin to grant it to you."],
  foreignPage: [403, "A page of another site sent this.", "Use the designer at the address of this server."],
  setUpDone: [409, "The first admin was made already.", "Sign in, or ask an admin for an account."],
  notSetUp: [409, "Nobody can sign in yet.", "Make the first admin on the set-up page."],
  nameTaken: [409, "The name {name} is taken.", "Choose another name."],
  tokenOutlives: [
    422,
    "The token that asks expires on {until}; one that it makes cannot outlive it.",
    "Let it expire earlier, or have a person make it.",
  ],
  lastAdmin: [409, "This is the last admin of all environments.", "Make somebody else an admin of all environments first."],
  noOther: [422, "There is no other account {name}.", "Name another account of the same person, or none."],
  passwordPoor: [422, "The password cannot be used: {detail}", undefined],
  foreignHost: [403, "Requests must name this server by its own address.", "Open http://127.0.0.1 with the port of this server."],
  notFound: [404, "There is no {what}.", undefined],
  unknownHook: [
    404,
    "No flow takes webhooks at this address.",
    "Check environment, flow and source node; the flow must be deployed there.",
  ],
  signatureMissing: [
    401,
    "The request carries no signature in {header}.",
    "Send the header that the sender's documentation names.",
  ],
  signatureWrong: [
    401,
    "The signature does not match the body.",
    "Check that both sides use the same secret and that nothing changes the body on its way.",
  ],
  signatureStale: [
    401,
    "The signature in {header} is too old, or of a time to come.",
    "Check the clocks of both sides; a delivery that is repeated is signed anew.",
  ],
  unknownService: [
    404,
    "No flow answers calls at this address.",
    "Check environment, flow and source node; the flow must be deployed there.",
  ],
  keyMissing: [401, "The request carries no key in {header}.", "Send the API key that the connection holds for this caller."],
  keyWrong: [401, "The key in {header} is not the caller's.", "Send the API key that the connection holds for this caller."],
  subscriptionWanted: [
    409,
    "The flow {flow} still runs in {environment}, and its webhooks with it.",
    "Look at what is wrong and try again, or take the flow out of the environment.",
  ],
  idempotencyKeyReused: [
    422,
    "The Idempotency-Key came before with another body.",
    "Send the first body again to get its answer, or another key for another call.",
  ],
  callRejected: [422, "The flow could not do what was asked: {reason}", "Correct the request, then call with another key."],
  callFailed: [
    502,
    "The flow failed: {reason}",
    "Ask for the receipt's answer later: people see what failed and can try it again.",
  ],
  callCancelled: [409, "The run was cancelled before it answered.", undefined],
  bodyNotJson: [400, "The body cannot be read: {detail}", undefined],
  bodyEmpty: [400, "The body is empty.", undefined],
  bodyTooLarge: [
    413,
    "The body is larger than {limit} bytes.",
    "Send less at once; for webhooks, ORDERLOOM_MAX_BODY_BYTES can be raised.",
  ],
  unsupportedEncoding: [
    415,
    "The content encoding {encoding} is not supported.",
    "Send the body uncompressed; only what comes in at sources may use gzip.",
  ],
  unsupportedMediaType: [
    415,
    "The content type {type} is not supported.",
    "Send JSON, with the header Content-Type: application/json.",
  ],
  notCommitted: [503, "The message could not be stored; it was not accepted.", "Send it again."],
  intakeLimited: [
    429,
    "{environment} takes {most} messages a second; this one was not accepted.",
    "Send it again in a moment. An admin can raise the limit of the environment.",
  ],
  storageFull: [
    503,
    "There is no room for more messages; it was not accepted.",
    "Send it again later. Raise ORDERLOOM_STORAGE_LIMIT_BYTES or give the database more disk; the environment's status says what is kept.",
  ],
  badRequest: [400, "The request is not valid: {detail}", undefined],
  draftConflict: [409, "{updatedBy} saved a newer draft meanwhile.", "Load it, or save yours under another name."],
  flowExists: [409, "There is a flow with the id {flow} already.", "Choose another id."],
  flowInvalid: [422, "The flow has errors and cannot be published.", "Mend the problems listed."],
  flowArchived: [409, "The flow {flow} is archived.", "Restore it first."],
  flowDeployed: [
    409,
    "The flow {flow} runs in {environments} and cannot be archived.",
    "Take it out of there first, in the list of flows.",
  ],
  deploymentHolds: [
    409,
    "{flow} holds {count} accepted messages in {environment}.",
    "Resume it there and let them run, then take it out.",
  ],
  flowMalformed: [422, "This is no flow: {detail}", undefined],
  slotUnbound: [422, "Slot {slot} has no connection in {environment}.", "Bind each slot to a connection of its connector."],
  slotMismatch: [422, "Slot {slot} needs a {expected} connection; {connection} is one of {found}.", undefined],
  slotUnknown: [422, "Flow {flow} has no slot {slot}.", "Name slots of the version that is deployed."],
  nothingDeployed: [409, "The flow has no version to deploy.", "Publish it first."],
  versionRetired: [409, "Version {number} is retired.", "Set it live again, or take another version."],
  versionDeployed: [409, "Version {number} runs in {environments}.", "Deploy another version there first."],
  versionPromised: [
    409,
    "Version {number} is about to be promoted in {environments}, or may be gone back to there.",
    "Withdraw the promotion, or promote a further version there first.",
  ],
  keysBusy: [409, "Keys are being changed already.", "Wait for it to end."],
  keysNoNew: [
    409,
    "ORDERLOOM_SECRET_KEY names one key only.",
    "Put the new one behind it, start all processes again, put it in front, start them again, then rotate.",
  ],
  keysUnopened: [
    409,
    "These cannot be opened with any key: {places}.",
    "Put the old key back, or enter the secrets again; nothing was changed.",
  ],
  reachUnreadable: [
    422,
    '"{entry}" is nothing that can be reached.',
    "Give a range such as private, a network such as 10.20.0.0/16, or a host such as erp.internal:8069.",
  ],
  reachOwn: [
    422,
    "The range {entry} is the machine's own.",
    "Whoever runs the server may allow it for all environments, by ORDERLOOM_REACH.",
  ],
  environmentExists: [409, "The id {environment} is taken.", "Choose another id."],
  environmentLast: [409, "{environment} is the only environment there is.", "Make another one first."],
  environmentUsed: [
    409,
    "Something is in {environment}, or was: it cannot be removed.",
    "Only an environment without deployments, connections, messages and promotions can be.",
  ],
  tableInvalid: [422, "The table cannot be stored: {detail}", undefined],
  tableChanged: [409, "Somebody changed the table {table} meanwhile.", "Load it again, then make your change."],
  tableUsed: [409, "Flows in {environment} look things up in {table}: {detail}", "Deploy versions first that do without it."],
  tablesFull: [409, "{environment} has {most} reference tables, which is the most.", "Remove one that no flow uses."],
  tableMissing: [
    422,
    "The flow cannot look things up in {environment}: {detail}",
    "Make the table there, or change the lookup, then deploy it.",
  ],
  exportDiffers: [409, "The flows do not fit into one folder: {detail}", "Publish both anew, or export them apart."],
  importRefused: [422, "The files cannot be taken in: {detail}", "See with dryRun all that is in the way."],
  deploymentCanary: [409, "A canary of {flow} is on in {environment}.", "Make it full or stop it first."],
  environmentProtected: [409, "Versions come to {environment} by promotion only.", "Promote the version there."],
  connectionInvalid: [422, "The connection cannot be used: {detail}", undefined],
  connectionFixed: [
    409,
    "Connection {connection} is of {connector} and the account {account}, and stays so.",
    "What was posted is known by the account; make another connection for another one.",
  ],
  secretsElsewhere: [
    422,
    "Connection {connection} would send {secrets} to {places}, for which it was not given.",
    "Give these secrets again together with the new address.",
  ],
  promotionOpen: [409, "A promotion of {flow} to {environment} is open already.", "Approve it or withdraw it first."],
  promotionNothing: [409, "{environment} runs version {number} already.", undefined],
  deploymentRebinds: [
    409,
    "Slot {slot} reaches {now} in {environment}; that it reaches {asked} is to be approved.",
    "Request a promotion of version {number} with these connections; another person approves it.",
  ],
  promotionBlocked: [422, "The version cannot be promoted: {detail}", "Mend what the checks name, then review it again."],
  promotionRisks: [422, "Risks are not acknowledged: {risks}.", "Acknowledge each by its name, or change the version."],
  promotionHash: [409, "The promotion is of other content than what was approved.", "Look at it again, then approve its hash."],
  promotionOwn: [
    403,
    "Who drew, published or requested what is promoted to {environment} cannot approve it.",
    "Ask another person who operates it; a token counts as who made it.",
  ],
  promotionNoPerson: [403, "A promotion to {environment} is approved by a person, not by a token.", "Sign in to approve it."],
  promotionStale: [
    409,
    "{environment} does not run any more what the promotion was compared with.",
    "Withdraw the promotion and request another one.",
  ],
  reviewBusy: [429, "Other reviews of promotions or imports are under way.", "Wait until one has come back, then try again."],
  promotionSamples: [
    409,
    "The samples of the version were exchanged after it was reviewed.",
    "Withdraw the promotion if it is requested, and review the version again.",
  ],
  promotionPast: [
    422,
    "The time at which the promotion is to be activated is past.",
    "Check the day, month and year; without a time it is activated at once.",
  ],
  promotionRebinds: [
    422,
    "A canary cannot bind slots anew: the version beside it uses them too.",
    "Leave the slots as they are bound, or promote without a canary.",
  ],
  promotionPaused: [
    409,
    "{flow} is paused in {environment}: a canary would wait for messages for ever.",
    "Resume it there first, or promote without a canary.",
  ],
  promotionOthers: [403, "Who requested the promotion, or operates {environment}, withdraws it.", "Ask one of them."],
  promotionState: [409, "The promotion is {state} already.", undefined],
  promotionNoBase: [
    409,
    "Nothing ran in {environment} before this version.",
    "Pause the deployment, or promote another version.",
  ],
  promotionSlotGone: [
    409,
    "The connection that slot {slot} had before is not in {environment}.",
    "Promote the version that ran before, and choose connections for its slots.",
  ],
  promotionSlotMoved: [
    409,
    "Slot {slot} was bound to {now} after the review; the promotion would bind it to {asked}.",
    "Withdraw the promotion and request another one, which says to what the slot is to be bound.",
  ],
  notSandbox: [409, "Samples are sent to sandbox connections only; {connection} is a real one.", undefined],
  messagePurged: [
    410,
    "The content of the message of run {run} has been purged.",
    "Take a newer one; how long contents are kept is said for each environment.",
  ],
  sampleTooLarge: [413, "{what} has {size} kB; a sample has {most} kB at most.", "Take a smaller one."],
  sampleInvalid: [422, "This is no sample of the flow: {detail}", undefined],
  sampleConflict: [
    409,
    "Sample {sample} is another one than you had: somebody kept it or removed it.",
    "Look at the samples as they are now, then keep yours again.",
  ],
  samplesFull: [409, "{flow} has {most} samples; it keeps no more.", "Remove one that shows nothing of its own."],
  sampleGiven: [409, "Sample {sample} comes with the ready flow; it cannot be removed.", "Keep another one under its name."],
  notPreviewable: [422, "Nothing can be sent for this preview: {detail}", undefined],
  runEnded: [409, "The run has ended already: it is {state}.", undefined],
  runCancelled: [409, "The run was cancelled; nothing of it is tried again.", "Replay the run, or resolve the dead letter."],
  replayConflict: [409, "The run cannot be replayed now: {detail}", undefined],
  notReplayable: [422, "The run cannot be replayed like this: {detail}", undefined],
  notEditable: [422, "The edited item cannot be tried again: {detail}", undefined],
  deadLetterClosed: [409, "The dead letter is {state} already.", undefined],
  databaseAway: [503, "The database does not answer.", "Try again in a moment; if it stays so, look at the database."],
  internal: [500, "Orderloom failed at something that should not fail.", "The server's log says what, under the number {id}."],
} as const satisfies Record<string, readonly [number, string, string | undefined]>;

export type ErrorCode = keyof typeof errorCatalogue;

const filled = (template: string, params: Record<string, string | number>): string =>
  template.replace(/\{(\w+)\}/g, (_all, name: string) => String(params[name] ?? ""));

/** An error on its way to the caller. */
export class ApiFailure extends Error {
  override name = "ApiFailure";
  readonly code: ErrorCode;
  readonly statusCode: number;
  readonly problems: Problem[] | undefined;
  readonly details: unknown;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    params: Record<string, string | number> = {},
    more: {
      problems?: Problem[];
      details?: unknown;
      hint?: string | undefined;
      retryAfterSeconds?: number;
      cause?: unknown;
    } = {},
  ) {
    const [status, template, hint] = errorCatalogue[code];
    const message = filled(template, params);
    super(/[.!?]$/.test(message) ? message : `${message}.`, { cause: more.cause });
    this.code = code;
    this.statusCode = status;
    this.problems = more.problems;
    this.details = more.details;
    this.hint = more.hint ?? (hint && filled(hint, params));
    this.retryAfterSeconds = more.retryAfterSeconds;
  }

  /** What the caller reads. */
  toBody(): ApiError {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint ? { hint: this.hint } : {}),
      ...(this.problems ? { problems: this.problems } : {}),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}
