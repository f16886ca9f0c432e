import type {
  DraftSaved,
  FlowDetail,
  RunCancelled,
  RunReplayed,
  SampleKept,
  SampleSent,
  VersionState,
  VersionSummary,
} from "#schemas/api.ts";
import type { FilesOrigin, ImportReport } from "#schemas/bundle.ts";
import type { CanarySettings } from "#schemas/canary.ts";
import type { Connection, ConnectionSettings, ConnectionTestResult } from "#schemas/connection.ts";
import type { DeadLetter, DeadLettersDone } from "#schemas/deadLetter.ts";
import type { Deployment } from "#schemas/deployment.ts";
import type { Environment, EnvironmentChange, NewEnvironment } from "#schemas/environment.ts";
import type { Flow } from "#schemas/flow.ts";
import type { ApiToken, ApiTokenMade, NewApiToken, NewPerson, Person, PersonChange, Session } from "#schemas/people.ts";
import type { PreviewAnswer } from "#schemas/previewAnswer.ts";
import type { Problem } from "#schemas/problem.ts";
import type { Promotion } from "#schemas/promotion.ts";
import type { ChangeRows, ImportedRows, ImportRows, PutTable, TableChanged } from "#schemas/referenceTable.ts";
import type { FlowSample } from "#schemas/sample.ts";
import type { WebhookSubscription } from "#schemas/webhookSubscription.ts";
import { request } from "./client.ts";
import type { PromotionWish } from "./queries.ts";

/** Every write of the management API. */

/** Makes a flow; a copy of a ready flow, or of another one, has its samples. */
export const createFlow = (flow: Flow, samplesOf?: string) =>
  request<FlowDetail>("POST", "/flows", { flow, ...(samplesOf === undefined ? {} : { samplesOf }) });

/** Puts a flow away, or brings it back. */
export const setArchived = (flow: string, archived: boolean) =>
  request<{ archivedAt: string | null }>("POST", `/flows/${flow}/${archived ? "archive" : "restore"}`, {});

/** Saves a draft made from `revision`; a 409 `draftConflict` says that someone else has saved since. */
export const saveDraft = (flow: Flow, revision: number) =>
  request<DraftSaved>("PUT", `/flows/${flow.id}/draft`, { revision, flow });

export const publish = (flow: string, body: { revision: number; note: string; deployTo?: string[] }) =>
  request<VersionSummary>("POST", `/flows/${flow}/versions`, body);

export const deploy = (environment: string, flow: string, body: { version?: number; state?: Deployment["state"] }) =>
  request<Deployment>("PUT", `/environments/${environment}/deployments/${flow}`, body);

/** Takes a flow out of an environment. */
export const endDeployment = (environment: string, flow: string) =>
  request<void>("DELETE", `/environments/${environment}/deployments/${flow}`);

export const setVersionState = (flow: string, number: number, state: VersionState) =>
  request<VersionSummary>("PUT", `/flows/${flow}/versions/${number}/state`, { state });

/** Makes the draft what the version is, over `revision`. */
export const restoreVersion = (flow: string, number: number, revision: number) =>
  request<{ revision: number }>("POST", `/flows/${flow}/versions/${number}/restore`, { revision });

/** Keeps a sample with the flow over `revision`, 0 for a new one; a 409 `sampleConflict` says that it is another one by now. */
export const keepSample = (flow: string, sample: FlowSample, revision: number) =>
  request<SampleKept>("PUT", `/flows/${flow}/samples/${sample.name}`, { revision, sample });

export const removeSample = (flow: string, name: string) =>
  request<void>("DELETE", `/flows/${flow}/samples/${encodeURIComponent(name)}`);

export const sendSample = (environment: string, flow: string, sample: string) =>
  request<SampleSent>("POST", `/environments/${environment}/flows/${flow}/samples/${encodeURIComponent(sample)}/send`, {});

export interface PromotionRequest extends PromotionWish {
  /** Of the version, as it was reviewed. */
  hash: string;
  note: string;
  acknowledged: string[];
  activateAt?: string;
  canary?: CanarySettings;
}

export const requestPromotion = (environment: string, flow: string, body: PromotionRequest) =>
  request<Promotion>("POST", `/environments/${environment}/flows/${flow}/promotions`, body);

/** Approves the content that is shown. */
export const approvePromotion = ({ environment, id, hash }: Promotion) =>
  request<Promotion>("POST", `/environments/${environment}/promotions/${id}/approve`, { hash });

export const endPromotion = ({ environment, id }: Promotion, how: "withdraw" | "roll-back" | "take-up" | "make-full" | "stop") =>
  request<Promotion>("POST", `/environments/${environment}/promotions/${id}/${how}`, {});

export interface ImportWish {
  /** As the file has it; the server says what is wrong with it. */
  bundle: unknown;
  publish: boolean;
  force: boolean;
  origin?: FilesOrigin;
}

export const importBundle = (wish: ImportWish) => request<ImportReport>("POST", "/imports", wish);

export const makeEnvironment = (environment: NewEnvironment) => request<Environment>("POST", "/environments", environment);

export const changeEnvironment = (id: string, change: EnvironmentChange) =>
  request<Environment>("PUT", `/environments/${id}`, change);

export const removeEnvironment = (id: string) => request<void>("DELETE", `/environments/${id}`);

/** Makes a connection, or changes the one of that name; secrets left out stay. */
export const putConnection = (environment: string, name: string, settings: ConnectionSettings) =>
  request<Connection>("PUT", `/environments/${environment}/connections/${name}`, settings);

export const setConnection = (environment: string, name: string, action: "pause" | "resume") =>
  request<Connection>("POST", `/environments/${environment}/connections/${name}/${action}`, {});

/** Asks the system what its connector declares as a test; the answer is kept with the connection. */
export const testConnection = (environment: string, name: string) =>
  request<ConnectionTestResult>("POST", `/environments/${environment}/connections/${name}/test`, {});

/** Asks the system at once what stands there, and sets it right. */
export const retrySubscription = (environment: string, id: string) =>
  request<WebhookSubscription>("POST", `/environments/${environment}/subscriptions/${id}/retry`, {});

export const forgetSubscription = (environment: string, id: string) =>
  request<void>("POST", `/environments/${environment}/subscriptions/${id}/forget`, {});

/** What an effect of the saved draft would send for an item; with `send` it is sent. */
export const previewAnswer = (environment: string, flow: string, node: string, body: { item: unknown; send: boolean }) =>
  request<PreviewAnswer>("POST", `/environments/${environment}/flows/${flow}/nodes/${node}/preview-answer`, body);

export const retryDeadLetters = (ids: string[]) =>
  request<{ retried: number; problems: Problem[] }>("POST", "/dead-letters/retry", { ids });

export const retryEdited = (id: string, item: unknown) =>
  request<DeadLetter>("POST", `/dead-letters/${id}/retry-edited`, { item });

/** Retries or resolves all that fit, the oldest first. */
export const closeDeadLetters = (body: {
  action: "retry" | "resolve";
  filter: Record<string, string>;
  limit: number;
  note?: string;
}) => request<DeadLettersDone>("POST", "/dead-letters/close", body);

export interface Annotation {
  assignee?: string | null;
  addTags?: string[];
  removeTags?: string[];
  note?: string | null;
}

export const annotateDeadLetters = (ids: string[], change: Annotation) =>
  request<{ items: DeadLetter[] }>("POST", "/dead-letters/annotate", { ids, ...change });

export const cancelRun = (run: string, note: string) =>
  request<RunCancelled>("POST", `/runs/${run}/cancel`, note === "" ? {} : { note });

export const replayRun = (run: string, wish: { from?: string; version?: number; item?: unknown }) =>
  request<RunReplayed>("POST", `/runs/${run}/replay`, wish);

export const resolveDeadLetter = (id: string, note: string) =>
  request<DeadLetter>("POST", `/dead-letters/${id}/resolve`, { note });

export const signIn = (name: string, password: string) => request<Session>("POST", "/session", { name, password });

export const signOut = () => request<Session>("DELETE", "/session");

/** Makes the first admin; `token` where the server asks for the one of its environment. */
export const setUp = (first: { name: string; title: string; password: string }, token: string) =>
  request<Session>("POST", "/set-up", first, undefined, token);

export const changePassword = (change: { current: string; password: string }) =>
  request<Session>("PUT", "/session/password", change);

export const makePerson = (person: NewPerson) => request<Person>("POST", "/people", person);

export const changePerson = (id: string, change: PersonChange) => request<Person>("PUT", `/people/${id}`, change);

export const makeToken = (wish: NewApiToken) => request<ApiTokenMade>("POST", "/tokens", wish);

export const revokeToken = (id: string) => request<ApiToken>("DELETE", `/tokens/${id}`);

const tableAt = (environment: string, table: string): string => `/environments/${environment}/tables/${table}`;

/** Makes a reference table, or puts it whole. */
export const putTable = (environment: string, table: string, body: PutTable) =>
  request<TableChanged>("PUT", tableAt(environment, table), body);

export const changeTableRows = (environment: string, table: string, body: ChangeRows) =>
  request<TableChanged>("POST", `${tableAt(environment, table)}/rows`, body);

export const importTableRows = (environment: string, table: string, body: ImportRows) =>
  request<ImportedRows>("POST", `${tableAt(environment, table)}/import`, body);

export const removeTable = (environment: string, table: string) => request<void>("DELETE", tableAt(environment, table));
