import type { Problem } from "#schemas/problem.ts";
import { counted } from "./output.ts";

export interface FileProblems {
  file: string;
  problems: Problem[];
}

export const errorsIn = (problems: readonly Problem[]): Problem[] => problems.filter(({ severity }) => severity === "error");

/** A line for each problem: file, how bad, the sentence, what to do, and the place in the file. */
export function problemLines({ file, problems }: FileProblems): string[] {
  return problems.map(({ severity, message, hint, pointer }) => {
    const place = pointer === "" ? "" : ` (${pointer})`;
    return `${file}: ${severity}: ${[message, hint].filter(Boolean).join(" ")}${place}`;
  });
}

/** `2 errors and 1 warning in 3 files.` */
export function problemSummary(files: readonly FileProblems[]): string {
  const all = files.flatMap(({ problems }) => problems);
  const errors = errorsIn(all).length;
  const warnings = all.length - errors;
  const where = files.length === 1 ? `in ${files[0]?.file}` : `in ${counted(files.length, "file")}`;
  if (all.length === 0) return `No problems ${where}.`;
  const parts = [errors > 0 ? counted(errors, "error") : "", warnings > 0 ? counted(warnings, "warning") : ""];
  return `${parts.filter(Boolean).join(" and ")} ${where}.`;
}
