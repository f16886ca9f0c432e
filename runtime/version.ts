import { readFileSync } from "node:fs";
import { fromRoot } from "./root.ts";

/** The version of this installation, as its package.json has it. */
export const version = (JSON.parse(readFileSync(fromRoot("package.json"), "utf8")) as { version: string }).version;
