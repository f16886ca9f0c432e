import { expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import { baseUrl } from "./connection.ts";

const connector = {
  title: "Acme",
  baseUrl: { production: "https://api.acme.example/", sandbox: "https://sandbox.acme.example" },
  baseUrls: { money: { production: "https://money.acme.example/v1/", sandbox: "https://money.sandbox.acme.example" } },
} as unknown as Connector;

it.each([
  [{}, undefined, "https://api.acme.example"],
  [{}, "money", "https://money.acme.example/v1"],
  [{ server: "sandbox" }, "money", "https://money.sandbox.acme.example"],
  [{ baseUrl: "http://127.0.0.1:9/acme" }, undefined, "http://127.0.0.1:9/acme"],
  [{ baseUrl: "http://127.0.0.1:9/acme" }, "money", "http://127.0.0.1:9/acme"],
])("with %j a request below %s goes to %s", (config, base, address) => {
  expect(baseUrl(connector, config, base)).toBe(address);
});

it("makes a further address of the settings, where the first one is a setting too", () => {
  const own = { ...connector, baseUrl: "{{ config.baseUrl }}", baseUrls: { money: "https://{{ config.shop }}.money.example" } };
  expect(baseUrl(own as Connector, { baseUrl: "https://shop.example", shop: "north" }, "money")).toBe(
    "https://north.money.example",
  );
});

it("says which base URL there is none of", () => {
  expect(() => baseUrl(connector, {}, "constructor")).toThrow('The connector Acme has no base URL "constructor".');
});
