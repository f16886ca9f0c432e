import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { addAll, compare } from "#schemas/decimal.ts";
import { judgeBy } from "./description.fixture.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import type { Marketplace } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { connectorOf, type Exchange, operationOf, sent } from "./operation.fixture.ts";
import { Simulated } from "./simulatorAspect.fixture.ts";

type Tree = Record<string, unknown>;

/** What Walmart gives and takes as documents rather than as answers. */

const exchange = (file: string): Exchange => readJson(`./samples/${file}`) as Exchange;
const operation = (name: string) => operationOf("walmart", name, marketplaces.walmart as Marketplace);

describe("Walmart's settlement", () => {
  const settled = (rows: unknown, reportDate?: string) =>
    runMapping(
      "walmart.settlement.jsonata",
      { rows, ...(reportDate ? { reportDate } : {}) },
      {
        source: { node: "x", system: "walmart", account: "10001234567" },
      },
    ) as Promise<Tree & { lines: Tree[] }>;
  const rowsOf = async (): Promise<Tree[]> => {
    const { item, answer } = exchange("walmart.downloadSettlement.json");
    const read = await operation("downloadSettlement").read(item, answer);
    if (!read.ok) throw new Error("The sample was not read.");
    return read.result as Tree[];
  };

  it("is read from its report, adds up to the deposit, and leaves tax that Walmart keeps at nothing", async () => {
    const rows = await rowsOf();
    const settlement = await settled(rows, "11242026");
    expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
    expect(settlement).toMatchObject({
      settlementId: "2026-11-24",
      periodStart: "2026-11-01T00:00:00Z",
      periodEnd: "2026-11-14T00:00:00Z",
      depositDate: "2026-11-24T00:00:00Z",
      currency: "USD",
      depositAmount: "166.08",
    });
    const sum = (...categories: string[]) =>
      addAll(
        settlement.lines.filter(({ category }) => categories.includes(String(category))).map(({ amount }) => String(amount)),
      );
    expect(compare(sum("tax", "tax_withheld"), "0")).toBe(0);
    expect(
      ["principal", "shipping", "commission", "refund_commission", "shipping_label", "advertising", "reimbursement"].map((each) =>
        sum(each),
      ),
    ).toEqual(["195.00", "9.95", "-34.34", "3.60", "-8.23", "-10.00", "10.10"]);
    expect(settlement.lines[0]).toMatchObject({ orderRef: "108900417000001", lineId: "1", sku: "NW-TENT-2P", quantity: 1 });
    for (let lost = 1; lost < rows.length; lost++) {
      const short = await settled(rows.toSpliced(lost, 1));
      expect(canonicalFaults("canonical/settlement/1", short)).toMatchObject([{ code: "settlement.T1", path: "/depositAmount" }]);
    }
  });

  it("without the row that says what is paid out is no settlement", async () => {
    const rows = await rowsOf();
    const paths = canonicalFaults("canonical/settlement/1", await settled(rows.slice(1), "11242026"))?.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["/depositAmount", "/currency"]));
  });

  it("that a spreadsheet has spoilt is refused", async () => {
    const [summary, first] = await rowsOf();
    await expect(settled([summary, { ...first, "Purchase Order #": "1.08901E+14" }])).rejects.toMatchObject({
      message: expect.stringContaining("has the id 1.08901E+14: a spreadsheet has cut it"),
    });
  });

  const real = fixturesIn("walmart/recon");
  it.skipIf(real.length === 0)(
    "is read from real rows, as file and as JSON: they add up to what is said to be paid for them",
    async () => {
      const text = real.find(({ name }) => name === "recon_v1.real_rows.tsv")?.text.trim() ?? "";
      const [head = [], ...lines] = text.split("\n").map((line) => line.split("\t"));
      const rows = lines.map((line) => Object.fromEntries(head.map((name, at) => [name, line[at]])));
      const amount = addAll(rows.map((row) => String(row.Amount)));
      const summary = {
        "Transaction Type": "PaymentSummary",
        "Total Payable": `$${amount}`,
        Currency: "USD",
        "Period End Date": "5/5/2026",
      };
      const settlement = await settled([summary, ...rows]);
      expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
      expect(settlement).toMatchObject({ settlementId: "2026-05-05", depositAmount: "32.30" });
      expect(settlement.lines.map(({ category }) => category)).toEqual(
        Array(2).fill(["principal", "commission", "shipping_label"]).flat(),
      );
      const json = JSON.parse(real.find(({ name }) => name === "reconFileJson.v1.json")?.text ?? "[]") as Tree[];
      // An excerpt: its one row is not its deposit.
      expect(canonicalFaults("canonical/settlement/1", await settled(json))).toMatchObject([{ code: "settlement.T1" }]);
    },
  );
});

describe("Walmart's inventory feed", () => {
  const { item } = exchange("walmart.setQuantities.json");
  const fileOf = (body: unknown): Tree =>
    JSON.parse(/\r\n\r\n(.*)\r\n--orderloom-feed--\r\n$/s.exec(String(body))?.[1] ?? "") as Tree;
  const many = (count: number) => ({ items: Array.from({ length: count }, (_, at) => ({ sku: `SKU-${at}`, quantity: at - 1 })) });

  const examples = fixturesIn("walmart/examples").filter(({ name }) => name === "us.updateBulkInventory.request.json1.json");
  it.skipIf(examples.length === 0)("is as Walmart's own example: the same fields at the same places", async () => {
    const { request } = await operation("setQuantities").render(item);
    expect(request.headers["content-type"]).toBe("multipart/form-data; boundary=orderloom-feed");
    const example = JSON.parse(examples[0]?.text ?? "") as { InventoryHeader: Tree; Inventory: Tree[] };
    const filled = example.Inventory.map((each, at) => {
      const { sku, available } = (item as { items: Tree[] }).items[at] as Tree;
      return { ...each, sku, quantity: { ...(each.quantity as Tree), amount: available } };
    });
    expect(fileOf(request.body)).toEqual({ ...example, Inventory: filled });
  });

  it("tells of each SKU what became of it, also of the 51st and those after it", async () => {
    const connector = connectorOf("walmart");
    const known = connectionOf(connector);
    const folder = await mkdtemp(join(tmpdir(), "orderloom-walmart-"));
    const system = new Simulated(connector, known, folder);
    const { render, read } = operationOf(connector, "setQuantities", known);
    const batch = many(120);
    const bad = [7, 60, 119];
    for (const at of bad) (batch.items[at] as { sku: string }).sku = `UNKNOWN-${at}`;
    let { request } = await render(batch);
    expect((fileOf(request.body).Inventory as Tree[])[0]).toEqual({ sku: "SKU-0", quantity: { unit: "EACH", amount: 0 } });
    const judge = examples.length > 0 ? await judgeBy({ file: "walmart/openapi/us.feeds.json", root: "/" }) : undefined;
    let before: unknown[] | undefined;
    for (let asked = 0; ; asked++) {
      const answer = await system.answer(request);
      if (asked > 0) {
        expect(judge?.request(await sent(connector, known, request)) ?? []).toEqual([]);
        expect(judge?.answer(await sent(connector, known, request), 200, JSON.parse(answer.body)) ?? []).toEqual([]);
      }
      const told = await read(batch, answer, "request", before);
      if (!told.ok) throw new Error(told.reason.message);
      if (told.next) {
        ({ request, before } = told.next);
        continue;
      }
      expect(told.refused).toHaveLength(bad.length);
      const { refused } = told.result as { refused: unknown };
      expect(refused).toMatchObject(bad.map((at) => ({ class: "rejected", place: at, key: `UNKNOWN-${at}` })));
      expect(told.result).toMatchObject({ answer: { itemsReceived: 120, itemsSucceeded: 117, itemsFailed: 3 } });
      expect(asked).toBe(7);
      break;
    }
    await system.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("waits while Walmart works on it, tries again what only its system failed, and takes no feed that cannot be read for done", async () => {
    const { read } = operation("setQuantities");
    const status = (body: Tree) => ({ status: 200, body: JSON.stringify({ feedId: "F@1", ...body }) });
    const waiting = await read(item, status({ feedStatus: "INPROGRESS" }), "request", [{ feedId: "F@1" }]);
    expect(waiting).toMatchObject({ ok: false, again: expect.anything() });
    const error = await read(item, status({ feedStatus: "ERROR" }), "request", [{ feedId: "F@1" }]);
    expect(error).toMatchObject({ ok: false, class: "rejected", reason: { message: expect.stringContaining("F@1") } });
    const pages = [
      { feedId: "F@1" },
      {
        items: [
          { sku: "NW-TENT-2P", ingestionStatus: "SUCCESS" },
          { sku: "NW-MUG-H", ingestionStatus: "TIMEOUT_ERROR" },
        ],
      },
    ];
    const last = await read(item, status({ feedStatus: "PROCESSED", itemDetails: {} }), "request", [
      ...pages,
      {},
      {},
      {},
      {},
      {},
    ]);
    expect(last).toMatchObject({ ok: true, result: { refused: [{ class: "transient", place: 1, key: "NW-MUG-H" }] } });
  });

  it("of more SKUs than its report is read for is not sent", async () => {
    const { render } = operation("setQuantities");
    expect((fileOf((await render(many(350))).request.body).Inventory as Tree[]).length).toBe(350);
    await expect(render(many(351))).rejects.toMatchObject({ message: expect.stringContaining("send Walmart 350 at most") });
  });
});
