import { posix } from "node:path";
import { evaluateExpression } from "#nodes/expression/expression.ts";
import { renderTemplate } from "#nodes/expression/template.ts";
import { writeFormat } from "#nodes/format/format.ts";
import { readContent } from "#runtime/sources/fileBody.ts";
import { fits } from "#runtime/sources/fileSteps.ts";
import type { SimulatorFile, SimulatorSend } from "#schemas/simulator.ts";
import type { Ledger } from "./ledger.ts";
import type { SandboxConnection } from "./simulator.ts";
import { surroundingsOf } from "./surroundings.ts";

/** A file by its path below the folder in which both exchange them. */
export interface PartnerFile {
  path: string;
  bytes: Uint8Array;
}

export interface WrittenFile {
  path: string;
  text: string;
}

/** `refused`: a file that is none of what it says; why stands beside it, as partners do it. */
export type Taken = { ok: true; answers: WrittenFile[] } | { ok: false; why: string };

type Context = Record<string, unknown>;

/** Deeper JSON is no document of the trade. */
const MAX_JSON_DEPTH = 64;

/** One partner of the sandbox with whom files are exchanged: reads what is dropped, and answers by files as its connector says. */
export class Partner {
  readonly #connection: SandboxConnection;
  readonly #files: readonly SimulatorFile[];
  readonly #sends: Readonly<Record<string, SimulatorSend>>;
  readonly #ledger: (name: string) => Promise<Ledger>;
  readonly #now: () => number;

  constructor(connection: SandboxConnection, ledger: (name: string) => Promise<Ledger>, now: () => number = Date.now) {
    const { files = [], sends = {} } = connection.connector.simulator ?? {};
    this.#connection = connection;
    this.#files = files;
    this.#sends = sends;
    this.#ledger = ledger;
    this.#now = now;
  }

  /** The folders in which it looks for files. */
  get folders(): string[] {
    return [...new Set(this.#files.map(({ takes }) => posix.dirname(takes)))];
  }

  /** Names of what it can be told to send. */
  get sends(): string[] {
    return Object.keys(this.#sends);
  }

  /** Reads a file and answers it; undefined for one that is not for it. Taken again, it is answered the same. */
  async take({ path, bytes }: PartnerFile): Promise<Taken | undefined> {
    const { dir, base: name } = posix.parse(path);
    for (const rule of this.#files) {
      const wanted = posix.parse(rule.takes);
      if (wanted.dir !== dir || !fits(wanted.base, name)) continue;
      const read = await readContent(bytes, { decoding: rule.decode ?? {}, maxJsonDepth: MAX_JSON_DEPTH });
      if (!read.ok) return { ok: false, why: read.why };
      const context: Context = { name, path, ...read.contents[0] };
      if (rule.when !== undefined && (await this.#evaluate(rule.when, context)) !== true) continue;
      const seen = await this.#kept(rule.ledger, context);
      const answers: WrittenFile[] = [];
      for (const answer of rule.answers) answers.push(await this.#written(answer, seen));
      return { ok: true, answers };
    }
    return undefined;
  }

  /** A document that it sends by itself, made of `body` or of the connector's own example; undefined where it knows none of that name. */
  async send(name: string, body?: unknown): Promise<WrittenFile | undefined> {
    const send = Object.hasOwn(this.#sends, name) ? this.#sends[name] : undefined;
    if (!send) return undefined;
    return this.#written(send, await this.#kept(send.ledger, { body: body ?? send.example }));
  }

  async #kept(declared: SimulatorFile["ledger"], context: Context): Promise<Context> {
    if (!declared) return context;
    const ledger = await this.#ledger(declared.name);
    const { write, record, amount } = declared;
    const key = String((await this.#evaluate(declared.key, context)) ?? "");
    const known = ledger.get(key);
    if (key === "" || write === "read" || write === "list") {
      const records = write === "list" ? { records: ledger.rows().map((row) => row.record) } : {};
      return { ...context, key, record: known?.record, sequence: known?.sequence, ...records };
    }
    const money = amount === undefined ? undefined : await this.#evaluate(amount, context);
    const row = await ledger.write({
      write,
      key,
      record: record === undefined ? context : await this.#evaluate(record, context),
      amount: money === undefined || money === null ? null : String(money),
    });
    return { ...context, key, record: row.record, sequence: row.sequence };
  }

  async #written({ path, body, encode }: SimulatorFile["answers"][number], context: Context): Promise<WrittenFile> {
    return {
      path: await renderTemplate(path, context, this.#surroundings()),
      text: writeFormat(await this.#evaluate(body, context), encode),
    };
  }

  #evaluate(expression: string, context: Context): Promise<unknown> {
    return evaluateExpression(expression, context, this.#surroundings());
  }

  #surroundings() {
    return surroundingsOf(this.#connection, this.#now());
  }
}
