import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/**
 * Speaks as much of TDS 7.4 as SQL Server's driver needs to log in, begin, ask and commit. Each statement that reads `from`
 * somewhere gets the same row, one with `waitfor` no answer until it is taken back. No SQL Server runs on the machines where the tests do: so the driver is real,
 * and the tokens are those of the protocol's specification (MS-TDS).
 */
export interface TdsServer {
  port: number;
  /** Statements and calls that were sent, as bytes. */
  asked: Buffer[];
  /** What was done with transactions, in order. */
  transactions: string[];
  close(): Promise<void>;
}

/** A column and its value: TYPE_INFO, and the bytes that stand in a row. */
export interface TdsColumn {
  name: string;
  type: number[];
  value: number[];
}

const LE = (value: bigint, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));

const sized = (bytes: number[]): number[] => [bytes.length, ...bytes];

/** Its digits without the point. */
export const decimalColumn = (
  name: string,
  digits: bigint,
  scale: number,
  kind: "decimal" | "numeric" = "decimal",
): TdsColumn => ({
  name,
  type: [kind === "decimal" ? 0x6a : 0x6c, 17, 38, scale],
  value: sized([digits < 0n ? 0 : 1, ...LE(digits < 0n ? -digits : digits, 16)]),
});

/** In ten-thousandths. */
export const moneyColumn = (name: string, digits: bigint): TdsColumn => {
  const bytes = LE(BigInt.asUintN(64, digits), 8);
  return { name, type: [0x6e, 8], value: sized([...bytes.slice(4), ...bytes.slice(0, 4)]) };
};

export const bigintColumn = (name: string, value: bigint): TdsColumn => ({
  name,
  type: [0x26, 8],
  value: sized(LE(BigInt.asUintN(64, value), 8)),
});

export const nullDecimalColumn = (name: string): TdsColumn => ({ name, type: [0x6a, 17, 38, 2], value: [0] });

const text = (value: string): number[] => [value.length, ...Buffer.from(value, "ucs2")];
const done = (rows: number, status = 0x10n): number[] => [0xfd, ...LE(status, 2), ...LE(0xc1n, 2), ...LE(BigInt(rows), 8)];

const PRELOGIN = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 15, 0, 7, 0xd0, 0, 0, 2];
const loginAck = [1, 0x74, 0, 0, 4, ...text("SQL"), 15, 0, 7, 0xd0];
const LOGGED_IN = [0xad, ...LE(BigInt(loginAck.length), 2), ...loginAck, ...done(0)];

const row = (columns: TdsColumn[]): number[] => [
  0x81,
  ...LE(BigInt(columns.length), 2),
  ...columns.flatMap(({ name, type }) => [0, 0, 0, 0, 1, 0, ...type, ...text(name)]),
  0xd1,
  ...columns.flatMap(({ value }) => value),
  ...done(1),
];

const TRANSACTION = [1, 2, 3, 4, 5, 6, 7, 8];
const transactionChange = {
  5: { name: "begin", tokens: [0xe3, 11, 0, 8, ...sized(TRANSACTION), 0] },
  7: { name: "commit", tokens: [0xe3, 11, 0, 9, 0, ...sized(TRANSACTION)] },
  8: { name: "rollback", tokens: [0xe3, 11, 0, 10, 0, ...sized(TRANSACTION)] },
} as Record<number, { name: string; tokens: number[] }>;

const TAKEN_BACK = done(0, 0x20n);

const HEADER = 8;
const TABULAR_RESULT = 4;

function send(socket: Socket, tokens: number[]): void {
  const packet = Buffer.from([TABULAR_RESULT, 1, 0, 0, 0, 0, 1, 0, ...tokens]);
  packet.writeUInt16BE(packet.length, 2);
  socket.write(packet);
}

export async function startTdsServer(columns: TdsColumn[]): Promise<TdsServer> {
  const asked: Buffer[] = [];
  const transactions: string[] = [];
  const sockets = new Set<Socket>();

  const answer = (kind: number, body: Buffer): number[][] => {
    // What was under way ends first.
    if (kind === 0x06) return [done(0), TAKEN_BACK];
    if (kind === 0x12) return [PRELOGIN];
    if (kind === 0x10) return [LOGGED_IN];
    if (kind === 0x0e) {
      // What is asked for stands behind headers that begin with their own length.
      const change = transactionChange[body.readUInt16LE(body.readUInt32LE(0))];
      if (change) transactions.push(change.name);
      return [[...(change?.tokens ?? []), ...done(0)]];
    }
    asked.push(body);
    if (body.includes(Buffer.from("waitfor", "ucs2"))) return [];
    return [body.includes(Buffer.from("from ", "ucs2")) ? row(columns) : done(1)];
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    let waiting = Buffer.alloc(0);
    let message: Buffer[] = [];
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= HEADER && waiting.length >= waiting.readUInt16BE(2)) {
        const length = waiting.readUInt16BE(2);
        const [kind = 0, status = 0] = waiting;
        message.push(waiting.subarray(HEADER, length));
        waiting = waiting.subarray(length);
        if ((status & 1) === 0) continue;
        const body = Buffer.concat(message);
        message = [];
        for (const tokens of answer(kind, body)) send(socket, tokens);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as { port: number }).port,
    asked,
    transactions,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
