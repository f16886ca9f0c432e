import { readdir, readFile } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { Problem } from "#schemas/problem.ts";
import { UserError } from "./output.ts";

/** A JSON file that was read, or the one problem that kept it from being read. */
export type ReadFile = { file: string; document: unknown } | { file: string; problem: Problem };

/** How a file is named to the user: as given when it lies elsewhere, else relative to where the user stands. */
export function displayName(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith("..") || isAbsolute(near) ? path : near;
}

export async function readJsonFile(name: string, cwd: string): Promise<ReadFile> {
  const path = resolve(cwd, name);
  const file = displayName(path, cwd);
  let text: string;
  try {
    text = stripMark(await readFile(path, "utf8"));
  } catch (raw) {
    return { file, problem: { code: "file.unreadable", severity: "error", pointer: "", message: unreadable(file, raw) } };
  }
  try {
    return { file, document: parseJson(text) };
  } catch (raw) {
    if (!(raw instanceof JsonError)) throw raw;
    return { file, problem: jsonProblem(raw) };
  }
}

/** Editors of some systems put a byte order mark before the text; it says nothing and is no JSON. */
export const stripMark = (text: string): string => (text.startsWith("\ufeff") ? text.slice(1) : text);

function jsonProblem({ code, message, path = "", position }: JsonError): Problem {
  const problem: Problem = { code, severity: "error", pointer: path, message };
  return position === undefined ? problem : { ...problem, position };
}

const reasons: Record<string, string> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder, not a file",
  EACCES: "may not be read by this user",
  ENOTDIR: "does not exist",
  ENAMETOOLONG: "has a name that is too long",
};

function unreadable(file: string, raw: unknown): string {
  const code = raw instanceof Error && "code" in raw ? String(raw.code) : "";
  const reason = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
  return `The file ${file} ${reason ?? `cannot be read: ${raw instanceof Error ? raw.message : String(raw)}`}.`;
}

/** The JSON of a file, or a UserError that says why not. */
export async function requireJson(name: string, cwd: string): Promise<{ file: string; document: unknown }> {
  const read = await readJsonFile(name, cwd);
  if ("problem" in read) {
    const { problem, file } = read;
    const sentence = [problem.message, problem.hint].filter(Boolean).join(" ");
    throw new UserError(problem.code === "file.unreadable" ? sentence : `${file}: ${sentence}`);
  }
  return read;
}

/** Names in a folder that end like this, sorted; none when there is no such folder. */
export async function filesEnding(folder: string, ending: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => name.endsWith(ending)).sort();
  } catch (raw) {
    if (raw instanceof Error && "code" in raw && (raw.code === "ENOENT" || raw.code === "ENOTDIR")) return [];
    throw raw;
  }
}
