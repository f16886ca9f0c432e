import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import { connectionFaults } from "./connectionFaults.ts";

const connector = {
  title: "Book",
  connection: {
    type: "object",
    additionalProperties: false,
    required: ["baseUrl", "key"],
    properties: {
      baseUrl: { type: "string", format: "uri" },
      key: { type: "string", minLength: 4, "x-secret": true },
    },
  },
} as unknown as Connector;

const faults = (config: Record<string, unknown>, secrets: Record<string, string>, secretNames: string[] = []) =>
  connectionFaults(connector, { config, secrets, secretNames });

describe("a connection as it is given", () => {
  test("is well with all that its connector asks for", () => {
    expect(faults({ baseUrl: "https://book.example" }, { key: "12345" })).toEqual([]);
  });

  test("need not bring a secret that it has already", () => {
    expect(faults({ baseUrl: "https://book.example" }, {})).toHaveLength(1);
    expect(faults({ baseUrl: "https://book.example" }, {}, ["key"])).toEqual([]);
  });

  test("keeps secrets out of its settings and out of what is said of them", () => {
    expect(faults({ baseUrl: "https://book.example", key: "12345" }, {})).toEqual([
      "key is a secret; give it among the secrets.",
    ]);
    expect(faults({ baseUrl: "https://book.example" }, { key: "abc" }).join()).not.toContain("abc");
    expect(faults({ baseUrl: "https://book.example" }, { other: "abcd" })).toEqual(["Book has no secret other."]);
  });

  test("needs what one of its settings asks for besides, and is told so before anything is sent", () => {
    const ebay = JSON.parse(readFileSync(new URL("../connectors/ebay.connector.json", import.meta.url), "utf8")) as Connector;
    const given = (registeredIn: string | undefined, secretNames: string[] = [], more: Record<string, string> = {}) =>
      connectionFaults(ebay, {
        config: { sellerId: "northwind", ...(registeredIn ? { registeredIn } : {}) },
        secrets: { clientId: "a", clientSecret: "b", refreshToken: "c", ...more },
        secretNames,
      });
    expect([given(undefined), given("elsewhere")]).toEqual([[], []]);
    expect(given("eu-uk")).toEqual([expect.stringContaining("signingKey"), expect.stringContaining("signingKeyJwe")]);
    expect(given("eu-uk", ["signingKey"])).toEqual([expect.stringContaining("signingKeyJwe")]);
    expect(given("eu-uk", ["signingKey"], { signingKeyJwe: "jwe" })).toEqual([]);
    expect(given("eu-uk", ["signingKey", "signingKeyJwe"])).toEqual([]);
  });

  test("says which setting is wrong", () => {
    expect(faults({ baseUrl: 3 }, { key: "12345" })[0]).toMatch(/^baseUrl must be text/);
  });
});
