import fc from "fast-check";
import { expect, it } from "vitest";
import { ownAddress } from "./ownAddress.ts";

it("keeps addresses below our own", () => {
  expect(ownAddress("/dev/flows/a?node=b#c")).toBe("/dev/flows/a?node=b#c");
});

it.each([null, "", "dev", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/.//evil.example"])(
  "leads nowhere else: %j",
  (to) => {
    expect(ownAddress(to)).toBe("/");
  },
);

it("never leaves the server, whatever it is given", () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("/", "/\\", "//", "/\t", "/./", "/..//"), (rest, start) => {
      expect(new URL(ownAddress(start + rest), "http://own.example").origin).toBe("http://own.example");
    }),
  );
});
