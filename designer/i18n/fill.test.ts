import { expect, it } from "vitest";
import { fill } from "./fill.ts";

it("puts names into the places of a sentence, as they are", () => {
  expect(fill("From {{from}} to {{to}}", { from: "{{to}} & $1", to: "ERP" })).toBe("From {{to}} & $1 to ERP");
});
