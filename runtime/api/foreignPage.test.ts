import { expect, it } from "vitest";
import { isForeignPage } from "./foreignPage.ts";

const host = "orders.example.com";
const post = (headers: Record<string, string>) => isForeignPage({ method: "POST", headers: { host, ...headers } }, undefined);

it.each<[string, Record<string, string>, boolean]>([
  ["our own page", { "sec-fetch-site": "same-origin", origin: `https://${host}` }, false],
  ["a person who typed the address", { "sec-fetch-site": "none" }, false],
  ["another site", { "sec-fetch-site": "cross-site", origin: "https://evil.example" }, true],
  ["a neighbour on a subdomain", { "sec-fetch-site": "same-site", origin: "https://shop.example.com" }, true],
  ["another port, in a browser that sends no Sec-Fetch-Site", { origin: `https://${host}:8443` }, true],
  ["our own page, in such a browser", { origin: `http://${host}` }, false],
  ["a page without an origin of its own", { origin: "null" }, true],
  ["a program that is no browser", {}, false],
])("a change sent by %s: %o is foreign: %s", (_who, headers, foreign) => {
  expect(post(headers)).toBe(foreign);
});

it("takes the public address for our own, where a proxy names another host", () => {
  const sent = { method: "POST", headers: { host: "10.0.0.7:7400", origin: `https://${host}` } };
  expect(isForeignPage(sent, `https://${host}/`)).toBe(false);
  expect(isForeignPage(sent, undefined)).toBe(true);
});

it("lets everybody read: the answer stays with the page that may have it", () => {
  expect(isForeignPage({ method: "GET", headers: { host, "sec-fetch-site": "cross-site" } }, undefined)).toBe(false);
});
