import type { FileTexts } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";
import { flowDefinition } from "#schemas/hash.ts";
import { parseJson } from "#schemas/json.ts";
import { flowShape } from "#schemas/validate/shape.ts";
import { fileText } from "./fileText.ts";
import { type FileKind, fileKind } from "./openBundle.ts";

/** How one file of a folder stands to what an installation has in its place. */
export interface Drift {
  file: string;
  standing: "changed" | "onlyFiles" | "onlyInstalled";
}

/** Files that flows bring with them: one that no flow here uses says nothing about this installation. */
const carried: ReadonlySet<FileKind> = new Set(["connector", "mapping", "schema"]);

/** What an installation has otherwise than the files. How a file is written, and where cards stand, does not count. */
export function driftOf(files: FileTexts, installed: FileTexts): Drift[] {
  const all = [...new Set([...Object.keys(files), ...Object.keys(installed)])].sort();
  return all.flatMap((file): Drift[] => {
    const [mine, there] = [files, installed].map((each) => (Object.hasOwn(each, file) ? each[file] : undefined));
    if (mine === undefined) return [{ file, standing: "onlyInstalled" }];
    if (there !== undefined) return meaning(file, mine) === meaning(file, there) ? [] : [{ file, standing: "changed" }];
    const kind = fileKind(file)?.kind;
    return kind === undefined || carried.has(kind) ? [] : [{ file, standing: "onlyFiles" }];
  });
}

/** A text that is equal for files that mean the same; one that cannot be read means what it says. */
function meaning(file: string, text: string): string {
  const kind = fileKind(file)?.kind;
  if (kind === undefined || kind === "mapping") return text;
  try {
    const value = parseJson(text);
    return fileText(kind === "flow" && flowShape(value).length === 0 ? flowDefinition(value as Flow) : value);
  } catch {
    return text;
  }
}
