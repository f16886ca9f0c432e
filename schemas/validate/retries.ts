import { defaultRetryPolicy } from "../outcomeClass.ts";
import { pointerOf } from "../pointer.ts";
import type { Mention, Words } from "../problem.ts";
import type { DraftNode, FlowCheck } from "./draft.ts";
import { aNode, aSetting, list } from "./wording.ts";
import { words } from "./words.ts";

const neverRetried = ["invalid", "rejected", "duplicate", "tooLarge", "poison", "cancelled", "bug"];

/** Retry values that are each allowed but make no sense together, or at this node. */
export const retries: FlowCheck = ({ nodes }, _context, report) => {
  for (const node of nodes) {
    const finding = node.manifest && node.retry ? firstFinding(node, node.retry) : undefined;
    if (!finding) continue;
    const { property, ...rest } = finding;
    report({ ...rest, pointer: pointerOf("nodes", node.index, "retry", ...(property ? [property] : [])), node: node.id });
  }
};

interface Finding {
  code: string;
  severity: "error" | "warning";
  property?: string;
  message: Words;
  hint: string | Words;
}

function firstFinding({ id, manifest }: DraftNode, retry: Record<string, unknown>): Finding | undefined {
  if (manifest?.effect === undefined) {
    const message = words`Node ${aNode(id)} has retry settings, but only nodes that talk to another system are retried.`;
    return { code: "retry.noEffect", severity: "warning", message, hint: words`Remove ${aSetting("retry")} from the node.` };
  }
  return retryFinding(words`Node ${aNode(id)}`, retry, manifest.retry);
}

const time = (name: string, text = name): Mention => ({ text, setting: pointerOf("retry", name) });

/** The first thing that makes no sense in retry settings, laid over `defaults` and the product's own. */
export function retryFinding(
  subject: string | Words,
  retry: Record<string, unknown>,
  defaults: object = {},
): Finding | undefined {
  const { baseMs, capMs, maxAgeMs } = { ...defaultRetryPolicy, ...defaults, ...retry } as Record<string, unknown>;
  if (typeof baseMs === "number" && typeof capMs === "number" && capMs < baseMs) {
    const longest = time("capMs", `the longest wait (capMs, ${capMs} ms)`);
    const message = words`${subject}: ${longest} is shorter than ${time("baseMs", `the first (baseMs, ${baseMs} ms)`)}.`;
    const hint = words`Make ${time("capMs")} at least as long as ${time("baseMs")}.`;
    const property = "capMs" in retry ? "capMs" : "baseMs";
    return { code: "retry.capBelowBase", severity: "error", property, message, hint };
  }
  if (typeof maxAgeMs === "number" && maxAgeMs > 0 && typeof baseMs === "number" && maxAgeMs < baseMs) {
    const message = words`${subject}: a task is too old to retry (${time("maxAgeMs", `maxAgeMs, ${maxAgeMs} ms`)}) before its first wait ends (${time("baseMs", `baseMs, ${baseMs} ms`)}).`;
    const property = "maxAgeMs" in retry ? "maxAgeMs" : "baseMs";
    const hint = words`Make ${time("maxAgeMs")} longer than ${time("baseMs")}, or 0 for no limit.`;
    return { code: "retry.neverRetries", severity: "error", property, message, hint };
  }
  return Array.isArray(retry.classes) ? classesFinding(subject, retry.classes) : undefined;
}

function classesFinding(subject: string | Words, classes: unknown[]): Finding | undefined {
  const property = "classes";
  if (classes.includes("inDoubt")) {
    const message = words`${subject} retries the outcome "inDoubt", where the target may already have applied the request.`;
    return { code: "retry.inDoubt", severity: "error", property, message, hint: 'Leave "inDoubt" to a person.' };
  }
  const hopeless = neverRetried.filter((name) => classes.includes(name));
  if (hopeless.length === 0) return undefined;
  const message = words`${subject} retries the outcome ${list(hopeless)}, where the same request can only fail again.`;
  return { code: "retry.hopeless", severity: "warning", property, message, hint: "Leave those classes out." };
}
