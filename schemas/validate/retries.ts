import { defaultRetryPolicy } from "../outcomeClass.ts";
import { pointerOf } from "../pointer.ts";
import type { DraftNode, FlowCheck } from "./draft.ts";
import { list, quote } from "./wording.ts";

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
  message: string;
  hint: string;
}

function firstFinding({ id, manifest }: DraftNode, retry: Record<string, unknown>): Finding | undefined {
  if (manifest?.effect === undefined) {
    const message = `Node ${quote(id)} has retry settings, but only nodes that talk to another system are retried.`;
    return { code: "retry.noEffect", severity: "warning", message, hint: 'Remove "retry" from the node.' };
  }
  return retryFinding(`Node ${quote(id)}`, retry, manifest.retry);
}

/** The first thing that makes no sense in retry settings, laid over `defaults` and the product's own. */
export function retryFinding(subject: string, retry: Record<string, unknown>, defaults: object = {}): Finding | undefined {
  const { baseMs, capMs, maxAgeMs } = { ...defaultRetryPolicy, ...defaults, ...retry } as Record<string, unknown>;
  if (typeof baseMs === "number" && typeof capMs === "number" && capMs < baseMs) {
    const message = `${subject}: the longest wait (capMs, ${capMs} ms) is shorter than the first (baseMs, ${baseMs} ms).`;
    const property = "capMs" in retry ? "capMs" : "baseMs";
    return { code: "retry.capBelowBase", severity: "error", property, message, hint: "Make capMs at least as long as baseMs." };
  }
  if (typeof maxAgeMs === "number" && maxAgeMs > 0 && typeof baseMs === "number" && maxAgeMs < baseMs) {
    const message = `${subject}: a task is too old to retry (maxAgeMs, ${maxAgeMs} ms) before its first wait ends (baseMs, ${baseMs} ms).`;
    const property = "maxAgeMs" in retry ? "maxAgeMs" : "baseMs";
    const hint = "Make maxAgeMs longer than baseMs, or 0 for no limit.";
    return { code: "retry.neverRetries", severity: "error", property, message, hint };
  }
  return Array.isArray(retry.classes) ? classesFinding(subject, retry.classes) : undefined;
}

function classesFinding(subject: string, classes: unknown[]): Finding | undefined {
  const property = "classes";
  if (classes.includes("inDoubt")) {
    const message = `${subject} retries the outcome "inDoubt", where the target may already have applied the request.`;
    return { code: "retry.inDoubt", severity: "error", property, message, hint: 'Leave "inDoubt" to a person.' };
  }
  const hopeless = neverRetried.filter((name) => classes.includes(name));
  if (hopeless.length === 0) return undefined;
  const message = `${subject} retries the outcome ${list(hopeless)}, where the same request can only fail again.`;
  return { code: "retry.hopeless", severity: "warning", property, message, hint: "Leave those classes out." };
}
