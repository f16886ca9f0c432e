import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openReaches } from "#runtime/reach/reach.ts";
import { type RunningSandbox, startSandbox } from "#runtime/sandbox/server.ts";
import { readSettings } from "#runtime/settings.ts";
import { readContent } from "#runtime/sources/fileBody.ts";
import { openFolder } from "#runtime/sources/files.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { dropFile } from "#runtime/transports/drop.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import { sftpUser, startSftp, type TestSftp } from "../support/sftpServer.ts";
import { until } from "../support/until.ts";
import { connectionOf } from "./everyConnector.fixture.ts";
import { readJson, runMapping } from "./mapping.fixture.ts";
import { connectorOf, type Exchange, operationOf } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

/** Partners with whom files are exchanged, each behind a real SFTP server whose folder the sandbox's partner looks into. */
const ids = ["x12", "edifact", "csv-warehouse", "b2b-portal"];

let root: string;
let ledgers: string;
let sftp: TestSftp;
let sandbox: RunningSandbox;
const parts = { settings: readSettings({}), reaches: openReaches(["loopback"]) } as Parameters<typeof openFolder>[1];

beforeAll(async () => {
  [root, ledgers] = (await Promise.all(["partners", "ledgers"].map((name) => mkdtemp(join(tmpdir(), `orderloom-${name}-`))))) as [
    string,
    string,
  ];
  sftp = await startSftp(root);
  // The folders that a partner's server has.
  for (const folder of [
    "x12/out",
    "edifact/out",
    "csv-warehouse/orders",
    "csv-warehouse/shipments",
    "b2b-portal/orders",
    "b2b-portal/shipments",
  ])
    await mkdir(join(root, folder), { recursive: true });
  sandbox = await startSandbox({
    data: ledgers,
    connections: ids.map((name) => ({
      name,
      connector: connectorOf(name),
      ...connectionOf(connectorOf(name)),
      files: join(root, name),
    })),
  });
});
afterAll(async () => {
  await sandbox.close();
  await sftp.close();
  for (const folder of [root, ledgers]) await rm(folder, { recursive: true, force: true });
});

const connection = (id: string): OpenConnection =>
  ({
    id,
    name: id,
    reach: [],
    secrets: { password: sftpUser.password },
    config: { host: "127.0.0.1", port: sftp.port, username: sftpUser.username, hostKey: sftp.hostKey, folder: `/${id}` },
  }) as unknown as OpenConnection;

/** Drops a document over SFTP, as the product does. */
async function drop(id: string, operation: string, item: unknown): Promise<string> {
  const { request } = await operationOf(id, operation, connectionOf(connectorOf(id))).render(item);
  const done = await dropFile(parts, connection(id), request);
  if (!done.ok) throw new Error(done.failure.reason.message);
  return decodeURIComponent(request.path);
}

const sampleItem = (file: string): Tree => (readJson(`./samples/${file}`) as Exchange).item as Tree;

/** What a source would make of a file of the partner, read over SFTP once it is there. */
async function arrived(id: string, operation: string, folder: string, name: RegExp): Promise<Tree> {
  const declared = connectorOf(id).operations[operation];
  const decoding = (declared && "decode" in declared && declared.decode) || {};
  const from = await openFolder("sftp", parts, connection(id), folder);
  try {
    const entry = await until(
      async () => (await from.list("")).find((each) => name.test(each.name) && !each.name.endsWith(".part")) ?? null,
      {
        what: `${name} to arrive`,
      },
    );
    const bytes = await from.read({ folder: "", name: entry.name }, 100_000);
    const read = await readContent(bytes ?? Buffer.alloc(0), { decoding, maxJsonDepth: 64 });
    if (!read.ok) throw new Error(read.why);
    return { name: entry.name, path: entry.name, ...read.contents[0] };
  } finally {
    await from.close();
  }
}

async function mapped(schema: string, mapping: string, message: Tree): Promise<Tree[]> {
  const source = { source: { node: "in", system: mapping.split(".")[0], account: "a/b" } };
  const all = (await runMapping(mapping, message, source)) as Tree[];
  for (const each of all) expect(canonicalFaults(schema, each)).toEqual([]);
  return all;
}

const control = async (method: string, path: string, body?: unknown): Promise<Tree> =>
  (await (
    await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  ).json()) as Tree;
const ledger = async (id: string, name: string) =>
  (await control("GET", `ledger/${id}/${name}`)).rows as { key: string; creates: number; record: Tree }[];

const linesOf = (order: Tree) => (order.lines as Tree[]).map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity }));

describe("a partner who exchanges files", () => {
  it.each([
    {
      id: "x12",
      operation: "sendShippingOrder",
      sample: "x12.sendShippingOrder.json",
      source: "shippingAdvicesArrived",
      folder: "out",
      name: /^945_/,
      mapping: "x12.shipment.jsonata",
      kept: "shippingOrders",
    },
    {
      id: "edifact",
      operation: "sendOrder",
      sample: "edifact.sendOrder.json",
      source: "despatchAdvicesArrived",
      folder: "out",
      name: /^DESADV_/,
      mapping: "edifact.shipment.jsonata",
      kept: "orders",
    },
    {
      id: "csv-warehouse",
      operation: "sendOrder",
      sample: "csv-warehouse.sendOrder.json",
      source: "shipmentsArrived",
      folder: "shipments",
      name: /\.csv$/,
      mapping: "csv-warehouse.shipment.jsonata",
      kept: "orders",
    },
  ])(
    "$id ships what it is ordered by $operation, once, and says so by file",
    async ({ id, operation, sample, source, folder, name, mapping, kept }) => {
      const order = sampleItem(sample);
      const path = await drop(id, operation, order);
      const [shipment] = await mapped("canonical/shipment/1", mapping, await arrived(id, source, folder, name));
      expect(shipment).toMatchObject({
        status: "shipped",
        orderRef: { system: "shopify", externalId: order.externalId },
        trackingNumbers: [{ number: expect.stringMatching(/^1ZNW/) }],
        lines: linesOf(order),
      });
      // Sent again, as after an answer that was lost: taken again, shipped no second time.
      await drop(id, operation, order);
      await until(async () => !(await readdir(join(root, id, path, ".."))).includes(path.split("/").at(-1) ?? ""), {
        what: "the file to be taken",
      });
      const rows = await ledger(id, kept);
      expect(rows.map(({ key, creates }) => [key, creates])).toEqual([[`SHOPIFY_${order.externalId}`, 1]]);
      const [again] = await mapped("canonical/shipment/1", mapping, await arrived(id, source, folder, name));
      expect(again?.shipmentId).toBe(shipment?.shipmentId);
    },
  );

  it("acknowledges a 940 by a 997 that accepts it", async () => {
    const message = await arrived("x12", "acknowledgementsArrived", "out", /^997_/);
    const [interchange] = (message.x12 as { interchanges: { groups: { transactions: Tree[] }[] }[] }).interchanges;
    expect(interchange?.groups[0]?.transactions[0]).toMatchObject({
      type: "997",
      AK1: [{ AK101: "OW" }],
      sets: [{ AK2: [{ AK201: "940" }], AK5: [{ AK501: "A" }] }],
      AK9: [{ AK901: "A", AK902: "1", AK903: "1", AK904: "1" }],
    });
  });

  it("orders by an 850, and knows of our 997 that we took it", async () => {
    const told = {
      number: "PO-90001",
      currency: "USD",
      shipTo: { company: "STORE 4", line1: "4 Elm", city: "Reno", region: "NV", postalCode: "89501", countryCode: "US" },
      lines: [{ sku: "NW-TENT-2P-GRN", quantity: 3, price: "180.50" }],
    };
    expect(await control("POST", "files/x12/purchaseOrder", told)).toEqual({ path: "out/850_PO-90001.edi" });
    const message = await arrived("x12", "ordersArrived", "out", /^850_PO-90001/);
    const [order] = await mapped("canonical/order/1", "x12.order.jsonata", message);
    expect(order).toMatchObject({
      externalId: "PO-90001",
      totals: { grand: "541.50" },
      lines: [{ sku: "NW-TENT-2P-GRN", quantity: 3 }],
    });
    await drop("x12", "acknowledge", message);
    const [acknowledged] = await until(
      async () => ((await ledger("x12", "acknowledged")).length > 0 ? ledger("x12", "acknowledged") : null),
      { what: "the 997 to be taken" },
    );
    expect(acknowledged?.record).toEqual({ group: "PO", accepted: true });
  });

  it.each([
    ["edifact", "order", "ordersArrived", "out", /^ORDERS_/, "edifact.order.jsonata", "4500017"],
    ["b2b-portal", "order", "ordersArrived", "orders", /^B2B-1017/, "b2b-portal.order.jsonata", "B2B-1017"],
  ] as const)("%s sends an %s of its own", async (id, document, operation, folder, name, mapping, key) => {
    await control("POST", `files/${id}/${document}`);
    const [order] = await mapped("canonical/order/1", mapping, await arrived(id, operation, folder, name));
    expect(order).toMatchObject({ externalId: key, lines: [{ sku: "NW-TENT-2P-GRN", quantity: 12 }, { quantity: 24 }] });
  });

  it("is told by file what was shipped of an order", async () => {
    await drop("b2b-portal", "confirmShipment", sampleItem("b2b-portal.confirmShipment.json"));
    await drop("edifact", "sendDespatchAdvice", sampleItem("edifact.sendDespatchAdvice.json"));
    const [told] = await until(
      async () => ((await ledger("b2b-portal", "shipments")).length > 0 ? ledger("b2b-portal", "shipments") : null),
      { what: "the shipment to be taken" },
    );
    expect(told).toMatchObject({ key: "SHP-20417", creates: 1 });
    const [advised] = await until(
      async () => ((await ledger("edifact", "despatchAdvices")).length > 0 ? ledger("edifact", "despatchAdvices") : null),
      { what: "the despatch advice to be taken" },
    );
    expect(advised).toMatchObject({ key: "SHP-20417", creates: 1 });
  });

  it("reads the letters of an EDIFACT order as ISO 8859-1, which its first segment says it is", async () => {
    const order = sampleItem("edifact.sendOrder.json");
    const path = await drop("edifact", "sendOrder", {
      ...order,
      externalId: "letters",
      shipTo: { ...(order.shipTo as Tree), company: null, name: "Jörg Müßig" },
    });
    const bytes = await until(() => readFile(join(root, "edifact/taken", path)).catch(() => null), {
      what: "the order to be taken",
    });
    expect(bytes.includes(Buffer.from("Jörg Müßig", "latin1"))).toBe(true);
    const far = drop("edifact", "sendOrder", { ...order, shipTo: { ...(order.shipTo as Tree), company: null, name: "東京" } });
    await expect(far).rejects.toMatchObject({ class: "invalid", reason: { message: expect.stringContaining('no "東"') } });
  });

  it("puts aside what it cannot read, and says why", async () => {
    await writeFile(join(root, "x12", "940_torn.edi"), "ISA*00*          *00*          *ZZ*NORTHWIND");
    const reason = join(root, "x12/refused/940_torn.edi.reason.txt");
    const why = await until(() => readFile(reason, "utf8").catch(() => null), { what: "the reason to be there" });
    expect(why).toMatch(/^[A-Z].*\.\n$/);
    expect((await ledger("x12", "shippingOrders")).map(({ key }) => key)).not.toContain("torn");
  });

  it("says what it sends, and with whom no files are exchanged", async () => {
    expect(await control("POST", "files/x12/invoice")).toEqual({ message: '"x12" sends purchaseOrder by itself.' });
    expect(await control("POST", "files/nobody/order")).toEqual({ message: 'The sandbox has no connection "nobody".' });
  });
});
