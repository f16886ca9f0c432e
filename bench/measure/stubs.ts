// The ERP and WMS of the benchmark, in a process of their own: they answer 201 at once and count by externalId.
// Started by `startStubs`, which tells the ports (0 for any) by IPC and asks for what they counted.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { now } from "../workload/order.ts";

/** What the stubs counted since the last reset. */
export interface StubCounts {
  erpCalls: number;
  wmsCalls: number;
  /** Distinct orders. */
  erpOrders: number;
  wmsOrders: number;
  /** Orders that came more than once. */
  erpTwice: number;
  wmsTwice: number;
  /** On the clock of `now`. */
  lastWmsAt: number;
}

let erp = new Map<string, number>();
let wms = new Map<string, number>();
let latencies: number[] = [];
let lastWmsAt = 0;
/** Held back until the sink is opened again: a backlog grows behind it. */
let shut = false;

const field = (text: string, pattern: RegExp): string | null => pattern.exec(text)?.[1] ?? null;
const externalId = /"externalId":\s*"?([0-9]+)/;
const sentAt = /"t0":\s*"?([0-9.]+)/;

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

const server = (take: (text: string, response: ServerResponse) => void) => {
  const made = createServer((request: IncomingMessage, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => take(text, response));
  });
  made.keepAliveTimeout = 60_000;
  return made;
};

const erpServer = server((text, response) => {
  const id = field(text, externalId);
  if (shut) return answer(response, 503, { error: "shut" });
  if (id === null) return answer(response, 400, { error: "no externalId" });
  erp.set(id, (erp.get(id) ?? 0) + 1);
  answer(response, 201, { erpId: `E${id}` });
});

const wmsServer = server((text, response) => {
  const id = field(text, externalId);
  if (id === null) return answer(response, 400, { error: "no externalId" });
  const known = wms.get(id) ?? 0;
  wms.set(id, known + 1);
  lastWmsAt = now();
  if (known === 0) latencies.push(lastWmsAt - Number(field(text, sentAt)));
  answer(response, 201, { wmsId: `W${id}` });
});

const sum = (counts: Map<string, number>): number => [...counts.values()].reduce((total, each) => total + each, 0);
const twice = (counts: Map<string, number>): number => [...counts.values()].filter((each) => each > 1).length;

process.on("disconnect", () => process.exit(0));
process.on("message", async (message: { ask: string; erpPort?: number; wmsPort?: number; shut?: boolean }) => {
  switch (message.ask) {
    case "listen":
      erpServer.listen(message.erpPort ?? 0, "127.0.0.1", 1024);
      wmsServer.listen(message.wmsPort ?? 0, "127.0.0.1", 1024);
      await Promise.all([once(erpServer, "listening"), once(wmsServer, "listening")]);
      process.send?.({
        erpPort: (erpServer.address() as AddressInfo).port,
        wmsPort: (wmsServer.address() as AddressInfo).port,
      });
      return;
    case "reset":
      erp = new Map();
      wms = new Map();
      latencies = [];
      lastWmsAt = 0;
      process.send?.({});
      return;
    case "shut":
      shut = message.shut === true;
      process.send?.({});
      return;
    case "progress":
      process.send?.({ wmsOrders: wms.size, erpOrders: erp.size });
      return;
    case "latencies":
      process.send?.(latencies);
      return;
    default:
      process.send?.({
        erpCalls: sum(erp),
        wmsCalls: sum(wms),
        erpOrders: erp.size,
        wmsOrders: wms.size,
        erpTwice: twice(erp),
        wmsTwice: twice(wms),
        lastWmsAt,
      } satisfies StubCounts);
  }
});
