import { buildCatalog } from "./built.ts";

await buildCatalog();
