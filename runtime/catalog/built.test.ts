import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loadCatalog } from "#nodes/catalog.ts";
import { fromRoot } from "../root.ts";
import { buildCatalog, builtCatalog } from "./built.ts";

let folder = "";
const built = () => join(folder, "catalog.json");
const shopify = () => join(folder, "nodes/connectors/shopify.connector.json");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "orderloom-catalog-"));
  await cp(fromRoot("nodes"), join(folder, "nodes"), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("is what reading and checking every file gives", async () => {
  await buildCatalog(folder, built());
  expect(JSON.parse(await readFile(built(), "utf8"))).toMatchObject(JSON.parse(JSON.stringify(await loadCatalog(folder))));
});

it("is taken as the build left it while no file has changed, and read anew when one has", async () => {
  await buildCatalog(folder, built());
  const left = JSON.parse(await readFile(built(), "utf8"));
  left.catalog.connectors = {};
  await writeFile(built(), JSON.stringify(left));
  expect((await builtCatalog(folder, built())).catalog.connectors).toEqual({});

  await writeFile(shopify(), "{");
  const { catalog, problems } = await builtCatalog(folder, built());
  expect(Object.keys(catalog.connectors)).toContain("netsuite");
  expect(problems.map(({ file }) => file)).toEqual(["nodes/connectors/shopify.connector.json"]);
});

it("is read from its files where no build has left it, or only half of it", async () => {
  expect(Object.keys((await builtCatalog(folder, built())).catalog.connectors)).toContain("shopify");
  await writeFile(built(), '{"print": "');
  expect(Object.keys((await builtCatalog(folder, built())).catalog.connectors)).toContain("shopify");
});
