import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromRoot } from "#runtime/root.ts";
import { runCli } from "./program.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "orderloom-pointer-"));
  writeFileSync(join(folder, "shipped.flow.json"), JSON.stringify(flow));
  mkdirSync(join(folder, "samples", "shipped"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const flow = {
  kind: "flow",
  formatVersion: 1,
  id: "shipped",
  name: "Shipped",
  slots: [{ name: "parcels", connector: "shipstation" }],
  nodes: [
    { id: "notified", type: "shipstation.shipped", slot: "parcels", retry: { attempts: 3 } },
    { id: "numbers", type: "map", config: { expression: "[shipments.trackingNumber]" } },
  ],
  edges: [{ id: "e1", from: { node: "notified", port: "out" }, to: { node: "numbers", port: "in" } }],
};
const input = { resource_url: "https://ssapi.shipstation.com/shipments?storeID=1&batchId=b-1", resource_type: "SHIP_NOTIFY" };

async function cli(...args: string[]) {
  const out: string[] = [];
  const say = (text: string) => out.push(text);
  const code = await runCli(args, { out: say, err: say, cwd: folder, root: fromRoot(), readStdin: async () => "" });
  return { code, json: JSON.parse(out.join("\n")) };
}

const writeSample = (name: string, more: object): void =>
  writeFileSync(
    join(folder, "samples", "shipped", `${name}.sample.json`),
    JSON.stringify({ name, title: name, source: "notified", headers: {}, input, ...more }),
  );

test("a run fetches what the message points at, before anything else, from the connector's simulator", async () => {
  expect((await cli("validate", "shipped.flow.json", "--json")).json.files[0].problems).toEqual([]);
  writeFileSync(join(folder, "message.json"), JSON.stringify(input));
  const { code, json } = await cli("run", "shipped.flow.json", "--message", "message.json", "--json");
  expect(json).toMatchObject({
    state: "SUCCEEDED",
    dedupeKey: input.resource_url,
    effects: [{ node: "notified", request: { method: "GET", path: "/shipments", query: { batchId: "b-1", storeID: "1" } } }],
    nodes: {
      notified: { status: "done", inputs: { pointer: [input] }, outputs: { out: [{ shipments: [{ shipmentId: 33974374 }] }] } },
      numbers: { outputs: { out: [["1ZXXXXXXXXXXXXXXXX"]] } },
    },
  });
  expect(code).toBe(0);
});

test("samples say what the system answers to the source", async () => {
  const body = { shipments: [{ trackingNumber: "A" }, { trackingNumber: "B" }], page: 1, pages: 1 };
  writeSample("two", {
    answers: { notified: { status: 200, body } },
    expect: { outcome: "SUCCEEDED", ports: { numbers: { out: ["A", "B"] } } },
  });
  writeSample("gone", {
    answers: { notified: { status: 404, body: { message: "Gone" } } },
    expect: { outcome: "rejected", node: "notified" },
  });
  expect((await cli("test", "shipped.flow.json", "--json")).json).toMatchObject({ ok: true, results: [{}, {}] });
  writeSample("two", {
    answers: { notified: { status: 200, body } },
    expect: { outcome: "SUCCEEDED", ports: { numbers: { out: ["A", "C"] } } },
  });
  expect((await cli("test", "shipped.flow.json", "--json")).json.ok).toBe(false);
});
