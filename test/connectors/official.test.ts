import { describe, expect, it } from "vitest";
import { oauth2Credential } from "#nodes/connector/auth/oauth2.ts";
import { testRequest } from "#nodes/connector/connectionTest.ts";
import type { RenderedRequest } from "#nodes/plan.ts";
import type { OAuth2 } from "#schemas/auth.ts";
import { parseJson } from "#schemas/json.ts";
import { type Description, isThere, judgeBy } from "./description.fixture.ts";
import { readJson } from "./mapping.fixture.ts";
import type { Marketplace, Tested } from "./marketplace.fixture.ts";
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

/** What of these systems no description among the fixtures has. */
const undescribed: Readonly<Record<string, string>> = {
  "amazon.setQuantity": "the listings' API is not among the models",
  "amazon.setQuantities": "nor are feeds; amazonDocuments.test.ts judges the feed by its own official schema",
  "ebay.notified": "eBay sends it",
  "etsy.orderEvent": "Etsy sends it",
  "walmart.orderEvent": "Walmart sends it",
};

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
  it("is judged for every operation of Amazon, Walmart, eBay and Etsy but those that no description has", () => {
    const described = ["amazon", "walmart", "ebay", "etsy"];
    const not = cases.filter(({ connector, tested }) => described.includes(connector) && tested.by === undefined);
    expect(not.map(({ connector, operation }) => `${connector}.${operation}`).sort()).toEqual(Object.keys(undescribed).sort());
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

  const auth: Description = { file: "walmart/openapi/us.auth.json", root: "/" };
  it.skipIf(!isThere(auth))("walmart: the request for a token is as the official description says", async () => {
    const connector = connectorOf("walmart");
    const { config } = marketplaces.walmart as Marketplace;
    const secrets = { clientId: "client", clientSecret: "secret" };
    const request = await oauth2Credential(connector, connector.auth as OAuth2, { config, secrets }).request({});
    const asked = { method: request.method, url: new URL(request.url), headers: request.headers, body: request.body };
    const judge = await judgeBy(auth);
    expect(judge.request(asked)).toEqual([]);
    expect(judge.request({ ...asked, body: "grant_type=" })).not.toEqual([]);
  });
});
