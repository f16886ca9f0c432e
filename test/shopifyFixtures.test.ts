import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseLossless, stringify } from "lossless-json";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { type Cluster, startCluster } from "./support/cluster.ts";

const folder = fromRoot("..", "shared", "fixtures", "shopify");
const present = existsSync(folder);
if (!present) console.log("Skipped: Shopify's own orders, because ../shared/fixtures is not there.");

interface Fixture {
  name: string;
  /** The order's JSON text, its numbers as they stand in the file. */
  body: string;
  id: string;
}

/** Every order in Shopify's webhooks and REST answers. */
function fixtures(): Fixture[] {
  const found: Fixture[] = [];
  for (const part of ["webhooks", "rest-2026-07"]) {
    for (const file of readdirSync(join(folder, part)).sort()) {
      const root = parseLossless(readFileSync(join(folder, part, file), "utf8")) as Record<string, unknown>;
      const response = (root.response ?? (part === "webhooks" ? { order: root } : {})) as { order?: unknown; orders?: unknown[] };
      const orders = [...(response.order ? [response.order] : []), ...(Array.isArray(response.orders) ? response.orders : [])];
      orders.forEach((order, index) => {
        const id = String((order as { id?: unknown }).id ?? "");
        const name = `${part}/${file}${orders.length > 1 ? `#${index + 1}` : ""}`;
        found.push({ name, body: stringify(order) ?? "", id });
        const meant = { ...(order as object), test: false };
        if ((order as RawOrder).test) found.push({ name: `${name}, were it meant`, body: stringify(meant) ?? "", id });
      });
    }
  }
  return found;
}

describe.skipIf(!present)("every order of Shopify's own fixtures", () => {
  let cluster: Cluster;
  let client: Client;
  const table: string[] = [];
  beforeAll(async () => {
    cluster = await startCluster();
    client = new Client({ connectionString: cluster.databaseUrl });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await cluster?.stop();
    console.log(table.join("\n"));
  });

  // Each file is judged alone: several of them are one order in different states.
  afterEach(async () => {
    await client.query("delete from effect; delete from document");
    for (const ledger of ["northwind-erp", "northwind-wms"])
      await cluster.call("DELETE", `${cluster.sandboxUrl}/_sandbox/ledger/${ledger}`);
  });

  it.each(present ? fixtures() : [])("$name", async ({ name, body, id }) => {
    const answer = await cluster.deliver(body, { "x-shopify-event-id": `fixture ${name}` });
    expect(answer.status).toBe(202);
    await cluster.settled();
    const [run] = (await cluster.call("GET", `/api/v1/runs?q=${answer.body.receipt}`)).body.items;
    const { rows } = await cluster.ledger("northwind-erp", "salesOrders");
    const [letter] = (await cluster.call("GET", `/api/v1/dead-letters?q=${run.id}`)).body.items;
    table.push(
      `${name.padEnd(46)} ${id.padEnd(20)} ${run.state.padEnd(10)} ${letter ? `${letter.class}: ${letter.reason.message}` : ""}`,
    );
    const raw = JSON.parse(body) as RawOrder;
    const wanted = expected(raw);
    expect(letter ? `${letter.class} at ${letter.node}` : run.state).toBe(wanted.outcome);
    if (letter) expect(JSON.stringify(letter.reason)).toContain(wanted.reason);
    expect(rows.map((row) => [row.key, row.creates, row.writes])).toEqual(wanted.inErp ? [[`SHOPIFY_${id}`, 1, 1]] : []);
    // A cancelled order keeps in the ERP what it had; of another, what was cancelled is not sold.
    const owed = raw.cancelled_at ? raw.total_price : (raw.current_total_price ?? raw.total_price);
    if (wanted.inErp) expect(Number(rows[0]?.amount)).toBe(Number(owed));
  });

  it("all of them together, three times each: every order id is one sales order", async () => {
    const all = fixtures();
    for (const round of [1, 2, 3]) {
      for (const { name, body } of all)
        expect((await cluster.deliver(body, { "x-shopify-event-id": `together ${name}` })).status, `round ${round}`).toBe(202);
    }
    await cluster.settled();
    const { rows } = await cluster.ledger("northwind-erp", "salesOrders");
    const ids = new Set(all.filter(({ body }) => expected(JSON.parse(body)).inErp).map(({ id }) => `SHOPIFY_${id}`));
    expect(rows.map((row) => row.key).sort()).toEqual([...ids].sort());
    expect(rows.every((row) => row.creates === 1)).toBe(true);
    expect(rows.map((row) => row.key)).toContain("SHOPIFY_820982911946154508");
  });
});

interface RawOrder {
  currency?: string;
  created_at?: string;
  cancelled_at?: string | null;
  fulfillment_status?: string | null;
  financial_status?: string | null;
  test?: boolean;
  total_price?: string;
  current_total_price?: string;
  shipping_address?: { address1?: string | null } | null;
  line_items?: { requires_shipping?: boolean }[];
}

/** What should become of an order, told from Shopify's own fields and not from what the product made of them. */
function expected(order: RawOrder): { outcome: string; reason: string; inErp: boolean } {
  if (!order.currency) return { outcome: "invalid at invariants", reason: "currency", inErp: false };
  if (!order.created_at) return { outcome: "invalid at invariants", reason: "orderedAt", inErp: false };
  if (order.test) return { outcome: "invalid at erp", reason: "is a test", inErp: false };
  const ships =
    !order.cancelled_at && order.fulfillment_status !== "fulfilled" && order.line_items?.some((line) => line.requires_shipping);
  if (ships && ["pending", "partially_paid"].includes(order.financial_status ?? ""))
    return { outcome: "invalid at wms", reason: "it is not paid", inErp: true };
  const lack = order.shipping_address ? "a part of its address is missing" : "it has no address to ship to";
  if (ships && !order.shipping_address?.address1) return { outcome: "invalid at wms", reason: lack, inErp: true };
  return { outcome: "SUCCEEDED", reason: "", inErp: true };
}
