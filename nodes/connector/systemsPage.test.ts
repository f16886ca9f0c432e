import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { loadCatalog } from "#nodes/catalog.ts";
import { systemsPage } from "./systemsPage.ts";

const root = new URL("../../", import.meta.url);

it("docs/systems.md is what `npm run generate` writes, and leads to the page of every connector", async () => {
  const connectors = Object.values((await loadCatalog(root.pathname)).catalog.connectors);
  const page = readFileSync(new URL("docs/systems.md", root), "utf8");
  expect(page).toBe(systemsPage(connectors));
  for (const { id } of connectors) {
    expect(page).toContain(`(../nodes/connectors/${id}.README.md)`);
    expect(readFileSync(new URL(`nodes/connectors/${id}.README.md`, root), "utf8")).toMatch(/^# /);
  }
});

it("says which simulated system enforces a rate, and which knows none", async () => {
  const { connectors } = (await loadCatalog(root.pathname)).catalog;
  const rowOf = (id: string) =>
    systemsPage(Object.values(connectors))
      .split("\n")
      .find((line) => line.includes(`/${id}.README.md`));
  for (const id of ["amazon", "shopify", "netsuite", "walmart"]) expect(rowOf(id)).toMatch(/with its rates +\|$/);
  for (const id of ["odoo", "woocommerce", "tryton"]) expect(rowOf(id)).toMatch(/\| yes +\|$/);
  expect(rowOf("sql")).toMatch(/\| +\|$/);
});

it("says of what is deprecated, or ends, that it does", async () => {
  const { amazon } = (await loadCatalog(root.pathname)).catalog.connectors;
  if (!amazon) throw new Error("There is no Amazon.");
  expect(systemsPage([amazon])).toContain("Orders changed, Orders changed (v0) _(deprecated)_,");
  const ending = { ...amazon, lifecycle: { ...amazon.lifecycle, state: "deprecated" as const, sunset: "2027-03-31" } };
  expect(systemsPage([ending])).toContain("| 2026-01-01, until 2027-03-31, deprecated |");
});
