import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { request } from "undici";
import type { Catalog } from "#nodes/lock.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import { fromRoot } from "#runtime/root.ts";
import { northwind, sandboxEnvironment, sandboxFlow } from "./northwind.ts";
import { seedSandbox } from "./seed.ts";
import type { StreamOptions } from "./storefront.ts";

export interface Sandbox {
  url: string;
  /** Lets the made-up store send orders to the server at `address`. */
  stream(address: string): Promise<void>;
  stop(): Promise<void>;
}

/** An order every few seconds: enough to see the flow live, few enough to leave the machine alone. */
const STREAM = { everyMs: 5_000, invalidEvery: 12, duplicateEvery: 9 };

const START_TIMEOUT_MS = 15_000;

/** Starts the sandbox systems in their own process and brings their connections and flow into the database. */
export async function launchSandbox(engine: EngineParts, catalog: Catalog): Promise<Sandbox> {
  // Its own process group: a Ctrl-C in the terminal is for the server, which ends the sandbox after its own tasks.
  const child = fork(fromRoot("dist/sandbox.js"), { detached: true, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const connections = northwind("").map((connection) => ({ ...connection, connector: catalog.connectors[connection.connector] }));
  child.send({ port: 0, data: join(engine.settings.home, "sandbox"), connections });
  const url = `http://127.0.0.1:${await portOf(child)}`;
  await seedSandbox(engine.db, engine.box, catalog, url);
  return {
    url,
    stream: (address) => startStream(url, address),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function portOf(child: ChildProcess): Promise<number> {
  const ended = once(child, "exit").then(() => {
    throw new Error("The sandbox process ended before it was ready.");
  });
  const [message] = (await Promise.race([once(child, "message", { signal: AbortSignal.timeout(START_TIMEOUT_MS) }), ended])) as [
    { port: number },
  ];
  ended.catch(() => {});
  return message.port;
}

async function startStream(url: string, address: string): Promise<void> {
  const shop = northwind(url).find((connection) => connection.connector === "shopify");
  if (!shop) return;
  const options: StreamOptions = {
    url: `${address}/hooks/${sandboxEnvironment}/${sandboxFlow}/orders`,
    secret: shop.secrets.webhookSecret ?? "",
    shopDomain: String(shop.config.shopDomain),
    ...STREAM,
  };
  const { statusCode, body } = await request(`${url}/_sandbox/stream`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(options),
  });
  if (statusCode >= 300) throw new Error(`The sandbox store does not send: ${await body.text()}`);
  await body.dump();
}
