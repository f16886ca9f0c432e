import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { addAll, compare } from "#schemas/decimal.ts";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import type { Marketplace } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { type Exchange, operationOf } from "./operation.fixture.ts";

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
