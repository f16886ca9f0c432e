import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalog } from "#nodes/catalog.ts";
import { messageSignature } from "#nodes/connector/auth/messageSignature.ts";
import type { Connector } from "#schemas/connector.ts";
import { Ledger } from "./ledger.ts";
import { Simulator } from "./simulator.ts";

const keyOf = (): string => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");
const own = { signingKey: keyOf(), signingKeyJwe: "header.key.iv.text.tag" };

let folder: string;
let ebay: Connector;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-signed-"));
  const { catalog } = await loadCatalog(new URL("../../", import.meta.url).pathname);
  ebay = catalog.connectors.ebay as Connector;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What eBay answers a seller that asks for payouts; the request is changed on its way. */
async function ask(
  registeredIn: string,
  secrets: Record<string, string>,
  { now = new Date(), path = "/sell/finances/v1/payout" } = {},
) {
  const config = { sellerId: "northwind", registeredIn };
  const connector: Connector = { ...ebay, auth: { type: "none" } };
  const simulator = new Simulator({ name: "ebay", connector, config, secrets: own }, (name) => Ledger.open(join(folder, name)));
  const url = `https://apiz.ebay.com${path}?limit=200`;
  if (!ebay.messageSignature) throw new Error("eBay's connector signs nothing.");
  const headers = await messageSignature(
    ebay.messageSignature,
    { config, secrets },
    { method: "GET", url, headers: {}, body: null },
    now,
  );
  const asked = { method: "GET", url: url.replace(path, "/sell/finances/v1/payout"), path: "/sell/finances/v1/payout" };
  const { status, body } = await simulator.answer({ ...asked, query: { limit: "200" }, headers, body: "" });
  const [error] = (body as { errors?: { errorId: number }[] }).errors ?? [];
  return [status, error?.errorId];
}

describe("eBay's finances of a seller in the EU or the UK", () => {
  const refused = [403, 215120];

  it("are for whoever signs with the seller's key", async () => {
    expect(await ask("eu-uk", own)).toEqual([200, undefined]);
  });

  it("are not for whoever signs nothing, with another key, with another's proof, something else, or long ago", async () => {
    expect(await ask("eu-uk", {})).toEqual(refused);
    expect(await ask("eu-uk", { ...own, signingKey: keyOf() })).toEqual(refused);
    expect(await ask("eu-uk", { ...own, signingKeyJwe: "another" })).toEqual(refused);
    expect(await ask("eu-uk", own, { path: "/sell/finances/v1/transaction" })).toEqual(refused);
    for (const off of [-301_000, 302_000]) expect(await ask("eu-uk", own, { now: new Date(Date.now() + off) })).toEqual(refused);
    expect(await ask("eu-uk", own, { now: new Date(Date.now() - 290_000) })).toEqual([200, undefined]);
  });

  it("are for a seller elsewhere without any", async () => {
    expect(await ask("elsewhere", {})).toEqual([200, undefined]);
  });
});
