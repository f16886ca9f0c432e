import { promisify } from "node:util";
import { crc32, gunzip } from "node:zlib";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { FormatError, shown, unreadable } from "#nodes/format/formatError.ts";
import type { Charset, Decoding } from "#schemas/format.ts";

/** A file out of its packing. The name is what the archive says; it is shown, and never used as a path. */
export interface Unpacked {
  name: string | null;
  bytes: Uint8Array;
}

/** What comes out of one packing at most, all files together: as much as one item may have and again, not a disk full. */
export const MOST_UNPACKED_BYTES = 32_000_000;

/** Business documents shrink to a twentieth at best, repetitive reports to a hundredth; a bomb to a thousandth. */
export const MOST_RATIO = 200;

/** So much may always come out: a short file of spaces is no bomb. */
export const ALWAYS_BYTES = 1_000_000;

/** More files than this in one archive are no delivery of documents. */
export const MOST_ENTRIES = 1_000;

const mostFrom = (packed: number): number => Math.min(MOST_UNPACKED_BYTES, Math.max(ALWAYS_BYTES, packed * MOST_RATIO));

const tooMuch = (most: number): FormatError =>
  unreadable(`Unpacked it would have more than ${most} bytes, which is more than may come out of its packing. Split it.`);

/** Takes files out of their packing, within limits that a bomb does not pass. Throws FormatError. */
export async function unpack(bytes: Uint8Array, packed: Decoding["packed"]): Promise<Unpacked[]> {
  switch (packed === "auto" ? packingOf(bytes) : packed) {
    case undefined:
      return [{ name: null, bytes }];
    case "gzip":
      return [{ name: null, bytes: await gunzipped(bytes) }];
    case "zip":
      return unzipped(bytes);
  }
}

/** What the first bytes say: gzip and ZIP begin with marks that no text begins with. */
function packingOf([first, second, third]: Uint8Array): "gzip" | "zip" | undefined {
  if (first === 0x1f && second === 0x8b) return "gzip";
  return first === 0x50 && second === 0x4b && third === 0x03 ? "zip" : undefined;
}

async function gunzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const most = mostFrom(bytes.length);
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: most });
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") throw tooMuch(most);
    throw unreadable(`It is not gzip, or not whole: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

async function unzipped(bytes: Uint8Array): Promise<Unpacked[]> {
  let zip: ZipFile | undefined;
  try {
    zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return await filesOf(zip, mostFrom(bytes.length));
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw unreadable(`It is not a ZIP archive, or not whole: ${error instanceof Error ? error.message : String(error)}.`);
  } finally {
    zip?.close();
  }
}

async function filesOf(zip: ZipFile, most: number): Promise<Unpacked[]> {
  if (zip.entryCount > MOST_ENTRIES) throw unreadable(`The archive has more than ${MOST_ENTRIES} files. Split it.`);
  const files: Unpacked[] = [];
  let left = most;
  for await (const entry of zip.eachEntry()) {
    const { fileName: name } = entry;
    if (name.endsWith("/")) continue;
    if (entry.isEncrypted()) throw unreadable(`${shown(name)} in the archive is encrypted.`);
    if (entry.uncompressedSize > left) throw tooMuch(most);
    const content = await bytesOf(zip, entry, left);
    if (content === undefined) throw tooMuch(most);
    if (crc32(content) !== entry.crc32)
      throw unreadable(`${shown(name)} in the archive was changed on the way: its check sum differs.`);
    left -= content.length;
    files.push({ name, bytes: content });
  }
  if (files.length === 0) throw unreadable("The archive has no files.");
  return files;
}

/** Undefined when there is more than may be, whatever the archive said of it. */
async function bytesOf(zip: ZipFile, entry: Entry, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What Windows-1252 has where ISO 8859-1 has control characters; Node's own decoder takes the two for one. */
const WINDOWS = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";
const FIRST_OF_WINDOWS = 0x80;

const windowsText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("latin1")
    .replace(/[\u0080-\u009f]/g, (each) => WINDOWS[each.charCodeAt(0) - FIRST_OF_WINDOWS] ?? each);

/** The one file in a packing, as characters. Throws FormatError where there are several. */
export async function textOf(bytes: Uint8Array, { packed, charset }: Decoding): Promise<string> {
  const [file, more] = await unpack(bytes, packed);
  if (!file || more) throw unreadable("The archive has several files where one is expected.");
  return charactersOf(file.bytes, charset);
}

/** The characters of a file. Bytes that are none in the charset refuse it, instead of becoming question marks. */
export function charactersOf(bytes: Uint8Array, charset: Charset = "utf-8"): string {
  if (charset === "windows-1252") return windowsText(bytes);
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch {
    throw unreadable(`It is not ${charset.toUpperCase()} text.`);
  }
}
