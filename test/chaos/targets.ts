import type { Agent } from "undici";
import { request } from "undici";
import type { Fault } from "#runtime/sandbox/faults.ts";
import { addAll } from "#schemas/decimal.ts";
import type { IdempotencyMode } from "#schemas/manifest.ts";
import type { Applied } from "./oracle.ts";

/** What steers the targets and reads their ledgers. */
export interface Targets {
  fault(fault: Omit<Fault, "connection">): Promise<void>;
  clearFaults(): Promise<void>;
  /** Faults that have met no request yet. */
  faults(): Promise<number>;
  /** Puts a document where a poll finds it. */
  layReady(document: object): Promise<void>;
  /** The addresses that webhooks are sent to, of a system that is told. */
  hooks(): Promise<string[]>;
  /** What the ledger of a mode holds; a record is known by its document, under whatever key it was made. */
  applied(mode: IdempotencyMode): Promise<Applied[]>;
}

interface Hook {
  address: string;
  deleted?: boolean;
}

interface Row {
  creates: number;
  amount: string | null;
  record: { id: string };
}

/** The targets of the connection `system` of the sandbox at `url`. */
export function targetsAt(url: string, system: string, agent?: Agent): Targets {
  const call = async (method: "GET" | "POST" | "DELETE", path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await request(`${url}/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(agent ? { dispatcher: agent } : {}),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`The sandbox answered ${answer.statusCode}: ${text}`);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  };
  /** What lets a request in where the system wants a token; anybody gets one. */
  const admitted = async (): Promise<Record<string, string>> => {
    const answer = await request(`${url}/${system}/token`, { method: "POST", ...(agent ? { dispatcher: agent } : {}) });
    const { access_token: token } = (await answer.body.json()) as { access_token?: string };
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  };
  return {
    fault: async (fault) => void (await call("POST", "_sandbox/faults", { connection: system, ...fault })),
    clearFaults: async () => void (await call("DELETE", `_sandbox/faults?connection=${system}`)),
    faults: async () => ((await call("GET", "_sandbox/faults")) as { faults: unknown[] }).faults.length,
    layReady: async (document) => void (await call("POST", `${system}/ready`, document, await admitted())),
    async hooks() {
      const { rows } = (await call("GET", `_sandbox/ledger/${system}/hooks`)) as { rows: { record: Hook }[] };
      return rows.flatMap(({ record }) => (record.deleted ? [] : [record.address]));
    },
    async applied(mode) {
      const { rows } = (await call("GET", `_sandbox/ledger/${system}/${mode}`)) as { rows: Row[] };
      const byDocument = new Map<string, Row[]>();
      for (const row of rows) byDocument.set(row.record.id, [...(byDocument.get(row.record.id) ?? []), row]);
      return [...byDocument].map(([document, made]) => ({
        system: mode,
        document,
        creates: made.reduce((sum, row) => sum + row.creates, 0),
        amount: made.length === 1 ? (made[0]?.amount ?? null) : sumOf(made),
      }));
    },
  };
}

const sumOf = (rows: readonly Row[]): string => addAll(rows.flatMap(({ amount }) => (amount === null ? [] : [amount])));
