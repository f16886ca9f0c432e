import { expect, it } from "vitest";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { ageOf } from "./lifecycle.ts";

const manifest = (lifecycle?: NodeManifest["lifecycle"]) => ({ ...(lifecycle ? { lifecycle } : {}) }) as NodeManifest;
const connector = (lifecycle: ConnectorSummary["lifecycle"]) => ({ lifecycle }) as ConnectorSummary;
const day = new Date("2027-01-01");

it.each([
  ["nothing that is known", manifest(), undefined, undefined],
  ["a live connector", manifest({ apiVersion: "v2" }), connector({ state: "live", sunset: "2029-01-01" }), undefined],
  ["a deprecated connector", manifest(), connector({ state: "deprecated" }), "deprecated"],
  ["an operation that another stands for", manifest({ replacedBy: "shop.orders" }), connector({ state: "live" }), "deprecated"],
  ["an API that ends within the half year", manifest(), connector({ state: "live", sunset: "2027-05-01" }), "ends"],
  ["an operation whose own API has ended", manifest({ sunset: "2026-05-01" }), connector({ state: "live" }), "ended"],
])("of %s", (_what, type, system, age) => expect(ageOf(type, system, day)).toBe(age));
