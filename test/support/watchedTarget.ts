import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";

type Delay = number | ((text: string) => number);

/** A system's front door that counts by itself who comes when, and how many at once. */
export interface WatchedTarget {
  /** The same system, seen through the door. */
  url: string;
  /** Every request, on this process's clock; `text` is its path and body. */
  seen: { at: number; answeredAt: number | null; text: string }[];
  /** Requests under way at once, at most. */
  most(): number;
  /** What happens to requests from now on; a delay may hang on the request's path and body. */
  behave(how: { delayMs?: Delay; mode?: "answer" | "hang" | "503" | "429"; retryAfter?: number }): void;
  forget(): void;
  close(): Promise<void>;
}

/** Stands before the system at `origin`, which it passes requests on to unchanged. */
export async function watch(origin: string): Promise<WatchedTarget> {
  const agent = new Agent({ connections: 64 });
  let how: { delayMs: Delay; mode: "answer" | "hang" | "503" | "429"; retryAfter: number } = {
    delayMs: 0,
    mode: "answer",
    retryAfter: 1,
  };
  let underWay = 0;
  let most = 0;
  let seen: WatchedTarget["seen"] = [];

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const entry = { at: performance.now(), answeredAt: null as number | null, text: `${incoming.url} ${body}` };
    seen.push(entry);
    const { delayMs, mode, retryAfter } = how;
    await sleep(typeof delayMs === "number" ? delayMs : delayMs(entry.text));
    if (mode === "hang") return;
    if (mode !== "answer") {
      response.writeHead(Number(mode), mode === "429" ? { "retry-after": `${retryAfter}` } : {}).end("{}");
    } else {
      const { "transfer-encoding": _encoding, connection: _connection, ...headers } = incoming.headers;
      const passed = await request(`${origin}${incoming.url}`, {
        method: incoming.method as "GET",
        headers: headers as Record<string, string>,
        body: body.length > 0 ? body : null,
        dispatcher: agent,
      });
      const text = await passed.body.text();
      const { "transfer-encoding": _passed, "content-length": _length, connection: _kept, ...back } = passed.headers;
      response.writeHead(passed.statusCode, back as Record<string, string>).end(text);
    }
    entry.answeredAt = performance.now();
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    underWay++;
    most = Math.max(most, underWay);
    response.once("close", () => underWay--);
    answer(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get seen() {
      return seen;
    },
    most: () => most,
    behave: (next) => {
      how = { ...how, ...next };
    },
    forget: () => {
      seen = [];
      most = underWay;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await agent.close();
    },
  };
}
