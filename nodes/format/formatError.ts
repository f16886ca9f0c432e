/** Why a text is not in the format that is expected, or a value cannot be written in it: a sentence for people. */
export class FormatError extends Error {
  override name = "FormatError";
  /** `format.read` or `format.write`. */
  readonly code: "format.read" | "format.write";
  constructor(code: FormatError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export const unreadable = (message: string): FormatError => new FormatError("format.read", message);
export const unwritable = (message: string): FormatError => new FormatError("format.write", message);

/** An excerpt for a sentence. */
export const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
