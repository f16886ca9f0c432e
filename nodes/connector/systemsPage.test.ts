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
