// Writes the files that are made from definitions: the JSON Schemas and the guide to the systems. Run by `npm run generate`.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadCatalog } from "../nodes/catalog.ts";
import { systemsPage } from "../nodes/connector/systemsPage.ts";
import { schemaFiles } from "../schemas/published.ts";
import { root } from "./paths.mjs";

const schemas = Object.entries(schemaFiles()).map(([name, text]) => [`schemas/${name}`, text]);
const { catalog } = await loadCatalog(root);
for (const [file, text] of [...schemas, ["docs/systems.md", systemsPage(Object.values(catalog.connectors))]]) {
  writeFileSync(join(root, file), text);
  console.log(file);
}
