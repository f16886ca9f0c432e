import { expect, it } from "vitest";
import type { Connector } from "#schemas/connector.ts";
import { makeLock } from "./lock.ts";
import { lockAge } from "./lockAge.ts";
import { bookConnector, sampleCatalog, sampleFlow } from "./sample.fixture.ts";

const lock = makeLock(sampleFlow, sampleCatalog);
const day = new Date("2027-01-01");
const installed = (book: Partial<Connector>) => ({
  ...sampleCatalog,
  connectors: { ...sampleCatalog.connectors, book: { ...bookConnector, ...book } as Connector },
});
const codes = (catalog: typeof sampleCatalog, made = lock) => lockAge(made, catalog, day).map(({ code }) => code);

it("says nothing of a version whose parts are all in use", () => {
  expect(codes(sampleCatalog)).toEqual([]);
  expect(codes({ ...sampleCatalog, connectors: {}, manifests: {} })).toEqual([]);
});

it.each([
  ["1.0.0", "1.0.0", true],
  ["1.9.0", "1.10.0", true],
  ["1.10.0", "1.9.0", false],
  ["2.0.0", "1.10.0", false],
])("a version made with %s, where all up to %s are deprecated: %s", (version, deprecates, old) => {
  const made = { ...lock, connectors: { ...lock.connectors, book: { ...bookConnector, version } } };
  const catalog = installed({ version: "2.0.0", lifecycle: { state: "live", deprecates } });
  expect(codes(catalog, made)).toEqual(old ? ["connector.deprecatedVersion"] : []);
  if (old)
    expect(lockAge(made, catalog, day)[0]).toMatchObject({
      severity: "warning",
      message: expect.stringContaining(`${version}; version 2.0.0 deprecates all up to ${deprecates}`),
      hint: expect.stringMatching(/^Publish the draft again: it takes .* 2\.0\.0\./),
    });
});

it("looks at the API of the connector that it was made with, not of the installed one", () => {
  const made = {
    ...lock,
    connectors: { ...lock.connectors, book: { ...bookConnector, lifecycle: { state: "live" as const, sunset: "2026-12-31" } } },
  };
  expect(codes(installed({ lifecycle: { state: "live" } }), made)).toEqual(["connector.sunset"]);
  expect(codes(installed({ lifecycle: { state: "live", sunset: "2026-12-31" } }))).toEqual([]);
});

it("names a deprecated connector, and an operation that another one stands for by now", () => {
  expect(codes(installed({ lifecycle: { state: "deprecated" } }))).toEqual(["connector.deprecated"]);
  const find = sampleCatalog.manifests["book.find"];
  if (!find) throw new Error("The sample has no book.find.");
  const manifests = { ...sampleCatalog.manifests, "book.find": { ...find, lifecycle: { replacedBy: "book.look" } } };
  expect(lockAge(lock, { ...sampleCatalog, manifests }, day)).toMatchObject([
    { code: "node.deprecated", hint: expect.stringContaining("Use book.look in its place") },
  ]);
});
