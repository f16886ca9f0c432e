import { analyse } from "./analyse.ts";
import { faultOf } from "./fault.ts";
import type { Finding, Fix } from "./findings.ts";
import { say } from "./say.ts";
import type { Analysis, Surroundings } from "./walk.ts";

/** One thing that is said of an expression, in words. */
export interface Remark {
  from: number;
  to: number;
  severity: "error" | "warning" | "info";
  text: string;
  fix?: Fix;
}

export interface Reading {
  remarks: Remark[];
  /** Absent for what cannot be read. */
  analysis?: Analysis;
}

/** All that there is to say of an expression: what keeps it from being read, else what is doubtful in it. */
export function readingOf(text: string, surroundings: Surroundings): Reading {
  if (text.trim() === "") return { remarks: [] };
  const fault = faultOf(text);
  if (fault) {
    const { from, to, code, params, fix } = fault;
    return { remarks: [{ from, to, severity: "error", text: say(`fault.${code}`, params), ...(fix ? { fix } : {}) }] };
  }
  const analysis = analyse(text, surroundings);
  return { remarks: analysis.findings.map(remarkOf), analysis };
}

function remarkOf({ from, to, severity, code, params, fix }: Finding): Remark {
  return { from, to, severity, text: sentenceOf(code, params), ...(fix ? { fix } : {}) };
}

function sentenceOf(code: Finding["code"], given: Finding["params"]): string {
  if (code !== "noField" && code !== "noVariable" && code !== "noFunction") return say(`finding.${code}`, given);
  // A variable and a function are read with their sign.
  const sign = code === "noField" ? "" : "$";
  const params = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, sign + value]));
  return say(given.meant === undefined ? `finding.${code}` : `finding.${code}Meant`, params);
}

/** The expression once a fix was made. */
export const withFix = (text: string, { from, to, insert }: Fix): string => text.slice(0, from) + insert + text.slice(to);
