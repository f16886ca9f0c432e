import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What a frozen way swallows: everything, or only what the server answers. */
export type Frozen = "both" | "answers";

/** A way to a server that can be cut or frozen, as when that server restarts, its network fails or it hangs. */
export interface CuttableProxy {
  port: number;
  /** Breaks every connection at once and refuses new ones. */
  cut(): Promise<void>;
  /** Takes connections again, on the same port. */
  mend(): Promise<void>;
  /** Keeps connections open and takes new ones, but passes nothing on; what comes is lost. */
  freeze(what: Frozen): void;
  /** Passes on again what comes from now on; connections that lost something are cut, as their peers would. */
  thaw(): void;
  close(): Promise<void>;
}

export async function cuttableProxy(target: { host: string; port: number }): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  const robbed = new Set<Socket>();
  let frozen: Frozen | null = null;
  const listen = async (port: number) => {
    const server = createServer((client) => {
      const upstream = connect(target.port, target.host);
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          sockets.delete(one);
          robbed.delete(one);
          other.destroy();
        });
        one.on("data", (chunk: Buffer) => {
          if (frozen === "both" || (frozen === "answers" && one === upstream)) {
            robbed.add(one);
          } else if (!other.write(chunk)) {
            one.pause();
            other.once("drain", () => one.resume());
          }
        });
      }
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  return {
    port,
    cut,
    mend: async () => {
      server = await listen(port);
    },
    freeze: (what) => {
      frozen = what;
    },
    thaw: () => {
      frozen = null;
      for (const socket of robbed) socket.resetAndDestroy();
    },
    close: cut,
  };
}
