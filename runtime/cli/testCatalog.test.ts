import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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

  it("knows a refusal by its very document, and says which one does not happen any more", async () => {
    const path = join(root, "nodes/connectors/canonical.json");
    const fixtures = join(root, "fixtures");
    await mkdir(join(fixtures, "etsy"), { recursive: true });
    const order = { ...JSON.parse(await readFile(join(root, "nodes/connectors/samples/etsy.receiptsChanged.us.json"), "utf8")) };
    for (const [name, receipt] of [
      ["good.json", order],
      ["broken.json", { ...order, grandtotal: { ...order.grandtotal, amount: 1 } }],
      ["alike.json", { ...order, grandtotal: { ...order.grandtotal, amount: 1 } }],
    ]) {
      await writeFile(join(fixtures, "etsy", name), JSON.stringify(receipt));
    }
    const entries = JSON.parse(await readFile(path, "utf8")) as { mapping: string; fixtures?: unknown }[];
    const refusal = { id: String(order.receipt_id), path: "/totals/grand", why: "a total of one cent" };
    await writeFile(
      path,
      JSON.stringify(
        entries.map((entry) =>
          entry.mapping !== "etsy.order.jsonata"
            ? { ...entry, fixtures: [] }
            : {
                ...entry,
                fixtures: [
                  {
                    files: ["etsy/*.json"],
                    documents: "[$.{ 'file': file, 'documents': [body] }]",
                    refused: [{ ...refusal, files: ["etsy/good.json", "etsy/broken.json"] }],
                  },
                ],
              },
        ),
      ),
    );
    const { json } = await testCatalog(ioOf(root), fixtures);
    const { documents } = json as { documents: DocumentResult[] };
    const states = documents.filter(({ file }) => file.startsWith("etsy/")).map(({ file, state }) => `${file} ${state}`);
    expect(states.sort()).toEqual([
      "etsy/alike.json failed",
      "etsy/broken.json refused",
      "etsy/good.json failed",
      "etsy/good.json valid",
    ]);
  });

  it("takes no folder that is not there", async () => {
    await expect(testCatalog(ioOf(root), "nowhere")).rejects.toThrow("The folder nowhere does not exist.");
  });
});
