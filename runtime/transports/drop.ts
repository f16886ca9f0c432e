import { posix } from "node:path";
import { charsetOf } from "#nodes/format/writeEdifact.ts";
import type { RenderedRequest } from "#nodes/plan.ts";
import type { Performed } from "#runtime/engine/perform.ts";
import { type OpenFolder, openFolder } from "#runtime/sources/files.ts";
import { type Folder, FolderFailure } from "#runtime/sources/folder.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";

/** A file has this behind its name until it is whole, so that nobody takes half of it. */
const PART = ".part";

/** What no name of a file may hold on any system that may take it. */
const impossible = /[\\:*?"<>|]|\p{Cc}/u;

/**
 * Writes a file: whole under another name first, then renamed, over one of the same name. Written again it is the same
 * file, so it may be repeated.
 */
export async function dropFile(
  parts: Parameters<OpenFolder>[1],
  connection: OpenConnection,
  request: RenderedRequest,
): Promise<Performed> {
  const path = decodeURIComponent(request.path).replace(/^\/+/, "");
  const { dir, base: name } = posix.parse(path);
  if (name === "" || path.split("/").includes("..") || impossible.test(path)) {
    return refused("file.name", `"${path}" is no name for a file.`, "Correct the path of the node.");
  }
  const text = typeof request.body === "string" ? request.body : JSON.stringify(request.body ?? "");
  const bytes = Buffer.from(text, charsetOf(text));
  // Its caller names the crash point: for the engine this is the request.
  let to: Folder | undefined;
  try {
    to = await openFolder(request.transport === "sftpDrop" ? "sftp" : "file", parts, connection, dir);
    await to.write({ folder: "", name: name + PART }, bytes);
    await to.replace(name + PART, name);
    return answered(201, { path, size: bytes.length });
  } catch (error) {
    if (error instanceof FolderFailure) return { ok: false, failure: error.failure, applied: "maybe" };
    const message = `The file could not be written: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, failure: { class: "transient", reason: { code: "folder.unusable", message } }, applied: "maybe" };
  } finally {
    await to?.close();
  }
}

const answered = (status: number, body: unknown): Performed => ({
  ok: true,
  response: { status, headers: {}, body: JSON.stringify(body) },
});

const refused = (code: string, message: string, hint: string): Performed => ({
  ok: false,
  failure: { class: "invalid", reason: { code, message, hint } },
  applied: "no",
});
