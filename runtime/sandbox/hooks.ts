import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { signWebhook } from "#nodes/connector/verifyWebhook.ts";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import { renderTemplate } from "#nodes/expression/template.ts";
import type { SimulatorHook } from "#schemas/simulatorHook.ts";
import type { LedgerRow } from "./ledger.ts";
import type { SandboxConnection } from "./simulator.ts";
import { surroundingsOf } from "./surroundings.ts";

/** What became of one webhook: the last status, 0 where nobody answered. */
export interface Told {
  address: string;
  status: number;
}

/** As systems do, one that is not taken is sent again, some times. */
const TRIES = 5;
const FIRST_WAIT_MS = 200;
const TIMEOUT_MS = 5_000;

/** Sends a record to each subscription that it is for. */
export async function tellSubscribers(
  connection: SandboxConnection,
  hook: SimulatorHook,
  { row, subscriptions, now }: { row: LedgerRow; subscriptions: readonly unknown[]; now: number },
): Promise<Told[]> {
  const operation = connection.connector.operations[hook.operation];
  if (operation?.transport !== "webhook") throw new Error(`${connection.name} has no webhook "${hook.operation}" to send.`);
  const { key, sequence, record } = row;
  const surroundings = surroundingsOf(connection, now);
  const told: Told[] = [];
  for (const subscription of subscriptions) {
    const context = { key, sequence, record, subscription };
    const to = await evaluateExpression(hook.to, context, surroundings);
    if (typeof to !== "string" || to === "") continue;
    const body = Buffer.from(JSON.stringify(await evaluateExpression(hook.body, context, surroundings)));
    const headers: Record<string, string> = { "content-type": "application/json" };
    for (const [name, template] of Object.entries(hook.headers ?? {})) {
      headers[name.toLowerCase()] = await renderTemplate(template, context, surroundings);
    }
    const own = hook.secrets === undefined ? {} : await evaluateExpression(hook.secrets, context, surroundings);
    const secrets = { ...connection.secrets, ...(own as Record<string, string>) };
    const signed = signWebhook(operation.verify, { config: connection.config, secrets }, body, { headers });
    told.push({ address: to, status: await deliver(to, { ...headers, ...signed }, body) });
  }
  return told;
}

async function deliver(address: string, headers: Record<string, string>, body: Buffer): Promise<number> {
  for (let tries = 1, wait = FIRST_WAIT_MS; ; tries++, wait *= 2) {
    const { status } = await post(address, headers, body);
    if ((status > 0 && status < 500 && status !== 429) || tries === TRIES) return status;
    await sleep(wait);
  }
}

/** Whether whoever answers at an address says back a code that it is sent. */
export async function knowsItself(address: string, query: string): Promise<boolean> {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  const code = randomUUID();
  url.searchParams.set(query, code);
  const { status, text } = await post(url.href, {}, Buffer.alloc(0));
  return status === 200 && text === code;
}

async function post(url: string, headers: Record<string, string>, body: Buffer): Promise<{ status: number; text: string }> {
  try {
    const timeouts = { headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS };
    const answer = await request(url, { method: "POST", headers, body, ...timeouts });
    return { status: answer.statusCode, text: await answer.body.text() };
  } catch {
    return { status: 0, text: "" };
  }
}
