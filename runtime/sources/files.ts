import { crossing } from "#runtime/crashPoints.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { newId, sha256 } from "#runtime/store/ids.ts";
import type { FileOperation, SftpOperation } from "#schemas/sourceOperation.ts";
import type { Incoming } from "./acceptable.ts";
import { decodingOf, readContent } from "./fileBody.ts";
import { claimedName, type FileCursor, fileKey, fits, nameBefore, newFiles, settled } from "./fileSteps.ts";
import { type FileEntry, type FilePlace, type Folder, FolderFailure } from "./folder.ts";
import { openLocalFolder } from "./localFolder.ts";
import { commit, fail, intervalOf, type Look, type LookedAt, lookedAt, release } from "./look.ts";
import { openSftpFolder } from "./sftpFolder.ts";

/** Files that one look takes; more wait for the next, which comes at once. */
const MOST_PER_LOOK = 500;

/** Bytes of a name that still has room for its claim, and for the reason beside it. */
const LONGEST_NAME = 200;

/** Beside a refused file lies another of its name with this, which says why. */
const REASON = ".reason.txt";

type Operation = FileOperation | SftpOperation;

interface Looking extends Look {
  at: LookedAt;
  operation: Operation;
  folder: Folder;
  /** The node's folder as people name it, part of a file's path. */
  path: string;
}

/** A file that was found, in the folder or claimed before. */
interface Found {
  /** By which it is remembered: place and name. */
  key: string;
  entry: FileEntry;
  claimed: boolean;
}

/**
 * Takes what has come to rest in a folder: claims a file by renaming it, commits its message, archives it. A look that
 * breaks off anywhere leaves the file in the folder, claimed, or archived; the next one goes on from there, and a file
 * committed before is known by its key.
 */
export async function lookFolder(look: Look, open: OpenFolder = openFolder): Promise<void> {
  const at = await lookedAt(look);
  const operation = at?.operation;
  if (!at?.connection || (operation?.transport !== "file" && operation?.transport !== "sftp")) return release(look);
  const { connection, node } = at;
  const path = String(node.config?.folder ?? "");
  let folder: Folder | undefined;
  try {
    folder = await open(operation.transport, look.parts, connection, path);
    await takeAll({ ...look, at, operation, folder, path });
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    const cursor = look.source.cursor ?? newFiles;
    await fail(look, failure, { intervalMs: intervalOf(node, operation.intervalMs), cursor, connection, retry: undefined });
  } finally {
    await folder?.close();
  }
}

export type OpenFolder = (
  transport: Operation["transport"],
  parts: Pick<EngineParts, "settings" | "reaches">,
  connection: OpenConnection,
  path: string,
) => Promise<Folder>;

/** The folder of a node at its connection. Throws FolderFailure. */
export const openFolder: OpenFolder = (transport, { settings, reaches }, connection, path) =>
  transport === "file"
    ? openLocalFolder(settings.filesRoot, [String(connection.config.folder ?? ""), path])
    : openSftpFolder(connection, [path], reaches.of(connection.reach));

/** Errors of the file system itself are the folder's: no room, no right. */
export function failureOf(error: unknown): FolderFailure["failure"] | undefined {
  if (error instanceof FolderFailure) return error.failure;
  if (!(error instanceof Error && "syscall" in error && "path" in error && "code" in error)) return undefined;
  const message = `The folder cannot be worked with: ${error.message}.`;
  const hint = "Give the server's account the right to read, write and rename there.";
  return { class: "transient", reason: { code: "folder.unusable", message, hint } };
}

async function takeAll(looking: Looking): Promise<void> {
  const { folder, source, at, operation, signal } = looking;
  const cursor = (source.cursor as FileCursor | null) ?? newFiles;
  await folder.prepare();
  const found = await listed(looking);
  const { stable, seen } = settled(cursor.seen, found);
  const now: FileCursor = { seen, asOf: cursor.asOf };
  for (const file of stable.filter(({ entry, claimed }) => claimed || hasRoom(entry))) {
    if (signal.aborted) return release(looking);
    if (!(await takeOne(looking, file, now))) return;
    delete seen[file.key];
  }
  const more = found.length >= MOST_PER_LOOK && stable.length > 0;
  const notice = (await refusedNotice(folder)) ?? longNames(found);
  const kept: FileCursor = { seen, asOf: source.now.toISOString() };
  const afterMs = more ? 0 : intervalOf(at.node, operation.intervalMs);
  await commit(looking, at.deployed, [], { cursor: kept, next: { afterMs }, ...(notice ? { notice } : {}) });
}

/** What was claimed before comes first: it is the oldest. */
async function listed({ folder, at }: Looking): Promise<Found[]> {
  const pattern = String(at.node.config?.names ?? "*");
  const left = await folder.list("processing");
  const here = await folder.list("");
  return [
    ...left
      .filter(({ name }) => nameBefore(name) !== undefined)
      .map((entry) => ({ key: `processing/${entry.name}`, entry, claimed: true })),
    ...here.filter(({ name }) => fits(pattern, name)).map((entry) => ({ key: entry.name, entry, claimed: false })),
  ].slice(0, MOST_PER_LOOK);
}

/** Takes one file to its end. False when the source is somebody else's now: nothing more may be done. */
async function takeOne(looking: Looking, file: Found, cursor: FileCursor): Promise<boolean> {
  const { folder } = looking;
  const claimed = file.claimed ? file.entry.name : await claim(folder, file.entry);
  // Somebody else, who has the source by now, took it or will.
  if (claimed === undefined) return true;
  const place: FilePlace = { folder: "processing", name: claimed };
  const limit = looking.parts.settings.maxBodyBytes;
  const bytes = file.entry.size > limit ? undefined : await folder.read(place, limit);
  if (bytes === undefined && file.entry.size <= limit) return true;
  // Written to since it was found at rest: it lies among the claimed now, and the next looks see when it rests again.
  if (bytes && bytes.length !== file.entry.size) return true;
  const incoming = bytes ? await messagesOf(looking, claimed, file.entry, bytes) : tooLarge(file.entry, limit);
  if (typeof incoming === "string") {
    await crossing("file.reason", () => folder.write({ folder: "error", name: claimed + REASON }, `${incoming}\n`));
    await crossing("file.move", () => folder.move(place, { folder: "error", name: claimed }));
    return true;
  }
  if (!(await commit(looking, looking.at.deployed, incoming, { cursor, next: "goesOn" }))) return false;
  await crossing("file.move", () => folder.move(place, { folder: "archive", name: claimed }));
  return true;
}

/** Under a name that no other claim has, so that no file is ever written over. */
async function claim(folder: Folder, { name }: FileEntry): Promise<string | undefined> {
  const claimed = claimedName(newId(), name);
  const moved = await crossing("file.move", () => folder.move({ folder: "", name }, { folder: "processing", name: claimed }));
  return moved ? claimed : undefined;
}

const tooLarge = ({ size }: FileEntry, limit: number): string =>
  `The file has ${size} bytes, more than the ${limit} that a message may have. Split it, or raise ORDERLOOM_MAX_BODY_BYTES.`;

/** The messages of a file, one for each file in an archive, or the sentence that says why it cannot be any. */
async function messagesOf(looking: Looking, claimed: string, entry: FileEntry, bytes: Buffer): Promise<Incoming[] | string> {
  const { at, operation, path, parts } = looking;
  const { maxJsonDepth, maxItemBytes } = parts.settings;
  const read = await readContent(bytes, { decoding: decodingOf(operation.decode, at.node.config ?? {}), maxJsonDepth });
  if (!read.ok) return read.why;
  const name = nameBefore(claimed) ?? claimed;
  const { size, modifiedAtMs } = entry;
  const filePath = path === "" ? name : `${path}/${name}`;
  const contentHash = sha256(bytes);
  const messages: Incoming[] = [];
  for (const [index, content] of read.contents.entries()) {
    const body = { name, path: filePath, size, modifiedAt: new Date(modifiedAtMs).toISOString(), ...content };
    const bytesOfMessage = Buffer.byteLength(JSON.stringify(body));
    if (bytesOfMessage > maxItemBytes) {
      return `As a message the file would have ${bytesOfMessage} bytes, more than the ${maxItemBytes} that one may have. Split it.`;
    }
    const key = fileKey(filePath, entry, contentHash);
    messages.push({
      body,
      contentHash,
      // The place, not the name: an archive may hold two files of one name.
      dedupeKey: "entry" in content ? `${key} ${index}` : key,
      documentKey: null,
      documentVersion: null,
      headers: {},
      milestone: operation.milestone,
    });
  }
  return messages;
}

const hasRoom = ({ name }: FileEntry): boolean => Buffer.byteLength(name) <= LONGEST_NAME;

function longNames(found: readonly Found[]) {
  const long = found.filter(({ entry, claimed }) => !claimed && !hasRoom(entry));
  if (long.length === 0) return undefined;
  const message = `${long.length} ${long.length === 1 ? "file is" : "files are"} left where they are: a name may have ${LONGEST_NAME} bytes at most.`;
  return { class: "invalid" as const, reason: { code: "file.nameTooLong", message, hint: "Give them shorter names." } };
}

/** Said as long as refused files lie there, so that nobody overlooks them. */
async function refusedNotice(folder: Folder) {
  const refused = (await folder.list("error"))
    .filter(({ name }) => !name.endsWith(REASON))
    .map(({ name }) => nameBefore(name) ?? name);
  if (refused.length === 0) return undefined;
  const which = refused.slice(0, 3).join(", ");
  const message = `${refused.length} ${refused.length === 1 ? "file was" : "files were"} refused (${which}${refused.length > 3 ? ", ..." : ""}); the folder "error" has each with its reason.`;
  const hint = "Correct the files and put them back under a name of their own, or remove them.";
  return { class: "invalid" as const, reason: { code: "file.refused", message, hint, params: { count: refused.length } } };
}
