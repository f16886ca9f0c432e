import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { StubCounts } from "./stubs.ts";

/** The stubs' process, as the benchmark speaks with it. */
export interface Stubs {
  pid: number;
  erpUrl: string;
  wmsUrl: string;
  reset(): Promise<void>;
  /** The ERP answers 503 until it is opened again. */
  shut(shut: boolean): Promise<void>;
  progress(): Promise<{ wmsOrders: number; erpOrders: number }>;
  counts(): Promise<StubCounts>;
  /** From sending to arrival at the WMS, of each order, in milliseconds. */
  latencies(): Promise<number[]>;
  stop(): Promise<void>;
}

/** A part of the benchmark in a process of its own, speaking by messages, one question at a time. */
export function startProcess(file: string): { child: ChildProcess; ask<T>(message: object): Promise<T> } {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv: ["--import", "tsx"] });
  const ended = once(child, "exit").then(() => {
    throw new Error(`${file} ended.`);
  });
  ended.catch(() => undefined);
  let last: Promise<unknown> = Promise.resolve();
  const question = async <T>(message: object): Promise<T> => {
    child.send(message);
    const answer: unknown = await Promise.race([once(child, "message"), ended]);
    return (answer as [T])[0];
  };
  return {
    child,
    ask<T>(message: object): Promise<T> {
      const next = last.then(() => question<T>(message));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

/** Starts the stubs; `ports` where peers have their addresses written down. */
export async function startStubs(ports: { erpPort?: number; wmsPort?: number } = {}): Promise<Stubs> {
  const { child, ask } = startProcess("./stubs.ts");
  const bound = await ask<{ erpPort: number; wmsPort: number }>({ ask: "listen", ...ports });
  return {
    pid: child.pid ?? 0,
    erpUrl: `http://127.0.0.1:${bound.erpPort}`,
    wmsUrl: `http://127.0.0.1:${bound.wmsPort}`,
    reset: () => ask({ ask: "reset" }),
    shut: (shut) => ask({ ask: "shut", shut }),
    progress: () => ask({ ask: "progress" }),
    counts: () => ask({ ask: "counts" }),
    latencies: () => ask({ ask: "latencies" }),
    async stop() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}
