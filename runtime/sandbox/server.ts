import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connector } from "#schemas/connector.ts";
import type { SandboxConfig } from "./config.ts";
import { answerControl } from "./control.ts";
import { type ActiveFault, Faults, type FaultTarget } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { Partner } from "./partner.ts";
import { watchPartner } from "./partnerFolder.ts";
import { type SimulatedAnswer, type SimulatedRequest, Simulator } from "./simulator.ts";
import { Storefront } from "./storefront.ts";
import type { Sandbox } from "./systems.ts";

/** Larger requests end with 413. */
const MAX_BODY_BYTES = 5_000_000;
const CONTROL = "/_sandbox/";

export interface RunningSandbox {
  port: number;
  close: () => Promise<void>;
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function sendJson(response: ServerResponse, status: number, body?: unknown, headers: Record<string, string> = {}): void {
  const plain = typeof body === "string" && headers["content-type"]?.startsWith("text/");
  const text = body === undefined ? "" : plain ? body : JSON.stringify(body);
  response.writeHead(status, { ...(text === "" ? {} : { "content-type": "application/json" }), ...headers });
  response.end(text);
}

const retryAfter = ({ retryAfter: seconds }: ActiveFault): Record<string, string> =>
  seconds === undefined ? {} : { "retry-after": String(seconds) };

const failure = (message: string) => ({
  title: message,
  "o:errorDetails": [{ detail: message, "o:errorCode": "SANDBOX" }],
  errors: [{ message }],
});

/** Plays a fault instead of the answer; `false` when the answer is to follow all the same. */
async function playFault(fault: ActiveFault, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case "429":
      sendJson(response, 429, failure("Too many requests."), retryAfter(fault));
      return true;
    case "503":
      sendJson(response, 503, failure("The service is unavailable."), retryAfter(fault));
      return true;
    case "500AfterApply":
      sendJson(response, 500, failure("An unexpected error occurred."));
      return true;
    case "refuse":
      sendJson(response, 400, failure(fault.message ?? "The system refuses this record."));
      return true;
    case "reset":
    case "resetAfterApply":
      request.socket.destroy();
      return true;
    case "timeoutAfterApply":
    case "hang":
      // No answer: the caller hangs up when its patience ends.
      return true;
    case "lateApply":
      request.socket.destroy();
      await sleep(fault.delayMs ?? 1_000);
      // Nobody hears the answer any more.
      return false;
    case "delay":
      await sleep(fault.delayMs ?? 1_000);
      return false;
  }
}

function simulatedRequest(request: IncomingMessage, name: string, url: URL, body: string): SimulatedRequest {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([key, value]) => [key, Array.isArray(value) ? value.join(", ") : value]),
  );
  return {
    method: request.method ?? "GET",
    url: `http://${request.headers.host ?? "127.0.0.1"}${request.url ?? "/"}`,
    path: url.pathname.slice(name.length + 1) || "/",
    query: Object.fromEntries(url.searchParams),
    headers,
    body,
  };
}

async function answerSystem(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const name = url.pathname.split("/")[1] ?? "";
  const simulator = sandbox.connections.get(name);
  if (!simulator) return sendJson(response, 404, failure(`The sandbox has no connection "${name}".`));
  const body = await readBody(request);
  if (body === undefined) return sendJson(response, 413, failure("The request is too large."), { connection: "close" });
  const asked = simulatedRequest(request, name, url, body);
  const target: FaultTarget = { connection: name, method: asked.method, path: asked.path, body };
  const before = sandbox.faults.take(target, false);
  if (before && (await playFault(before, request, response))) return;
  const answer: SimulatedAnswer = await simulator.answer(asked);
  const after = answer.applied ? sandbox.faults.take(target, true) : undefined;
  if (after && (await playFault(after, request, response))) return;
  sendJson(response, answer.status, answer.body, answer.headers);
}

async function handle(sandbox: Sandbox, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? "/", "http://sandbox");
    if (!url.pathname.startsWith(CONTROL)) return await answerSystem(sandbox, request, response, url);
    const body = await readBody(request);
    const { status, body: answer } = await answerControl(sandbox, request.method ?? "GET", url, body ?? "");
    sendJson(response, status, answer);
  } catch (raw) {
    const message = raw instanceof Error ? raw.message : String(raw);
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, failure(`The sandbox failed: ${message}`));
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/** Names of the ledgers that a connector's simulator keeps. */
function ledgersOf({ simulator }: Connector): string[] {
  const { routes = [], files = [], sends = {} } = simulator ?? {};
  const all = [...routes, ...files, ...Object.values(sends)];
  return [...new Set(all.flatMap(({ ledger }) => (ledger ? [ledger.name] : [])))];
}

type OpenLedger = Sandbox["ledger"];

/** The partners with whom files are exchanged, each looking into its folder. */
function partnersOf({ connections }: SandboxConfig, ledger: OpenLedger): Sandbox["partners"] {
  const failed = (name: string) => (error: unknown) =>
    console.error(`The partner ${name} could not look into its folder:`, error);
  return new Map(
    connections.flatMap((connection) => {
      const { name, files } = connection;
      if (files === undefined) return [];
      const partner = new Partner(connection, (each) => ledger(name, each));
      return [[name, { partner, folder: watchPartner(partner, files, failed(name)) }] as const];
    }),
  );
}

/** Serves every sandbox connection on loopback. Ledgers are read back before the first request is taken. */
export async function startSandbox(config: SandboxConfig): Promise<RunningSandbox> {
  const ledgers = new Map<string, Promise<Ledger>>();
  const ledger = (connection: string, name: string): Promise<Ledger> => {
    const file = `${connection}.${name}.jsonl`;
    const open = ledgers.get(file) ?? Ledger.open(join(config.data, file));
    ledgers.set(file, open);
    return open;
  };
  const declared = new Map(config.connections.map(({ name, connector }) => [name, ledgersOf(connector)]));
  const connections = new Map(
    config.connections.map((connection) => [connection.name, new Simulator(connection, (name) => ledger(connection.name, name))]),
  );
  for (const [connection, names] of declared) for (const name of names) await ledger(connection, name);
  const partners = partnersOf(config, ledger);
  const sandbox: Sandbox = {
    connections,
    partners,
    faults: new Faults(),
    storefront: new Storefront(config.data),
    ledger,
    ledgerNames: (connection) => declared.get(connection) ?? [],
  };
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => void handle(sandbox, request, response));
  const port = await listen(server, config.port ?? 0);
  const close = async (): Promise<void> => {
    await sandbox.storefront.close();
    for (const { folder } of partners.values()) await folder.close();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    for (const open of ledgers.values()) await (await open).close();
  };
  return { port, close };
}
