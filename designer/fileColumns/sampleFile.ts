/** As much of a file as is looked at: enough rows to tell its types, and read at once while somebody types. */
export const MOST_SAMPLE_BYTES = 256_000;

export interface SampleFile {
  text: string;
  charset: string;
  /** The file is longer than what is looked at. */
  cut: boolean;
}

/** The beginning of a file as text, and in which characters it is: what UTF-8 cannot be is taken for Windows-1252. */
export function readSample(bytes: Uint8Array, size = bytes.length): SampleFile {
  const cut = size > bytes.length;
  const { text, charset } = decode(bytes, cut);
  // The last line of a part may end anywhere.
  return { text: cut ? text.slice(0, text.lastIndexOf("\n") + 1) || text : text, charset, cut };
}

function decode(bytes: Uint8Array, cut: boolean): { text: string; charset: string } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder("utf-16le").decode(bytes), charset: "utf-16le" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut }), charset: "utf-8" };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), charset: "windows-1252" };
  }
}
