import { describe, expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import { evaluateExpression } from "../expression/expression.ts";
import { bookConnector, sampleClock } from "../sample.fixture.ts";
import { testFailure, testRequest } from "./connectionTest.ts";

const connector: Connector = {
  ...bookConnector,
  headers: { "x-version": "3", "x-order": "{{ id }}" },
  test: { path: "/shops/{{ config.shop }}/me", query: { fields: "id" } },
  errors: [{ status: [403], class: "auth", message: "body.why" }],
};
const evaluate = (text: string, input: unknown) =>
  evaluateExpression(text, input, { clock: sampleClock, salt: "", variables: {} });

describe("the test of a connection", () => {
  it("asks what the connector declares, with the connection's settings and no document", () => {
    expect(testRequest(connector, { shop: "a b" })).toMatchObject({
      method: "GET",
      path: "/shops/a%20b/me",
      query: { fields: "id" },
      headers: { "x-version": "3" },
    });
    expect(testRequest(connector, { shop: "1" })?.headers).not.toHaveProperty("x-order");
    expect(testRequest(bookConnector, {})).toBeUndefined();
    expect(() => testRequest(connector, {})).toThrow("The connection lacks config.shop.");
  });

  it("posts a body to a system that is read so", () => {
    const test = { path: "/rpc", body: { method: "me", params: ["{{ config.shop }}", 1, null] } };
    expect(testRequest({ ...connector, test }, { shop: "a b" })).toMatchObject({
      method: "POST",
      path: "/rpc",
      body: { method: "me", params: ["a b", 1, null] },
    });
  });

  it("passes with a good answer, and else says what the system said", async () => {
    const answer = (status: number, body: unknown) =>
      testFailure(connector, { status, headers: {}, body: JSON.stringify(body) }, evaluate);
    expect(await answer(200, {})).toBeUndefined();
    expect(await answer(403, { why: "The role is missing." })).toMatchObject({
      class: "auth",
      reason: { message: "The role is missing." },
    });
    expect(await answer(404, { message: "No such shop" })).toMatchObject({ class: "rejected" });
  });
});
