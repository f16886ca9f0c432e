import { operationManifests } from "#nodes/connector/manifest.ts";
import type { Catalog } from "#nodes/lock.ts";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import { bookConnector, sampleCatalog } from "#nodes/sample.fixture.ts";
import { sha256 } from "#runtime/store/ids.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { RequestOperation } from "#schemas/connector.ts";
import type { Performed } from "./perform.ts";

const post = bookConnector.operations.post as RequestOperation;
const { bodyFile: _bodyFile, ...request } = post.request;

/** The book knows a key for a day. */
export const KEPT_MS = 86_400_000;

/** An operation of the book by its idempotency, numbered; items with the same beginning are one document of `put`. */
const operation = (mode: "natural" | "key" | "none", documentKey: string): RequestOperation => ({
  ...post,
  request: { ...request, path: `/${mode}/{{ number }}`, body: "{ 'number': number, 'run': $run.id, 'control': $controlNumber }" },
  documentKey,
  controlNumber: { most: 999_999_999 },
  idempotency: mode === "key" ? { mode, header: "x-effect", keptMs: KEPT_MS } : { mode },
});

const { controlNumber: _controlNumber, ...many } = operation("natural", "$join(number, ',')");

/** No request reaches the book so long after it was sent. */
export const QUIET_MS = 60_000;

const book = {
  ...bookConnector,
  operations: {
    ...bookConnector.operations,
    post: { ...post, idempotency: { ...post.idempotency, quietPeriodMs: QUIET_MS } },
    put: operation("natural", "$substring(number, 0, 12)"),
    add: operation("key", "number"),
    once: operation("none", "number"),
    many: {
      ...many,
      request: { ...request, path: "/natural/many", body: "[$.{ 'number': number }]" },
      result: "body.done",
      items: {
        list: "documents",
        key: "number",
        subject: "number",
        results: "body.results",
        of: "number",
        good: "code = 200",
        errors: [
          { when: "body.code = 401", class: "auth" },
          { when: "body.code = 429", class: "rateLimited", retryAfter: "body.wait" },
          { when: "body.code = 503", class: "transient", retryAfter: "body.wait" },
          { class: "rejected" },
        ],
      },
    } satisfies RequestOperation,
  },
};

/** The sample's catalog with effects of every idempotency mode. */
export const catalog: Catalog = {
  ...sampleCatalog,
  manifests: {
    ...sampleCatalog.manifests,
    ...Object.fromEntries(operationManifests(book).map((manifest) => [manifest.type, manifest])),
  },
  connectors: { ...sampleCatalog.connectors, book },
};

export const effectTypes = ["book.post", "book.put", "book.add", "book.once", "book.find"] as const;

/** What a target says of a batch beside its results. */
const LONG = "Done. ".repeat(500);

/** Seconds that a target asks to be left alone with a document that it has no time for. */
export const WAIT_SECONDS = 7;

/** How a target deals with a request. `applied` only where the answer does not tell by itself; `codes` for the documents of a batch. */
export const fates = {
  ok: { applied: true, answer: { status: 200, body: '{"id":"so-1"}' } },
  rejected: { applied: false, answer: { status: 400, body: '{"text":"no"}' } },
  rateLimited: { applied: false, answer: { status: 429, body: "{}" } },
  duplicate: { applied: false, answer: { status: 409, body: "{}" } },
  failedBefore: { applied: false, answer: { status: 503, body: "" } },
  failedAfter: { applied: true, answer: { status: 503, body: "" } },
  neverArrived: { applied: false, answer: null },
  answerLost: { applied: true, answer: null },
  notReached: { applied: false, answer: undefined },
  someRefused: { applied: true, answer: { status: 200, body: '{"id":"so-1"}' }, codes: [200, 400] },
  someBusy: { applied: true, answer: { status: 200, body: '{"id":"so-1"}' }, codes: [503, 200] },
  someThrottled: { applied: true, answer: { status: 200, body: '{"id":"so-1"}' }, codes: [200, 429] },
  someUnknown: { applied: true, answer: { status: 200, body: '{"id":"so-1"}' }, codes: [200, 401] },
  allRefused: { applied: true, answer: { status: 200, body: '{"id":"so-1"}' }, codes: [400] },
} as const;

export type Fate = keyof typeof fates;

/** What each document of a batch is answered with, round and round. */
const codesOf = (fate: Fate): readonly number[] => {
  const dealt = fates[fate];
  return "codes" in dealt ? dealt.codes : [200];
};

/** A request on its way. */
export interface Underway {
  request: RenderedRequest;
  key: string;
  /** Who sent it. */
  by: unknown;
  /** Whether the target has what it asks for; undefined while it may still reach it. */
  stands: boolean | undefined;
  /** Gives the sender what became of it. */
  answer(performed: Performed): void;
}

/** A system that keeps what it was told: how often each effect was applied, and with which request last. */
export interface Target {
  applied: Map<string, { times: number; hashes: string[]; mode: string }>;
  /** The control numbers with which each effect was sent. */
  numbered: Map<string, Set<number>>;
  /** Numbers of the documents that came in batches and were taken. */
  documents: Set<string>;
  underway: Set<Underway>;
  send(request: RenderedRequest, by: unknown): Promise<Performed>;
  /** The request reaches the target, or is lost on the way; the target takes those documents of a batch whose code is 200. */
  decide(one: Underway, applied: boolean, codes?: readonly number[]): void;
  settle(one: Underway, fate: Fate): void;
}

/** As the ledger knows a request: without its control number. */
const hashOf = ({ method, path, query, body = null }: RenderedRequest): string =>
  sha256(
    canonicalJson({ method, path, query, body: controlOf(body) === undefined ? body : { ...(body as object), control: 0 } }),
  );

const controlOf = (body: unknown): number | undefined => (body as { control?: number } | null | undefined)?.control;

const modeOf = ({ path }: RenderedRequest): string =>
  path.startsWith("/natural/") ? "natural" : path.startsWith("/key/") ? "key" : path.startsWith("/none/") ? "none" : "lookup";

const batchOf = ({ body }: RenderedRequest): { number: string }[] => (Array.isArray(body) ? body : []);

const codeAt = (codes: readonly number[], place: number): number => codes[place % codes.length] ?? 200;

const failure = (code: string) => ({ class: "transient" as const, reason: { code, message: "It broke." } });

export function fakeTarget(): Target {
  const applied: Target["applied"] = new Map();
  const underway = new Set<Underway>();
  const numbered: Target["numbered"] = new Map();
  const documents: Target["documents"] = new Set();
  const numbers = new Set<string>();
  const answerOf = (request: RenderedRequest, fate: Fate): Performed => {
    const { answer } = fates[fate];
    if (answer === null) return { ok: false, failure: failure("answerLost"), applied: "maybe" };
    if (answer === undefined) return { ok: false, failure: failure("notReached"), applied: "no" };
    const asked = request.query.q;
    const orders = asked !== undefined && numbers.has(asked) ? [{ id: "so-1" }] : [];
    const results = batchOf(request).map(({ number }, place) => ({
      number,
      code: codeAt(codesOf(fate), place),
      wait: WAIT_SECONDS,
    }));
    const told = asked === undefined ? { id: "so-1", results, ...(results.length > 0 ? { done: LONG } : {}) } : { orders };
    const body = answer.status === 200 ? JSON.stringify(told) : answer.body;
    const response: RawResponse = { status: answer.status, headers: {}, body };
    return { ok: true, response };
  };
  return {
    applied,
    numbered,
    documents,
    underway,
    send: (request, by) =>
      new Promise((resolve) => {
        const key = request.headers["x-effect"] ?? "";
        const control = controlOf(request.body);
        if (control !== undefined) numbered.set(key, new Set([...(numbered.get(key) ?? []), control]));
        underway.add({ request, key, by, stands: request.method === "GET" ? true : undefined, answer: resolve });
      }),
    decide(one, does, codes = [200]) {
      if (one.stands !== undefined) return;
      one.stands = does;
      if (!does) return;
      for (const [place, { number }] of batchOf(one.request).entries()) if (codeAt(codes, place) === 200) documents.add(number);
      const known = applied.get(one.key) ?? { times: 0, hashes: [], mode: modeOf(one.request) };
      // A target that dedupes on the key answers again and does nothing.
      if (known.mode === "key" && known.times > 0) return;
      applied.set(one.key, { ...known, times: known.times + 1, hashes: [...known.hashes, hashOf(one.request)] });
      const { number } = one.request.body as { number?: string };
      if (known.mode === "lookup" && number !== undefined) numbers.add(number);
    },
    settle(one, fate) {
      underway.delete(one);
      const open = one.stands === undefined;
      this.decide(one, fates[fate].applied, codesOf(fate));
      // What it took whole before, it does not refuse now.
      const said = open || !("codes" in fates[fate]) ? fate : "ok";
      one.answer(answerOf(one.request, one.request.method === "GET" ? fate : truthful(said, one, applied.has(one.key))));
    },
  };
}

/** A target may be silent, but it never says done of what it has not, nor refused of what it holds. */
function truthful(fate: Fate, one: Underway, holds: boolean): Fate {
  if (fates[fate].answer === null || fate === "failedBefore" || fate === "failedAfter") return fate;
  if (fate === "ok" || "codes" in fates[fate]) return one.stands ? fate : "neverArrived";
  return holds ? "answerLost" : fate;
}
