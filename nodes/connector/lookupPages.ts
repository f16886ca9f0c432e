import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { Paging } from "#schemas/paging.ts";
import type { Plan, RenderedRequest, RunClock } from "../plan.ts";
import { baseUrl } from "./connection.ts";
import type { Answer } from "./errorRules.ts";
import { lockedOperation } from "./operation.ts";
import { nextOf, pagedRequest, pageVariable } from "./paging.ts";
import { rendererFor, renderRequest, withRestricted } from "./renderEffect.ts";
import { bindingOf, operationVariables } from "./variables.ts";

/** All pages together hold no more characters than this: what they make is one item, kept between two requests. */
const MOST_CHARACTERS = 16_000_000;

/** A page that was read, as it is kept among the results of what came before. */
export interface ReadPage {
  records: unknown[];
  /** What the next page is asked for with; null at the end. */
  next: unknown;
}

export type AfterLookupPage =
  /** Every record of all pages. */
  { done: unknown[] } | { before: ReadPage[]; at: unknown } | { ok: false; class: OutcomeClass; reason: Reason };

const listOf = (result: unknown): unknown[] =>
  Array.isArray(result) ? result : result === null || result === undefined ? [] : [result];

const isEnd = (next: unknown): boolean => next === undefined || next === null || next === "" || next === false;

/** What follows a page: the next one, or all records together. `system` is the title by which people know it. */
export async function afterLookupPage(
  page: Paging,
  { before, result, answer, system }: { before: readonly ReadPage[]; result: unknown; answer: Answer; system: string },
  read: (expression: string) => Promise<unknown>,
): Promise<AfterLookupPage> {
  const records = listOf(result);
  const all = before.flatMap((each) => each.records).concat(records);
  const found = await nextOf(page, { answer, at: before.at(-1)?.next, count: records.length }, read);
  if (isEnd(found)) return { done: all };
  const asked = JSON.stringify(found);
  if (before.some((each) => JSON.stringify(each.next) === asked)) return failure("bug", repeats(system));
  if (before.length + 1 >= page.most) return failure("tooLarge", tooManyPages(system, page.most, all.length));
  if (JSON.stringify(all).length > MOST_CHARACTERS) return failure("tooLarge", tooMuch(system, all.length));
  return { before: [...before, { records, next: found }], at: found };
}

/** The request of a page after the first: the operation's own, going there. Throws as `renderEffect` does. */
export async function renderPage(
  plan: Plan,
  node: FlowNode,
  manifest: NodeManifest,
  { item, clock, at }: { item: unknown; clock: RunClock; at: unknown },
): Promise<RenderedRequest> {
  const { connector, mapping, operation } = lockedOperation(plan.lock, manifest, node.config);
  if (operation.transport !== "http") throw new Error(`The operation ${manifest.type} has no pages.`);
  const { page, request, decode, restricted } = operation;
  const variables = { ...operationVariables(plan, node, clock), page: pageVariable(page, at) };
  const renderer = rendererFor(manifest.type, item, { clock, salt: node.id, variables });
  const rendered = await renderRequest(renderer, manifest.type, { connector, mapping, writes: false }, request, decode);
  const base = () => baseUrl(connector, bindingOf(plan, node)?.config ?? {}, request.base);
  return pagedRequest(withRestricted(rendered, restricted), page, at, base);
}

const failure = (kind: OutcomeClass, reason: Reason): AfterLookupPage => ({ ok: false, class: kind, reason });

const repeats = (system: string): Reason => ({
  code: "answer.pageRepeats",
  message: `${system} gave a page as the next one that had come before.`,
  hint: "Correct the paging of the connector's operation.",
});

const tooManyPages = (system: string, most: number, records: number): Reason => ({
  code: "answer.tooManyPages",
  message: `${system} has a further page after ${most}, with ${records} records so far; one document may not have more.`,
  hint: "Ask for less at once, or raise the most pages of the connector's operation.",
  params: { most, records },
});

const tooMuch = (system: string, records: number): Reason => ({
  code: "answer.pagesTooLarge",
  message: `The pages of ${system} hold more than ${MOST_CHARACTERS} characters, with ${records} records so far.`,
  hint: "Ask for less at once.",
  params: { records },
});
