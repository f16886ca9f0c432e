/** Where a command reads and writes; tests give their own. */
export interface Io {
  out: (text: string) => void;
  err: (text: string) => void;
  /** Folder that relative file names start from. */
  cwd: string;
  /** The installation: where node types, connectors and flows are. */
  root: string;
  readStdin: () => Promise<string>;
}

/** What a command found: for people as text, for machines as JSON. `ok` decides the exit code. */
export interface Report {
  ok: boolean;
  text: string;
  json: Record<string, unknown>;
}

/** A fault of what the user gave: one sentence, no stack trace. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** Rows under a header, columns as wide as their widest cell. */
export function table(header: string[], rows: string[][]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** `1 sample`, `2 samples`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
