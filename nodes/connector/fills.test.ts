import { expect, test } from "vitest";
import { filledIn } from "./fills.ts";

const operation = {
  request: { method: "POST", path: "/", headers: { "x-own": "1" } },
  documentKey: "id",
  config: {
    properties: {
      path: { type: "string", "x-fills": "/request/path" },
      body: { type: "string", "x-fills": "/request/body" },
      key: { type: "string", "x-fills": "/documentKey" },
      statement: { type: "string", "x-fills": "/request/statements/0/statement" },
      token: { type: "string", "x-fills": "/auth/token" },
      plain: { type: "string" },
    },
  },
};

test("a node's config stands where it says, and nowhere else", () => {
  const filled = filledIn(operation, { path: "/orders/{{ id }}", body: "$", token: "t", plain: "p" });
  expect(filled).toEqual({ ...operation, request: { ...operation.request, path: "/orders/{{ id }}", body: "$" } });
});

test("what nobody filled in stays the operation's own, and the operation is never changed", () => {
  const before = structuredClone(operation);
  expect(filledIn(operation, { path: "", key: undefined })).toBe(operation);
  expect(filledIn(operation, undefined)).toBe(operation);
  expect(filledIn(operation, { key: "number" })).toMatchObject({ documentKey: "number" });
  expect(operation).toEqual(before);
});

test("no config reaches a prototype by its name", () => {
  expect(filledIn({ config: { properties: { evil: { "x-fills": "/request/__proto__" } } } }, { evil: "x" })).not.toHaveProperty(
    "request",
  );
});

test("a statement is filled in within the list it stands in", () => {
  const sql = { ...operation, request: { statements: [{ statement: "select 1", each: true }] } };
  expect(filledIn(sql, { statement: "select 2" }).request.statements).toEqual([{ statement: "select 2", each: true }]);
});

test("a setting of another format fills nothing, until that format is chosen", () => {
  const properties = {
    format: { type: "string", default: "json", "x-fills": "/request/encode/type" },
    delimiter: { type: "string", "x-when": { format: ["csv"] }, "x-fills": "/request/encode/delimiter" },
  };
  const written = (config: Record<string, unknown>) =>
    filledIn({ config: { properties }, request: { encode: { type: "json" } } }, config).request.encode;
  expect(written({ delimiter: ";" })).toEqual({ type: "json" });
  expect(written({ format: "tsv", delimiter: ";" })).toEqual({ type: "tsv" });
  expect(written({ format: "csv", delimiter: ";" })).toEqual({ type: "csv", delimiter: ";" });
});
