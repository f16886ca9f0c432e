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
  const render = (change: Partial<RequestOperation["request"]>) => {
    const plan = samplePlan();
    const post = bookConnector.operations.post as RequestOperation;
    const { bodyFile: _mapping, ...request } = post.request;
    const changed: RequestOperation = { ...post, request: { ...request, ...change } };
    const book = { ...bookConnector, operations: { ...bookConnector.operations, post: changed } };
    const own: Plan = { ...plan, lock: { ...plan.lock, connectors: { ...plan.lock.connectors, book } } };
    const node = own.flow.nodes.find(({ id }) => id === "erp");
    const manifest = node && own.lock.manifests[node.type];
    if (!node || !manifest) throw new Error("The sample flow has no effect.");
    return renderEffect(own, node, manifest, { number: "7", name: "Ada*", total: "-1.50" }, sampleClock);
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
});
