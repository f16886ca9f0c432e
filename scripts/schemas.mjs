// Writes the JSON Schema files of `schemas/` from their definitions. Run by `npm run schemas`.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { schemaFiles } from "../schemas/published.ts";

for (const [name, text] of Object.entries(schemaFiles())) {
  writeFileSync(fileURLToPath(new URL(`../schemas/${name}`, import.meta.url)), text);
  console.log(`schemas/${name}`);
}
