import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import type { ConnectorResult } from "./connectorSamples.ts";
import type { DocumentResult } from "./documents.ts";
import type { Io } from "./output.ts";
import { testCatalog } from "./testCatalog.ts";

const ioOf = (root: string): Io => ({ out: () => {}, err: () => {}, cwd: root, root, readStdin: async () => "" });

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "orderloom-catalog-"));
  await cp(fromRoot("nodes"), join(root, "nodes"), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

describe("test, without a file", () => {
  it("finds every sample good, and every document valid or refused for its documented reason", async () => {
    const { ok, json, text } = await testCatalog(ioOf(fromRoot(".")), undefined);
    expect(text.split("\n").filter((line) => line.includes("FAILED"))).toEqual([]);
    expect(ok).toBe(true);
    const { connectors, documents } = json as { connectors: ConnectorResult[]; documents: DocumentResult[] };
    expect(connectors.length).toBeGreaterThan(30);
    expect(documents.filter(({ state }) => state === "valid").length).toBeGreaterThan(25);
  });

  it("says which sample is no request any more, and which total is a cent off, and fails", async () => {
    const samples = join(root, "nodes/connectors/samples");
    const portal = join(samples, "b2b-portal.ordersArrived.json");
    await writeFile(portal, (await readFile(portal, "utf8")).replaceAll("2082.70", "2082.71"));
    await writeFile(
      join(samples, "slack.post.json"),
      JSON.stringify({ item: {}, answer: { status: 404, headers: {}, body: "no_service" } }),
    );
    const { ok, text } = await testCatalog(ioOf(root), undefined);
    expect(ok).toBe(false);
    expect(text).toMatch(/^slack\/slack\.post\.json: The document has no key/m);
    expect(text).toMatch(/b2b-portal\.ordersArrived\.json B2B-1017: .* make 2082\.7.*, but the grand total says 2082\.71/);
    expect(text).toMatch(/^FAILED {2}slack/m);
    expect(text).toContain("--fixtures");
  });

  it("takes no folder that is not there", async () => {
    await expect(testCatalog(ioOf(root), "nowhere")).rejects.toThrow("The folder nowhere does not exist.");
  });
});
