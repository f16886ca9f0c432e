import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { JsonError, parseJson } from "#schemas/json.ts";
import { Fault } from "./faults.ts";
import { StreamOptions } from "./storefront.ts";
import type { Sandbox } from "./systems.ts";

export interface ControlAnswer {
  status: number;
  body?: unknown;
}

/** A control request that cannot be understood. */
class ControlError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function read<T extends TSchema>(schema: T, text: string): Static<T> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (raw) {
    throw new ControlError(400, raw instanceof JsonError ? raw.message : String(raw));
  }
  if (Value.Check(schema, value)) return value as Static<T>;
  const [error] = Value.Errors(schema, value);
  throw new ControlError(
    400,
    `The request is not right at ${error?.instancePath || "its root"}: ${error?.message ?? "it does not fit"}.`,
  );
}

function known(sandbox: Sandbox, connection: string, ledger?: string): void {
  if (!sandbox.connections.has(connection)) throw new ControlError(404, `The sandbox has no connection "${connection}".`);
  if (ledger !== undefined && !sandbox.ledgerNames(connection).includes(ledger)) {
    const names = sandbox.ledgerNames(connection).join(", ") || "none";
    throw new ControlError(404, `Connection "${connection}" has no ledger "${ledger}"; it has ${names}.`);
  }
}

/** Lets a system have a record that nobody sent: an order that a buyer placed at a marketplace. */
async function putRecord(
  sandbox: Sandbox,
  [connection = "", name = "", key = ""]: string[],
  body: string,
): Promise<ControlAnswer> {
  known(sandbox, connection, name);
  if (key === "") throw new ControlError(400, "Name the record: PUT /_sandbox/ledger/:connection/:ledger/:key.");
  const ledger = await sandbox.ledger(connection, name);
  const record = read(Type.Record(Type.String(), Type.Unknown()), body);
  const row = await ledger.write({ write: "upsert", key, record, amount: null });
  const told = (await sandbox.connections.get(connection)?.tell(name, row)) ?? [];
  return { status: 200, body: { ...row, ...(told.length > 0 ? { told } : {}) } };
}

async function ledgers(sandbox: Sandbox, method: string, way: string[], body: string): Promise<ControlAnswer> {
  const [connection, name] = way;
  if (method === "PUT") return putRecord(sandbox, way, body);
  if (method === "DELETE") {
    if (connection !== undefined) known(sandbox, connection, name);
    const chosen = connection === undefined ? [...sandbox.connections.keys()] : [connection];
    for (const each of chosen) {
      for (const ledger of name === undefined ? sandbox.ledgerNames(each) : [name])
        await (await sandbox.ledger(each, ledger)).clear();
    }
    return { status: 204 };
  }
  if (connection === undefined || name === undefined) {
    return {
      status: 200,
      body: Object.fromEntries([...sandbox.connections.keys()].map((each) => [each, sandbox.ledgerNames(each)])),
    };
  }
  known(sandbox, connection, name);
  const ledger = await sandbox.ledger(connection, name);
  return { status: 200, body: { rows: ledger.rows(), total: ledger.total() } };
}

/** Lets a partner send a document of its own: `POST /_sandbox/files/:connection/:document` with what it is to say, or nothing. */
async function files(
  sandbox: Sandbox,
  method: string,
  [connection = "", document = ""]: string[],
  body: string,
): Promise<ControlAnswer> {
  known(sandbox, connection);
  const at = sandbox.partners.get(connection);
  if (!at) throw new ControlError(404, `With "${connection}" no files are exchanged here; give the connection a folder.`);
  if (method !== "POST") throw new ControlError(404, "Say what it is to send: POST /_sandbox/files/:connection/:document.");
  const told = body === "" ? undefined : read(Type.Record(Type.String(), Type.Unknown()), body);
  const file = await at.partner.send(document, told);
  if (!file) throw new ControlError(404, `"${connection}" sends ${at.partner.sends.join(", ") || "nothing"} by itself.`);
  await at.folder.put(file);
  return { status: 201, body: { path: file.path } };
}

function faults(sandbox: Sandbox, method: string, url: URL, body: string): ControlAnswer {
  if (method === "POST") {
    const fault = read(Fault, body);
    known(sandbox, fault.connection);
    return { status: 201, body: sandbox.faults.add(fault) };
  }
  if (method === "DELETE") {
    sandbox.faults.remove(url.searchParams.get("connection") ?? undefined);
    return { status: 204 };
  }
  return { status: 200, body: { faults: sandbox.faults.list() } };
}

async function stream(sandbox: Sandbox, method: string, url: URL, body: string): Promise<ControlAnswer> {
  const { storefront } = sandbox;
  if (method === "POST") {
    const options = read(StreamOptions, body);
    if (!URL.canParse(options.url)) throw new ControlError(400, `"${options.url}" is no address to send webhooks to.`);
    if (storefront.status().running) throw new ControlError(409, "A stream is running already; stop it with DELETE first.");
    return { status: 201, body: await storefront.start(options) };
  }
  if (method === "DELETE") return { status: 200, body: await storefront.stop() };
  const status = storefront.status();
  return { status: 200, body: url.searchParams.has("orders") ? { ...status, orders: storefront.orders() } : status };
}

/** Answers the addresses under `/_sandbox/`, by which tests and the first start steer the sandbox. */
export async function answerControl(sandbox: Sandbox, method: string, url: URL, body: string): Promise<ControlAnswer> {
  const [, , area, ...rest] = url.pathname.split("/").map(decodeURIComponent);
  try {
    switch (area) {
      case "health":
        return { status: 200, body: { ok: true, connections: [...sandbox.connections.keys()] } };
      case "ledger":
      case "ledgers":
        return await ledgers(sandbox, method, rest.filter(Boolean), body);
      case "files":
        return await files(sandbox, method, rest.filter(Boolean), body);
      case "faults":
        return faults(sandbox, method, url, body);
      case "stream":
        return await stream(sandbox, method, url, body);
      default:
        throw new ControlError(404, "The sandbox has health, ledger, files, faults and stream under /_sandbox/.");
    }
  } catch (raw) {
    if (raw instanceof ControlError) return { status: raw.status, body: { message: raw.message } };
    throw raw;
  }
}
