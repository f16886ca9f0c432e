import { readFormat } from "#nodes/format/format.ts";
import { FormatError } from "#nodes/format/formatError.ts";
import { charactersOf, unpack } from "#runtime/decode/unpack.ts";
import type { FileColumn } from "#schemas/fileColumns.ts";
import type { Decoding, Format } from "#schemas/format.ts";

export interface FileRules {
  decoding: Decoding;
  maxJsonDepth: number;
}

/** What stands in the messages of a file (one, or one for each file in an archive), or why it cannot be any. */
export type FileContent = { ok: true; contents: Record<string, unknown>[] } | { ok: false; why: string };

/** Under which name the content of a file stands in its message. */
const places: Readonly<Record<Format["type"], string>> = {
  text: "text",
  json: "json",
  jsonl: "json",
  csv: "rows",
  tsv: "rows",
  form: "form",
  xml: "xml",
  x12: "x12",
  edifact: "edifact",
};

/** Reads a file's bytes out of their packing, into characters, into JSON. */
export async function readContent(bytes: Uint8Array, { decoding, maxJsonDepth }: FileRules): Promise<FileContent> {
  const { packed, charset, format = { type: "text" } } = decoding;
  let reading: string | null = null;
  try {
    const contents: Record<string, unknown>[] = [];
    for (const { name, bytes: unpacked } of await unpack(bytes, packed)) {
      reading = name;
      const content = readFormat(charactersOf(unpacked, charset), format, maxJsonDepth);
      contents.push({ ...(name === null ? {} : { entry: name }), [places[format.type]]: content });
    }
    return { ok: true, contents };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { ok: false, why: reading === null ? error.message : `${reading} in the archive: ${error.message}` };
  }
}

/** How a node reads its files: as the connector declares, else by the node's own config. */
export function decodingOf(declared: Decoding | undefined, config: Readonly<Record<string, unknown>>): Decoding {
  if (declared) return declared;
  const { format, delimiter, header, quote, columns, charset, packed } = config;
  const csv = {
    header: header !== false,
    ...(typeof quote === "string" ? { quote } : {}),
    // The config's schema has made sure of them.
    ...(Array.isArray(columns) && columns.length > 0 ? { columns: columns as FileColumn[] } : {}),
  };
  const type = (format ?? "text") as Format["type"];
  return {
    ...(packed === "gzip" || packed === "zip" ? { packed } : {}),
    ...(typeof charset === "string" ? { charset: charset as NonNullable<Decoding["charset"]> } : {}),
    format:
      type === "csv"
        ? { type, ...csv, delimiter: typeof delimiter === "string" ? delimiter : "," }
        : type === "tsv"
          ? { type, ...csv }
          : { type },
  };
}
