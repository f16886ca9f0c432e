import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestOperation } from "#schemas/connector.ts";
import type { Plan } from "../plan.ts";
import { bookConnector, sampleClock, samplePlan } from "../sample.fixture.ts";
import { effectKeyOf, renderEffect } from "./renderEffect.ts";

const keyOf = (documentKey: string, account = "acme"): string => effectKeyOf("dev", account, "erp.post", documentKey, "create");

describe("effectKeyOf", () => {
  it("reads as environment, account, operation, document and event", () => {
    expect(keyOf("SHOP_1")).toBe("dev/acme/erp.post/SHOP_1/create");
  });

  it("never gives two documents one key, whatever is in their names, and stays short enough for an index", () => {
    const name = fc.oneof(fc.string({ maxLength: 30 }), fc.string({ minLength: 390, maxLength: 5_000 }));
    fc.assert(
      fc.property(name, name, name, name, (a, b, c, d) => {
        if (a === c && b === d) return;
        expect(keyOf(a, b)).not.toBe(keyOf(c, d));
        expect(keyOf(a, b).length).toBeLessThan(900);
      }),
    );
    expect(keyOf("1/create/x", "acme")).not.toBe(keyOf("1", "acme/create"));
  });
});

describe("a request", () => {
  const render = (change: Partial<RequestOperation["request"]>, more: Partial<RequestOperation> = {}, number = "7") => {
    const plan = samplePlan();
    const post = bookConnector.operations.post as RequestOperation;
    const { bodyFile: _mapping, ...request } = post.request;
    const changed: RequestOperation = { ...post, request: { ...request, ...change }, ...more };
    const book = { ...bookConnector, operations: { ...bookConnector.operations, post: changed } };
    const own: Plan = { ...plan, lock: { ...plan.lock, connectors: { ...plan.lock.connectors, book } } };
    const node = own.flow.nodes.find(({ id }) => id === "erp");
    const manifest = node && own.lock.manifests[node.type];
    if (!node || !manifest) throw new Error("The sample flow has no effect.");
    return renderEffect(own, node, manifest, { number, name: "Ada*", total: "-1.50" }, sampleClock);
  };

  it("has its body in the format that is declared, with what announces it", async () => {
    const { request } = await render({ body: "[{ 'name': '=' & name, 'total': total }]", encode: { type: "csv" } });
    expect(request).toMatchObject({ body: "name,total\r\n'=Ada*,-1.50\r\n", contentType: "text/csv; charset=utf-8" });
    expect((await render({ body: "{ 'order': { '@no': number } }", encode: { type: "xml" } })).request.body).toContain(
      '<order no="7"/>',
    );
    expect((await render({ body: "$" })).request).not.toHaveProperty("contentType");
  });

  it("is not made from what the format cannot write", async () => {
    const body = `{ 'sender': {'id':'A'}, 'receiver': {'id':'B'}, 'control': 1, 'date': '20261127', 'time': '1000',
      'transactions': [{ 'type': '940', 'segments': [['N1', 'ST', name], ['W76', 1]] }] }`;
    await expect(render({ body, encode: { type: "x12" } })).rejects.toMatchObject({
      class: "invalid",
      reason: { code: "request.encode", path: "/request/encode", message: expect.stringContaining('N102 holds "*"') },
    });
  });

  it("carries its effect key where the system looks for it: in a header, in the body, among the variables of a question", async () => {
    const key = (place: { header: string } | { field: string }): Partial<RequestOperation> => ({
      idempotency: { mode: "key", ...place },
    });
    const { effectKey } = await render({ body: "$" });
    expect((await render({ body: "$" }, key({ header: "x-key" }))).request.headers["x-key"]).toBe(effectKey);
    const inBody = await render({ body: "{ 'meta': { 'by': 'us' }, 'no': number }" }, key({ field: "/meta/requestId" }));
    expect(inBody.request.body).toEqual({ meta: { by: "us", requestId: effectKey }, no: "7" });
    const asked = await render({ graphql: { query: "mutation M($key: String!) { m }" } }, key({ field: "/variables/key" }));
    expect(asked.request.body).toEqual({ query: "mutation M($key: String!) { m }", variables: { key: effectKey } });
    await expect(render({ body: "[number]" }, key({ field: "/key" }))).rejects.toMatchObject({
      reason: { code: "request.keyField" },
    });
  });

  it("has a key of 255 characters at most, another for another document", async () => {
    const sentFor = async (number: string) => {
      const { request } = await render({ body: "{ 'no': number }" }, { idempotency: { mode: "key", field: "/key" } }, number);
      return (request.body as { key: string }).key;
    };
    const [one, two] = [await sentFor("7".repeat(300)), await sentFor("7".repeat(301))];
    expect(one).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(two).not.toBe(one);
  });
});
