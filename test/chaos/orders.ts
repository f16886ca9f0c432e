import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { Flow } from "#schemas/flow.ts";
import type { Expected } from "./oracle.ts";
import type { Random } from "./random.ts";
import { arrived, type Document, deliveryHeaders, effect, hookPath, mapped, row } from "./workload.ts";

const orders = "chaos-orders";
const updates = "chaos-updates";

/**
 * Orders go through an effect in every mode, the one that nobody can ask about last, so that what is parked there hides
 * nothing. Updates are written over each other by version.
 */
export const chaosFlows: Flow[] = [
  row(orders, [arrived, mapped("check"), effect("natural"), effect("key"), effect("lookup"), effect("none")]),
  row(updates, [arrived, mapped("check"), effect("natural")]),
];

/** One message as it is sent, perhaps several times. */
interface Delivery {
  flow: string;
  document: Document;
  event: string;
}

/** One document with all its messages, in the order in which they are sent. */
export interface Traffic {
  deliveries: Delivery[];
  expected: Expected;
}

/** One in so many documents is one that changes, and comes out of order. */
const UPDATED = 8;
/** One in so many messages is delivered twice. */
const DUPLICATED = 6;
const VERSIONS = 4;

const money = (random: Random): string => `${random.whole(1, 4_999)}.${String(random.whole(0, 99)).padStart(2, "0")}`;

/** The document of a number; the same seed makes the same. */
export function trafficOf(number: number, random: Random): Traffic {
  return random.whole(1, UPDATED) === 1 ? updatesOf(`u${number}`, random) : orderOf(`o${number}`, random);
}

function orderOf(id: string, random: Random): Traffic {
  const document = { id, total: money(random) };
  const delivery = { flow: orders, document, event: id };
  const deliveries = random.whole(1, DUPLICATED) === 1 ? [delivery, delivery] : [delivery];
  const effects = (["natural", "key", "lookup", "none"] as const).map((system) => ({ system, amount: document.total }));
  return { deliveries, expected: { document: id, effects } };
}

function updatesOf(id: string, random: Random): Traffic {
  const versions = Array.from({ length: VERSIONS }, (_, index) => ({
    id,
    total: money(random),
    version: `2026-01-0${index + 1}`,
  }));
  const deliveries: Delivery[] = versions.map((document) => ({ flow: updates, document, event: `${id} ${document.version}` }));
  for (let at = deliveries.length - 1; at > 0; at--) {
    const other = random.whole(0, at);
    [deliveries[at], deliveries[other]] = [deliveries[other] as Delivery, deliveries[at] as Delivery];
  }
  const amount = versions.at(-1)?.total ?? "";
  return { deliveries, expected: { document: id, effects: [{ system: "natural", amount }] } };
}

/** Sends as a marketplace does: again and again until it is told that the message was taken. */
export function sender(url: string) {
  const agent = new Agent({ connections: 64, connect: { timeout: 1_000 }, headersTimeout: 10_000, bodyTimeout: 10_000 });
  const once = async ({ flow, document, event }: Delivery): Promise<boolean> => {
    const body = JSON.stringify(document);
    try {
      const answer = await request(`${url}${hookPath(flow)}`, {
        method: "POST",
        body,
        headers: deliveryHeaders(body, event),
        dispatcher: agent,
      });
      await answer.body.dump();
      if (answer.statusCode < 300) return true;
      if (answer.statusCode === 503) return false;
      throw new Error(`The webhook refused ${event} with ${answer.statusCode}.`);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("The webhook refused")) throw error;
      return false;
    }
  };
  return {
    /** Resolves when the message was accepted. */
    async send(delivery: Delivery): Promise<void> {
      while (!(await once(delivery))) await sleep(80);
    },
    close: () => agent.close(),
  };
}
