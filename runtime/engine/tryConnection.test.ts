import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { OpenConnection } from "#runtime/store/connections.ts";
import type { Connector } from "#schemas/connector.ts";
import { tryConnection } from "./tryConnection.ts";

const ebay = JSON.parse(
  readFileSync(new URL("../../nodes/connectors/ebay.connector.json", import.meta.url), "utf8"),
) as Connector;

it("says what a connection lacks before the system is asked, which would only refuse it", async () => {
  let asked = 0;
  const perform = async () => {
    asked += 1;
    return { ok: true as const, response: { status: 200, headers: {}, body: "{}" } };
  };
  const parts = { http: { perform }, evaluators: { expression: async () => undefined } };
  const tried = (secrets: Record<string, string>) =>
    tryConnection(parts as never, ebay, {
      config: { sellerId: "northwind", registeredIn: "eu-uk" },
      secrets: { clientId: "a", clientSecret: "b", refreshToken: "c", ...secrets },
    } as unknown as OpenConnection);
  expect(await tried({ signingKey: "key" })).toEqual({
    outcome: "failed",
    message: expect.stringContaining("signingKeyJwe"),
    hint: expect.stringContaining("settings of the connection"),
    status: null,
    ms: null,
  });
  expect(asked).toBe(0);
  expect(await tried({ signingKey: "key", signingKeyJwe: "jwe" })).toMatchObject({ outcome: "passed" });
});
