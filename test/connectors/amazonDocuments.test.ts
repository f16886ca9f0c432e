import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { addAll, compare } from "#schemas/decimal.ts";
import { fixturesIn, readJson, runMapping } from "./mapping.fixture.ts";
import type { Marketplace } from "./marketplace.fixture.ts";
import { marketplaces } from "./marketplaces.fixture.ts";
import { type Exchange, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** What Amazon gives and takes as documents rather than as answers. */

const exchange = (file: string): Exchange => readJson(`./samples/${file}`) as Exchange;
const operation = (id: string, name: string) => operationOf(id, name, marketplaces[id] as Marketplace);

describe("Amazon's settlement", () => {
  const settled = (rows: unknown) =>
    runMapping("amazon.settlement.jsonata", rows, {
      source: { node: "x", system: "amazon", account: "A2NORTHWIND00" },
    }) as Promise<Tree & { lines: Tree[] }>;

  it("is read from its flat file, adds up to the deposit, and leaves tax that Amazon keeps at nothing", async () => {
    const { item, answer } = exchange("amazon.downloadSettlement.json");
    const read = await operation("amazon", "downloadSettlement").read(item, { ...answer, last: true });
    if (!read.ok) throw new Error("The sample was not read.");
    const settlement = await settled({ rows: read.result });
    expect(canonicalFaults("canonical/settlement/1", settlement)).toEqual([]);
    expect(settlement).toMatchObject({ settlementId: "18900417", currency: "USD", depositAmount: "152.52" });
    const sum = (...categories: string[]) =>
      addAll(
        settlement.lines.filter(({ category }) => categories.includes(String(category))).map(({ amount }) => String(amount)),
      );
    expect(compare(sum("tax", "tax_withheld"), "0")).toBe(0);
    expect([sum("commission"), sum("advertising"), sum("transfer")]).toEqual(["-32.85", "-12.99", "-152.52"]);
    const short = { ...settlement, lines: settlement.lines.slice(1) };
    expect(canonicalFaults("canonical/settlement/1", short)).toMatchObject([{ code: "settlement.T1", path: "/depositAmount" }]);
  });

  it("is read from Amazon's own excerpts too, whatever marketplace's way of writing dates", async () => {
    for (const { name, text } of fixturesIn("amazon-sp-api/settlement").filter((each) => each.name.startsWith("flat_file_v2"))) {
      const read = await operation("amazon", "downloadSettlement").read({ reportDocumentId: "d" }, { body: text, last: true });
      if (!read.ok) throw new Error(`${name} was not read.`);
      const settlement = await settled(read.result);
      // An excerpt: its rows are fewer than its deposit.
      expect(
        canonicalFaults("canonical/settlement/1", settlement)?.map(({ code }) => code),
        name,
      ).toEqual(["settlement.T1"]);
    }
    const rows = [
      { "settlement-id": "1", "deposit-date": "17.03.2026 06:00:00 UTC", "total-amount": "1847,32", currency: "EUR" },
    ];
    expect(await settled(rows)).toMatchObject({ depositDate: "2026-03-17T06:00:00Z", depositAmount: "1847.32" });
  });
});

describe("Amazon's listings feed", () => {
  const feeds = new Map(fixturesIn("amazon-sp-api/feeds").map(({ name, text }) => [name, JSON.parse(text) as object]));
  const schema = feeds.get("listings-feed-schema-v2.json");

  it.skipIf(schema === undefined)("is as its official schema says, message by message, and another is not", async () => {
    // Drafts 4 and 7; the schema of one message is named by its address.
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
    const judge = ajv.compile(schema as object);
    const judgeMessage = ajv.compile(feeds.get("listings-feed-message-schema-v2.json") as object);
    const { item } = exchange("amazon.setQuantities.json");
    const { connection } = { connection: marketplaces.amazon?.config };
    const feed = (await runMapping("amazon.listingsFeed.jsonata", item, { connection })) as {
      header: object;
      messages: object[];
    };
    expect([judge(feed), judge.errors]).toEqual([true, null]);
    expect(feed.messages.length).toBeGreaterThan(1);
    for (const message of feed.messages) expect([judgeMessage(message), judgeMessage.errors]).toEqual([true, null]);
    expect(judge({ ...feed, header: {} })).toBe(false);
    expect(judgeMessage({ ...feed.messages[0], operationType: "REPLACE" })).toBe(false);
  });
});

it("a feed of which Amazon refused more messages than it names is not taken for done", async () => {
  const { item } = exchange("amazon.setQuantities.json");
  const { read } = operation("amazon", "setQuantities");
  const report = (messagesInvalid: number, ...issues: object[]) =>
    read(item, { status: 200, last: true, body: JSON.stringify({ summary: { messagesProcessed: 2, messagesInvalid }, issues }) });
  const issue = { messageId: 1, severity: "ERROR", sku: "MUG", message: "No." };
  expect(await report(0)).toMatchObject({ ok: true });
  // Its quantity is no part of its key: a person may correct it and try again.
  const refused = [{ class: "rejected", call: { documentKey: "B-417:NW-TENT-2P" } }];
  expect(await report(1, issue)).toMatchObject({ ok: true, refused });
  expect(await report(2, issue)).toMatchObject({
    ok: false,
    class: "rejected",
    reason: { message: expect.stringContaining("refused 2 messages") },
  });
});
