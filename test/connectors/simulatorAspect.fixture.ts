import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RawResponse, RenderedRequest } from "#nodes/plan.ts";
import type { Told } from "#runtime/sandbox/hooks.ts";
import { Ledger } from "#runtime/sandbox/ledger.ts";
import { Partner, type WrittenFile } from "#runtime/sandbox/partner.ts";
import { Simulator } from "#runtime/sandbox/simulator.ts";
import { readContent } from "#runtime/sources/fileBody.ts";
import { canonicalFaults } from "#schemas/canonical/check.ts";
import type { Connector, ConnectorOperation } from "#schemas/connector.ts";
import { type Aspect, connectionOf, type Files, neededBy, operationsOf, parsed, type Walked } from "./everyConnector.fixture.ts";
import { evaluate } from "./mapping.fixture.ts";
import { type Exchange, type Known, operationOf, type SentRequest, sent } from "./operation.fixture.ts";

type Tree = Record<string, unknown>;

const ADDRESS = "https://system.example";
/** A job is asked for, waited for and fetched in no more requests than these. */
const MOST_REQUESTS = 12;

function unlimited(connector: Connector): Connector {
  const { limit: _limit, routes = [], ...simulator } = connector.simulator ?? {};
  return { ...connector, simulator: { ...simulator, routes: routes.map(({ limit: __, ...route }) => route) } };
}

/** A simulated system in this process that takes every connection; what it looked up in vain is told. */
export class Simulated {
  readonly missed: { ledger: Ledger; name: string; key: string }[] = [];
  readonly listed = new Set<string>();
  readonly #simulator: Simulator;
  readonly #connector: Connector;
  readonly #known: Known;
  readonly #folder: string;
  readonly #ledgers = new Map<string, Promise<Ledger>>();

  /** `now`: a clock by which its rates are enforced; without one there are none. */
  constructor(connector: Connector, known: Known, folder: string, now?: () => number) {
    this.#connector = connector;
    this.#known = known;
    this.#folder = folder;
    // Proofs have tests of their own.
    const { csrf: _csrf, restricted: _restricted, ...rest } = now ? connector : unlimited(connector);
    const open: Connector = { ...rest, auth: { type: "none" } };
    this.#simulator = new Simulator({ name: connector.id, connector: open, ...known }, (name) => this.#opened(name), now);
  }

  #opened(name: string): Promise<Ledger> {
    const known = this.#ledgers.get(name) ?? this.#watched(name);
    this.#ledgers.set(name, known);
    return known;
  }

  async #watched(name: string): Promise<Ledger> {
    const ledger = await Ledger.open(join(this.#folder, `${name}.jsonl`));
    const get = ledger.get.bind(ledger);
    ledger.get = (key) => {
      const row = get(key);
      if (row === undefined && key !== "") this.missed.push({ ledger, name, key });
      if (key === "") this.listed.add(name);
      return row;
    };
    return ledger;
  }

  async put(name: string, key: string, record: unknown): Promise<void> {
    await (await this.#opened(name)).write({ write: "upsert", key, record, amount: null });
  }

  /** Lets a record come to stand by itself; gives what became of the webhooks about it. */
  async tell(name: string, key: string, record: unknown): Promise<Told[]> {
    return this.#simulator.tell(name, await (await this.#opened(name)).write({ write: "upsert", key, record, amount: null }));
  }

  /** As if a person of the system had deleted the record. */
  async remove(name: string, key: string): Promise<void> {
    const ledger = await this.#opened(name);
    const rows = ledger.rows.bind(ledger);
    ledger.rows = () => rows().filter((row) => row.key !== key);
  }

  async answer(request: RenderedRequest): Promise<RawResponse> {
    const { method, url, headers } = await this.#leaving(request);
    const { contentType, body: given } = request;
    const {
      status,
      headers: told,
      body,
    } = await this.#simulator.answer({
      method,
      url: url.href,
      path: this.#connector.auth.type === "path" ? "/secret" : url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      body: given === undefined ? "" : typeof given === "string" && contentType !== undefined ? given : JSON.stringify(given),
    });
    const plain = typeof body === "string" && told["content-type"]?.startsWith("text/");
    return { status, headers: told, body: body === undefined ? "" : plain ? body : JSON.stringify(body) };
  }

  /** As it goes over HTTP; a mail's and an event's path is all the address they have. */
  async #leaving(request: RenderedRequest): Promise<Pick<SentRequest, "method" | "url" | "headers">> {
    const { method, headers, transport, elsewhere } = request;
    if (elsewhere) return { method, url: new URL(elsewhere.address), headers };
    if (transport !== undefined) return { method, url: new URL(request.path, `${ADDRESS}/`), headers };
    return sent(this.#connector, this.#known, request, request.restricted && (await this.#restricted(request.restricted)));
  }

  /** The token that opens what is said of persons. */
  async #restricted(resources: readonly unknown[]): Promise<string> {
    const { restricted } = this.#connector;
    if (!restricted) return "";
    const body = await evaluate(restricted.body, { resources });
    const given = await this.answer({ method: "POST", path: restricted.path, query: {}, headers: {}, body, timeoutMs: 1_000 });
    return String(await evaluate(restricted.token, { ...given, body: JSON.parse(given.body) }));
  }

  async close(): Promise<void> {
    for (const ledger of this.#ledgers.values()) await (await ledger).close();
  }
}

/** What plays the other side is the real thing: a database, a folder, a mail server, a program that calls. */
const realThings: Readonly<Record<string, string>> = {
  files: "a folder of this machine",
  sftp: "an SFTP server",
  sql: "a database",
  service: "a program that calls",
};

const byFile = ({ transport }: ConnectorOperation): boolean => transport === "sftp" || transport === "sftpDrop";

/**
 * The partner takes every file that is dropped, and every source gets a file of the partner's, as an answer or of its own
 * accord, that can be read, and of which its mapping makes something canonical.
 */
async function filesLack({ connector, files }: Walked, folder: string): Promise<string[]> {
  const known = connectionOf(connector);
  const ledgers = new Map<string, Promise<Ledger>>();
  const partner = new Partner({ name: connector.id, connector, ...known }, (name) => {
    const open = ledgers.get(name) ?? Ledger.open(join(folder, `${name}.jsonl`));
    ledgers.set(name, open);
    return open;
  });
  const lacks: string[] = [];
  const written: WrittenFile[] = [];
  for (const [name, operation] of operationsOf(connector).filter(([, each]) => each.transport === "sftpDrop")) {
    for (const file of operation.samples) {
      const { request } = await operationOf(connector, name, known).render((parsed(files, file) as Exchange).item);
      const path = decodeURIComponent(request.path);
      const taken = await partner.take({ path, bytes: Buffer.from(String(request.body)) });
      if (taken?.ok) written.push(...taken.answers);
      else
        lacks.push(
          `The partner of ${connector.id} does not take ${path}, which ${name} drops: ${taken?.why ?? "no rule fits it"}.`,
        );
    }
  }
  for (const name of partner.sends) written.push((await partner.send(name)) as WrittenFile);
  for (const [name, operation] of operationsOf(connector)) {
    if (operation.transport === "sftp" && !(await anyReads(files, operation, written)))
      lacks.push(`The partner of ${connector.id} sends nothing that ${name} could take.`);
  }
  for (const ledger of ledgers.values()) await (await ledger).close();
  return lacks;
}

async function anyReads(files: Files, operation: ConnectorOperation, written: readonly WrittenFile[]): Promise<boolean> {
  const decoding = "decode" in operation ? (operation.decode ?? {}) : {};
  const entries = JSON.parse(files.get("canonical.json") ?? "[]") as { mapping: string; schema: string; samples: string[] }[];
  const entry = entries.find(({ samples }) => samples.some((sample) => operation.samples.includes(sample)));
  for (const { path, text } of written) {
    const read = await readContent(Buffer.from(text), { decoding, maxJsonDepth: 64 });
    if (!read.ok) continue;
    const message = { name: path, path, ...read.contents[0] };
    if (!entry) return true;
    const mapped = await evaluate(files.get(entry.mapping) ?? "", message, { source: { node: "in", system: "x", account: "y" } });
    const all = Array.isArray(mapped) ? mapped : [mapped];
    if (all.length > 0 && all.every((each) => canonicalFaults(entry.schema, each)?.length === 0)) return true;
  }
  return false;
}

/** The simulated system answers every operation's samples as the system would, and so that the connector understands it. */
export const simulator: Aspect = async (walked) => {
  const { connector, files } = walked;
  if (Object.hasOwn(realThings, connector.id)) return [];
  const folder = await mkdtemp(join(tmpdir(), "orderloom-every-"));
  const known = connectionOf(connector, ADDRESS);
  const simulated = new Simulated(connector, known, folder);
  try {
    const lacks = operationsOf(connector).some(([, operation]) => byFile(operation)) ? await filesLack(walked, folder) : [];
    const records: Tree[] = [];
    for (const [name, operation] of inOrder(connector)) {
      for (const file of operation.samples) {
        const sample = parsed(files, file);
        const fault = await answered({ connector, known, simulated, records }, name, operation, sample);
        if (fault !== undefined) lacks.push(`The simulator of ${connector.id} does not answer ${name} with ${file}: ${fault}`);
      }
    }
    return lacks;
  } finally {
    await simulated.close();
    await rm(folder, { recursive: true, force: true });
  }
};

/** What is polled first: its samples are what is looked up and written later. */
const inOrder = (connector: Connector): [string, ConnectorOperation][] => {
  const rank = ({ kind, transport }: ConnectorOperation): number =>
    ["poll", "webhook", "sink", "lookup"].indexOf(kind === "source" ? transport : kind);
  return operationsOf(connector).sort(([, a], [, b]) => rank(a) - rank(b));
};

interface Playing {
  connector: Connector;
  known: Known;
  simulated: Simulated;
  /** Samples of what is polled. */
  records: Tree[];
}

async function answered(
  playing: Playing,
  name: string,
  operation: ConnectorOperation,
  sample: unknown,
): Promise<string | undefined> {
  const { connector, known, simulated } = playing;
  switch (operation.transport) {
    case "poll": {
      const { ask, readPage } = operationOf(connector, name, known, neededBy(operation.config));
      const page = await readPage(await simulated.answer(await ask()));
      playing.records.push(sample as Tree);
      for (const ledger of spokenOf(connector)) await simulated.put(ledger, `polled ${playing.records.length}`, sample);
      return page.ok ? undefined : page.reason.message;
    }
    case "webhook": {
      if (operation.fetch === undefined) return undefined;
      return exchanged(playing, name, sample, {});
    }
    case "http":
    case "mail":
    case "event":
      // Events come from other flows.
      if (operation.kind === "source") return undefined;
      return exchanged(playing, name, (sample as Exchange).item, (sample as Exchange).config);
    default:
      return undefined;
  }
}

/** Ledgers of what is written about. */
const spokenOf = ({ simulator }: Connector): Set<string> =>
  new Set((simulator?.routes ?? []).flatMap(({ about }) => Object.keys(about ?? {})));

/** One request and what follows it; where the system looked for a record in vain, it is put there, and asked again. */
async function exchanged(playing: Playing, name: string, item: unknown, config: Tree | undefined): Promise<string | undefined> {
  playing.simulated.missed.length = 0;
  const first = await conversation(playing, name, item, config);
  if (first === undefined) return undefined;
  const wanted = new Map<string, Simulated["missed"][number]>();
  for (const record of playing.records) {
    for (const each of playing.simulated.missed.splice(0)) wanted.set(`${each.name} ${each.key}`, each);
    for (const { ledger, key } of wanted.values()) await ledger.write({ write: "upsert", key, record, amount: null });
    const again = await conversation(playing, name, item, config);
    if (again === undefined) return undefined;
  }
  return first;
}

async function conversation(
  { connector, known, simulated }: Playing,
  name: string,
  item: unknown,
  config: Tree | undefined,
): Promise<string | undefined> {
  const { render, read } = operationOf(connector, name, known, config);
  let { request } = await render(item);
  let before: unknown[] | undefined;
  for (let count = 0; count < MOST_REQUESTS; count += 1) {
    const answer = await read(item, await simulated.answer(request), "request", before);
    if (!answer.ok) {
      if (answer.again !== undefined) continue;
      return answer.reason.message;
    }
    if (answer.next === undefined) return undefined;
    ({ request, before } = answer.next);
  }
  return "it is never done.";
}
