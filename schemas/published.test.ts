import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { schemaFiles } from "./published.ts";
import { validFlow } from "./sampleFlow.fixture.ts";
import { checkAgainst } from "./validate/schemaFaults.ts";

const folder = new URL("./", import.meta.url);
const files = Object.entries(schemaFiles());

test("there is a file for each definition and no other", () => {
  const there = readdirSync(folder).filter((name) => name.endsWith(".schema.json"));
  expect(there.sort()).toEqual(files.map(([name]) => name).sort());
});

test.each(files)("%s is what `npm run generate` writes", (name, text) => {
  expect(readFileSync(new URL(name, folder), "utf8")).toBe(text);
});

test("a file alone, without our code, tells a sound flow from a broken one", () => {
  const schema: object = JSON.parse(readFileSync(new URL("flow.schema.json", folder), "utf8"));
  expect(checkAgainst(schema, validFlow())).toEqual({ ok: true, faults: [] });
  expect(checkAgainst(schema, { ...validFlow(), id: "No Id" })).toMatchObject({ faults: [{ pointer: "/id" }] });
});
