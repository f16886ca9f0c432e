import { expect, test } from "vitest";
import { presets, settingsOf } from "./settings.ts";

const schema = {
  required: ["url", "key"],
  properties: {
    url: { type: "string", title: "Address", default: "https://book.example" },
    retries: { type: "integer" },
    region: { enum: ["eu", "us"] },
    strict: { type: "boolean" },
    map: { type: "object" },
    key: { type: "string", "x-secret": true },
  },
};

test("a field for each setting, of the kind that its schema says", () => {
  expect(settingsOf(schema).map(({ name, title, type, required, secret }) => [name, title, type, required, secret])).toEqual([
    ["url", "Address", "text", true, false],
    ["retries", "retries", "number", false, false],
    ["region", "region", "choice", false, false],
    ["strict", "strict", "switch", false, false],
    ["map", "map", "json", false, false],
    ["key", "key", "text", true, true],
  ]);
  expect(presets(settingsOf(schema))).toEqual({ url: "https://book.example" });
  expect(settingsOf(undefined)).toEqual([]);
});
