import { setTimeout as sleep } from "node:timers/promises";
import { now } from "../workload/order.ts";
import { cpuOf, machineCpuS, memoryOf, type Tops } from "./processes.ts";
import type { SendJob, Sent } from "./sender.ts";
import { type Stubs, startProcess } from "./stubProcess.ts";

/** What one run of orders through one system gave. Times in milliseconds. */
export interface OrdersResult {
  system: string;
  orders: number;
  connections: number;
  rate: number | null;
  /** Distinct orders at the WMS per second, from the first request to the last arrival. */
  ordersPerSecond: number;
  acknowledgedPerSecond: number;
  acknowledgedP50: number;
  acknowledgedP99: number;
  endToEndP50: number;
  endToEndP99: number;
  accepted: number;
  refused: number;
  errors: number;
  atErp: number;
  atWms: number;
  /** Orders that a stub saw more than once. */
  twice: number;
  /** CPU milliseconds of the system under test for each order, by part; stubs and sender are no part. */
  cpuMsPerOrder: Record<string, number>;
  cpuMsPerOrderTotal: number;
  /** Highest memory seen, in megabytes, by part. */
  memoryMb: Record<string, number>;
  /** Cores that everybody else used: above 0.1, distrust the rates. */
  othersCores: number;
}

export interface Sender {
  pid: number;
  send(job: SendJob): Promise<Sent>;
  stop(): void;
}

export function startSender(): Sender {
  const { child, ask } = startProcess("./sender.ts");
  return { pid: child.pid ?? 0, send: (job) => ask<Sent>(job), stop: () => child.disconnect() };
}

export interface RunOptions {
  system: string;
  url: string;
  tops: Tops;
  stubs: Stubs;
  sender: Sender;
  orders: number;
  connections: number;
  rate?: number;
}

/** No further order at the WMS for so long means that the rest does not come. */
const STALL_MS = 20_000;
const SAMPLE_MS = 1_000;

/**
 * Ids never repeat, neither within a run nor between two on one database. They have 15 digits: plain JSONata, as Node-RED
 * uses it, writes a number with more as another.
 */
export const firstIdNow = (): number => Math.floor(Date.now() / 1000) * 100_000;

let nextFirstId = firstIdNow();

/** Sends orders and waits until the WMS has seen them all, or no more come. */
export async function runOrders(options: RunOptions): Promise<OrdersResult> {
  const { system, url, tops, stubs, sender, orders, connections, rate } = options;
  await stubs.reset();
  const firstId = nextFirstId;
  nextFirstId += orders;
  const aside = { stubs: stubs.pid, sender: sender.pid, bench: process.pid };
  const look = () => ({ machine: machineCpuS(), cpu: cpuOf({ ...tops, ...aside }), at: now() });
  const before = look();
  const peak: Record<string, number> = {};
  const sample = (): void => {
    for (const [part, mb] of Object.entries(memoryOf(tops))) peak[part] = Math.max(peak[part] ?? 0, mb);
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  const sent = await sender.send({ url, orders, connections, firstId, ...(rate === undefined ? {} : { rate }) });
  await arrived(stubs, sent.accepted);
  clearInterval(sampling);
  sample();
  const after = look();
  const counts = await stubs.counts();
  const latencies = await stubs.latencies();
  const all = difference(after.cpu, before.cpu);
  const own = Object.fromEntries(Object.entries(all).filter(([part]) => !Object.hasOwn(aside, part)));
  const perOrder = Object.fromEntries(Object.entries(own).map(([part, s]) => [part, round((s * 1000) / counts.wmsOrders, 3)]));
  return {
    system,
    orders,
    connections,
    rate: rate ?? null,
    ordersPerSecond: round(counts.wmsOrders / ((counts.lastWmsAt - sent.startedAt) / 1000), 1),
    acknowledgedPerSecond: round(sent.accepted / ((sent.endedAt - sent.startedAt) / 1000), 1),
    acknowledgedP50: quantile(sent.acknowledgedMs, 0.5),
    acknowledgedP99: quantile(sent.acknowledgedMs, 0.99),
    endToEndP50: quantile(latencies, 0.5),
    endToEndP99: quantile(latencies, 0.99),
    accepted: sent.accepted,
    refused: sent.refused,
    errors: sent.errors,
    atErp: counts.erpOrders,
    atWms: counts.wmsOrders,
    twice: counts.erpTwice + counts.wmsTwice,
    cpuMsPerOrder: perOrder,
    cpuMsPerOrderTotal: round((total(own) * 1000) / counts.wmsOrders, 3),
    memoryMb: peak,
    othersCores: round((after.machine - before.machine - total(all)) / ((after.at - before.at) / 1000), 2),
  };
}

async function arrived(stubs: Stubs, orders: number): Promise<void> {
  let last = -1;
  let lastAt = now();
  for (;;) {
    const { wmsOrders } = await stubs.progress();
    if (wmsOrders >= orders) return;
    if (wmsOrders !== last) {
      last = wmsOrders;
      lastAt = now();
    } else if (now() - lastAt > STALL_MS) return;
    await sleep(100);
  }
}

const difference = (after: Record<string, number>, before: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(after).map(([part, s]) => [part, s - (before[part] ?? 0)]));

const total = (parts: Record<string, number>): number => Object.values(parts).reduce((sum, each) => sum + each, 0);

export const round = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The value below which the share `p` of the values lies, to a tenth. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN, 1);
}
