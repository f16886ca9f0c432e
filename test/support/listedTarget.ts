import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Connector } from "#schemas/connector.ts";
import type { PollOperation } from "#schemas/sourceOperation.ts";
import { proofConnector } from "../chaos/workload.ts";

/** What a system does with a request at a path; `next` is the page that follows, for ever. */
export type Answers = "once" | "pages" | { status: 429 | 503; retryAfter?: number };

/** A system that is polled and written to, and remembers who came when. */
export interface ListedTarget {
  url: string;
  /** Requests at a path that begins so, on this process's clock. */
  seen(path: string): number[];
  /** From now on; whatever else is asked for is taken. */
  behave(path: string, how: Answers): void;
  close(): Promise<void>;
}

export async function listedTarget(): Promise<ListedTarget> {
  const seen: { path: string; at: number }[] = [];
  const behaviour = new Map<string, Answers>();
  const answer = (path: string, page: number, response: ServerResponse): void => {
    const how = behaviour.get(path) ?? "once";
    if (typeof how === "object") {
      const headers = how.retryAfter === undefined ? {} : { "retry-after": `${how.retryAfter}` };
      response.writeHead(how.status, headers).end("{}");
      return;
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ id: path, records: [], ...(how === "pages" ? { next: page + 1 } : {}) }));
  };
  const server = createServer((incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://target");
    seen.push({ path: pathname, at: performance.now() });
    incoming.resume();
    answer(pathname, Number(searchParams.get("page") ?? 0), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: (path) => seen.filter((each) => each.path.startsWith(path)).map(({ at }) => at),
    behave: (path, how) => {
      behaviour.set(path, how);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A connector with one poll for each path that is named, once a second, beside the writes of the proof. */
export function listedConnector(
  paths: Record<string, Pick<PollOperation, "rate">>,
  limits: Partial<Connector["limits"]> = {},
): Connector {
  const proof = proofConnector({ timeoutMs: 2_000, quietPeriodMs: 3_000, retryMs: 200, attempts: 8 });
  const polls = Object.entries(paths).map(([path, more]): [string, PollOperation] => [
    path,
    {
      kind: "source",
      transport: "poll",
      title: `Listed at ${path}`,
      summary: "Asks for what is listed.",
      request: { method: "GET", path: `/${path}`, query: { page: "{{ $page }}" } },
      records: "body.records",
      page: { next: "body.next", most: 10_000 },
      dedupeKey: "id",
      intervalMs: 1_000,
      samples: [],
      ...more,
    },
  ]);
  return {
    ...proof,
    limits: { ...proof.limits, ...limits },
    operations: { ...proof.operations, ...Object.fromEntries(polls) },
  };
}
