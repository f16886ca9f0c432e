import { Readable } from "node:stream";
import type { ApiError } from "#schemas/api.ts";
import { readJsonFile } from "./files.ts";
import { type Io, UserError } from "./output.ts";

/** Options of every command that talks to a server. */
export interface ServerOptions {
  url: string;
}

/** Where a server of this machine stands when no `--url` is given. */
const defaultUrl = "http://127.0.0.1:7400";

/** The option that names the server. */
export const urlOption = ["--url <address>", "address of the server", process.env.ORDERLOOM_URL ?? defaultUrl] as const;

/** An answer of the management API. */
export interface Answer<Body> {
  ok: boolean;
  body: Body;
  /** The server's sentence, with what to do, when it is not ok. */
  said: string;
}

/**
 * Asks the management API below `/api/v1`; the token of ORDERLOOM_ADMIN_TOKEN is sent along when there is one. Throws a
 * UserError when no answer comes.
 */
export async function ask<Body>(
  { url }: ServerOptions,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
): Promise<Answer<Body>> {
  const response = await send(url, method, path, body);
  const answer = await response.json().catch(() => null);
  if (answer === null) throw new UserError(`What answers at ${url} is no Orderloom: status ${response.status}, no JSON.`);
  const { message = `The server answered ${response.status}.`, hint } = answer as { message?: string; hint?: string };
  return { ok: response.ok, body: answer as Body, said: hint ? `${message} ${hint}` : message };
}

/** What the management API gives as a stream; throws a UserError for anything but a success. */
export async function stream({ url }: ServerOptions, path: string): Promise<Readable> {
  const response = await send(url, "GET", path, undefined);
  if (response.ok && response.body) return Readable.from(response.body);
  const { message = `The server answered ${response.status}.`, hint } = (await response
    .json()
    .catch(() => ({}))) as Partial<ApiError>;
  throw new UserError(hint ? `${message} ${hint}` : message);
}

async function send(url: string, method: "GET" | "POST" | "PUT", path: string, body: unknown): Promise<Response> {
  const token = process.env.ORDERLOOM_ADMIN_TOKEN;
  try {
    return await fetch(`${url.replace(/\/+$/, "")}/api/v1${path}`, {
      method,
      headers: {
        accept: "application/json",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    const why = error instanceof Error ? String(error.cause ?? error.message) : String(error);
    throw new UserError(`No server answers at ${url}: ${why}. Name its address with --url.`);
  }
}

/** The body of an answer that must be good. */
export async function mustAsk<Body>(
  options: ServerOptions,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
): Promise<Body> {
  const answer = await ask<Body>(options, method, path, body);
  if (!answer.ok) throw new UserError(answer.said);
  return answer.body;
}

/** `NAME=VALUE` pairs as a filter; only the names given are known. */
export function readFilter(pairs: readonly string[], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      const name = pair.slice(0, Math.max(0, at));
      if (!names.includes(name))
        throw new UserError(`--filter "${pair}" is not one of ${names.map((each) => `${each}=...`).join(", ")}.`);
      return [name, pair.slice(at + 1)];
    }),
  );
}

/** A number of an option, or a UserError that names it. */
export function readCount(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`${option} must be a whole number from ${least} to ${most}; "${text}" is none.`);
}

/** The item of a JSON file; integers that JSON numbers cannot keep become text, as everywhere. */
export async function readItemFile(name: string, io: Io): Promise<unknown> {
  const read = await readJsonFile(name, io.cwd);
  if ("problem" in read) throw new UserError(read.problem.message);
  return read.document;
}

/** Something that was tried for several ids, each for itself. */
export interface Done {
  id: string;
  ok: boolean;
  said: string;
  [more: string]: unknown;
}

/** One line for each id. */
export const lines = (all: readonly Done[]): string => all.map(({ id, said }) => `${id}: ${said}`).join("\n");
