import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import { loadCatalog } from "../catalog.ts";
import { destinations, secretsElsewhere } from "./destinations.ts";

let connectors: Record<string, Connector>;
beforeAll(async () => {
  const { catalog } = await loadCatalog(fileURLToPath(new URL("../../", import.meta.url)));
  connectors = catalog.connectors;
});

interface Property {
  type?: string;
  enum?: unknown[];
  "x-secret"?: boolean;
}

const propertiesOf = ({ connection }: Connector) => Object.entries((connection.properties ?? {}) as Record<string, Property>);

/** What a connection holds whose every setting is filled in, and what it would with one of them changed. */
const one = (name: string, { type, enum: choices }: Property): unknown =>
  choices ? choices[0] : type === "integer" ? 10 : /url/i.test(name) ? `https://${name.toLowerCase()}.example` : "one.example";
const other = (value: unknown): unknown =>
  typeof value === "number" ? value + 1 : /^https:/.test(String(value)) ? "https://thief.example" : "thief.example/";

/** The settings by whose change alone a connection would send its secrets elsewhere. */
function movers(connector: Connector): string[] {
  const open = propertiesOf(connector).filter(([, { "x-secret": secret }]) => secret !== true);
  const config = Object.fromEntries(open.map(([name, property]) => [name, one(name, property)]));
  const before = destinations(connector, config).join();
  return open.flatMap(([name, { enum: choices }]) => {
    const changed = { ...config, [name]: choices?.at(-1) ?? other(config[name]) };
    return destinations(connector, changed).join() === before ? [] : [name];
  });
}

describe("where secrets go", () => {
  it("is decided, of every connector that has some, by these settings", () => {
    const sftp = ["host", "port", "hostKey"];
    // Where `baseUrl` stands in the place of several servers, `server` and `region` decide without it.
    const expected: Record<string, string[]> = {
      "amazon-notifications": ["baseUrl", "sellingPartnerUrl", "tokenUrl"],
      "b2b-portal": sftp,
      "business-central": ["baseUrl", "loginUrl"],
      "csv-warehouse": sftp,
      amazon: ["baseUrl", "tokenUrl"],
      edifact: sftp,
      mail: ["host", "port", "tls"],
      service: [],
      sftp,
      sql: ["dialect", "host", "port", "tls"],
      x12: sftp,
    };
    for (const [id, connector] of Object.entries(connectors)) {
      if (!propertiesOf(connector).some(([, { "x-secret": secret }]) => secret === true)) continue;
      expect([id, movers(connector)]).toEqual([id, expected[id] ?? ["baseUrl"]]);
    }
  });

  it("follows the server and the region of a system that has several", () => {
    const { amazon, ebay } = connectors as { amazon: Connector; ebay: Connector };
    const at = (config: object) => destinations(amazon, { region: "eu", ...config });
    expect(at({})).toContain("https://sellingpartnerapi-eu.amazon.com");
    expect(at({ region: "na" })).not.toEqual(at({}));
    expect(at({ region: "x.thief.example/" })).toContain("https://sellingpartnerapi-x.thief.example");
    expect(at({ server: "sandbox" })).not.toEqual(at({}));
    expect(destinations(ebay, {}).sort()).toEqual(["https://api.ebay.com", "https://apiz.ebay.com"]);
  });

  it.each([
    ["https://shop.example.thief.example", true],
    ["https://shop.example@thief.example", true],
    ["http://shop.example", true],
    ["https://shop.example:8443", true],
    ["https://shop.example/v2", false],
    ["https://SHOP.example:443/", false],
  ])("is another host with %s: %s", (baseUrl, elsewhere) => {
    const kept = { config: { baseUrl: "https://shop.example" }, secretNames: ["accessToken", "webhookSecret"] };
    const asked = secretsElsewhere(connectors.shopify as Connector, kept, { config: { baseUrl }, secrets: {} });
    expect(asked !== undefined).toBe(elsewhere);
  });

  it("asks for those that are not given again, empty ones too", () => {
    const kept = { config: { baseUrl: "https://shop.example" }, secretNames: ["accessToken", "webhookSecret"] };
    const given = (secrets: Record<string, string>) =>
      secretsElsewhere(connectors.shopify as Connector, kept, { config: { baseUrl: "https://thief.example" }, secrets });
    expect(given({ accessToken: "a", webhookSecret: "" })).toEqual({
      places: ["https://thief.example"],
      secrets: ["webhookSecret"],
    });
    expect(given({ accessToken: "a", webhookSecret: "b" })).toBeUndefined();
  });
});
