import { describe, expect, it } from "vitest";
import { testRequest } from "#nodes/connector/connectionTest.ts";
import type { RenderedRequest } from "#nodes/plan.ts";
import { parseJson } from "#schemas/json.ts";
import { isThere, judgeBy } from "./description.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import type { Tested } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { connectorOf, type Exchange, operationOf, position, type SentRequest, sent } from "./operation.fixture.ts";

interface Case {
  connector: string;
  operation: string;
  tested: Tested;
}

const cases: Case[] = Object.entries(marketplaces).flatMap(([connector, { operations }]) =>
  Object.entries(operations).map(([operation, tested]) => ({ connector, operation, tested })),
);

const there = (tested: Tested): boolean => {
  if (tested.by === undefined) return false;
  if (!isThere(tested.by)) console.warn(`Skipped: the description ${tested.by.file} is not on this machine.`);
  return isThere(tested.by);
};

/** Everything that an operation sends: for its samples, its configs, its pages, and what it asks before sending again. */
async function requestsOf({ connector: id, operation: name, tested }: Case): Promise<SentRequest[]> {
  const known = marketplaces[id] as (typeof marketplaces)[string];
  const connector = connectorOf(id);
  const requests: SentRequest[] = [];
  for (const config of [{}, ...(tested.configs ?? [])]) {
    const { operation, ask, render } = operationOf(id, name, known, config);
    if (operation?.transport === "poll") {
      for (const page of [null, ...(tested.pages ?? [])]) requests.push(await sent(connector, known, await ask({ page })));
      requests.push(await sent(connector, known, await ask({ until: position.now })));
      continue;
    }
    for (const file of operation?.samples ?? []) {
      const { item } = readJson(`./samples/${file}`) as Exchange;
      const { request, lookup } = await render(item);
      for (const each of lookup ? [request, lookup] : [request]) requests.push(await sent(connector, known, each));
    }
  }
  return requests;
}

const judged = cases.filter(({ tested }) => there(tested));

describe("what the connectors of marketplaces send", () => {
  it.skipIf(judged.length === 0)("is judged for every operation that an official description has", () => {
    expect(judged).toEqual(cases.filter(({ tested }) => tested.by !== undefined));
  });

  it.each(judged)("$connector: $operation is as the official description says", async (each) => {
    const judge = await judgeBy(each.tested.by as NonNullable<Tested["by"]>);
    const requests = await requestsOf(each);
    expect(requests.length).toBeGreaterThan(0);
    for (const request of requests) expect(judge.request(request), request.url.href).toEqual([]);
  });

  it.each(judged)("$connector: $operation is judged by one who can say no", async (each) => {
    const judge = await judgeBy(each.tested.by as NonNullable<Tested["by"]>);
    const [request] = await requestsOf(each);
    const url = new URL((request as SentRequest).url);
    url.searchParams.set("noSuchParameter", "1");
    expect(judge.request({ ...(request as SentRequest), url })).not.toEqual([]);
    const elsewhere = { ...(request as SentRequest), url: new URL("/no/such/path", url) };
    expect(judge.request(elsewhere)).toEqual([expect.stringContaining("has no")]);
    if (typeof request?.body === "object") expect(judge.request({ ...request, body: 5 })).not.toEqual([]);
  });

  it.each(cases.filter(({ tested }) => there(tested)))(
    "$connector: $operation has samples as the description says",
    async (each) => {
      const judge = await judgeBy(each.tested.by as NonNullable<Tested["by"]>);
      const { operation } = operationOf(each.connector, each.operation, marketplaces[each.connector] as never);
      // A sample of several steps has the answer to the last.
      if (operation?.transport !== "http" || operation.steps || each.tested.answersOtherwise) return;
      const [request] = await requestsOf(each);
      for (const file of operation.samples) {
        const { answer } = readJson(`./samples/${file}`) as Exchange;
        const body = answer.body === "" ? undefined : parseJson(answer.body);
        if (body !== undefined) expect(judge.answer(request as SentRequest, answer.status, body), file).toEqual([]);
      }
    },
  );

  const tests = Object.entries(marketplaces).filter(([, { testBy }]) => testBy !== undefined && isThere(testBy));
  it.each(tests)("%s is tried with a request as the official description says", async (id, known) => {
    const connector = connectorOf(id);
    const request = testRequest(connector, known.config) as RenderedRequest;
    const judge = await judgeBy(known.testBy as NonNullable<Tested["by"]>);
    expect(judge.request(await sent(connector, known, request))).toEqual([]);
  });
});
