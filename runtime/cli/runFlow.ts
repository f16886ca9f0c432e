import { randomUUID } from "node:crypto";
import { intakeKeys } from "#nodes/connector/webhook.ts";
import type { DryRun } from "#nodes/dryRun/dryRun.ts";
import type { Plan } from "#nodes/plan.ts";
import { canonicalJson } from "#schemas/canonicalJson.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { JsonError, parseJson } from "#schemas/json.ts";
import type { FlowSample } from "#schemas/sample.ts";
import { validateSample } from "#schemas/validate/sample.ts";
import { list, quote, suggestion } from "#schemas/validate/wording.ts";
import { execute, openFlow, outcomeOf } from "./execute.ts";
import { requireJson, stripMark } from "./files.ts";
import { openInstallation } from "./installation.ts";
import { type Io, type Report, UserError } from "./output.ts";
import { problemLines } from "./problems.ts";

export interface RunOptions {
  /** A JSON file, a sample file, or `-` for the standard input. */
  message: string;
  source?: string;
  /** `name=value` each. */
  header: string[];
}

/** `run FILE --message INPUT`: one execution in this process on simulated systems. Nothing is sent or stored. */
export async function runFlow(name: string, options: RunOptions, io: Io): Promise<Report> {
  const installation = await openInstallation(io);
  const opened = await openFlow(name, installation, io.cwd);
  if ("problems" in opened) {
    const { file, problems } = opened;
    return { ok: false, text: problemLines({ file, problems }).join("\n"), json: { ok: false, file, problems } };
  }
  const { plan, others } = opened;
  const { input: item, headers, source: named, answers, messages, tables } = await readMessage(options, io);
  const source = sourceOf(plan, options.source ?? named);
  const runId = randomUUID();
  const clock = { runId, now: new Date().toISOString(), seed: runId, sourceNode: source };
  const run = await execute(plan, { item, clock, others, answers, messages, tables });
  const keys = keysOf(plan, source, headers, item);
  const ok = run.state === "SUCCEEDED";
  return {
    ok,
    text: runText(opened.flow, run, keys),
    json: {
      ok,
      state: run.state,
      outcome: outcomeOf(run),
      ...keys,
      waiting: run.waiting,
      response: run.response,
      failures: run.failures,
      routed: run.routed,
      effects: run.effects.map(({ call: { item: _item, ...call }, response }) => ({ ...call, response: response ?? null })),
      nodes: run.nodes,
      tasks: run.tasks,
    },
  };
}

type Message = Pick<FlowSample, "input" | "headers" | "answers" | "messages" | "tables"> & { source?: string };

async function readMessage({ message, header }: RunOptions, io: Io): Promise<Message> {
  const given = Object.fromEntries(header.map(readHeader));
  if (message === "-") return { input: parseStdin(await io.readStdin()), headers: given };
  const { file, document } = await requireJson(message, io.cwd);
  if (!message.endsWith(".sample.json")) return { input: document, headers: given };
  const problems = validateSample(document);
  if (problems.length > 0) throw new UserError(problemLines({ file, problems }).join("\n"));
  const sample = document as FlowSample;
  return { ...sample, headers: { ...sample.headers, ...given } };
}

function parseStdin(text: string): unknown {
  try {
    return parseJson(stripMark(text));
  } catch (raw) {
    if (raw instanceof JsonError) throw new UserError(`The standard input: ${raw.message}`);
    throw raw;
  }
}

function readHeader(text: string): [string, string] {
  const at = text.indexOf("=");
  if (at < 1) throw new UserError(`The header ${quote(text)} has no name; write --header name=value.`);
  return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()];
}

function sourceOf({ flow, lock }: Plan, named: string | undefined): string {
  const sources = flow.nodes.filter((node) => lock.manifests[node.type]?.kind === "source").map((node) => node.id);
  if (named !== undefined) {
    if (sources.includes(named)) return named;
    const hint = suggestion(named, sources, "sources");
    throw new UserError(`The flow ${quote(flow.id)} has no source ${quote(named)}. ${hint}`);
  }
  const [only] = sources;
  if (only !== undefined && sources.length === 1) return only;
  throw new UserError(`The flow ${quote(flow.id)} has ${sources.length} sources, ${list(sources)}; name one with --source.`);
}

interface Keys {
  documentKey: string | null;
  dedupeKey: string | null;
}

/** By what the message would be known; null for the dedupe key means that the hash of the body would be taken. */
function keysOf({ flow, lock }: Plan, source: string, headers: Record<string, string>, body: unknown): Keys {
  const { connector = "", operation = "" } = lock.manifests[flow.nodes.find(({ id }) => id === source)?.type ?? ""] ?? {};
  const webhook = lock.connectors[connector]?.operations[operation];
  if (webhook?.transport !== "webhook") return { documentKey: null, dedupeKey: null };
  const { documentKey, dedupeKey } = intakeKeys(webhook, { headers, body });
  return { documentKey, dedupeKey };
}

function runText(flow: Flow, run: DryRun, keys: Keys): string {
  const end = run.state === "SUCCEEDED" ? "SUCCEEDED" : `${run.state} (${outcomeOf(run)})`;
  const waits = run.waiting ? ", and something of it waits" : "";
  const about = keys.documentKey === null ? "" : `, document ${keys.documentKey}`;
  const effects = run.effects.map(({ call, response }) => {
    const { method, path } = call.request;
    const key = call.effectKey === "" ? "" : `  [${call.effectKey}]`;
    return `  ${call.node}: ${method} ${path} -> ${response?.status ?? "not sent, stands already"}${key}`;
  });
  const asked = effects.length === 0 ? [] : ["", "Effects (simulated)", ...effects];
  const { response } = run;
  return [
    `${flow.id}: ${end}${waits}${about}`,
    ...(response ? [`Responds ${response.status}: ${JSON.stringify(response.body)}`] : []),
    ...run.failures.map((failure) => failureText(failure)),
    ...run.routed.map((failure) => `${failureText(failure)} It went on by an error way.`),
    ...flow.nodes.map((node) => nodeText(flow, node, run)),
    ...asked,
  ].join("\n");
}

function failureText({ node, itemPath, class: kind, reason }: DryRun["failures"][number]): string {
  const path = reason.path ? ` (at ${reason.path})` : "";
  const item = itemPath === "" ? "" : ` for the item ${itemPath}`;
  return `Node "${node}" failed${item}, ${kind}: ${[reason.message, reason.hint].filter(Boolean).join(" ")}${path}`;
}

const statusText = { done: "done", failed: "FAILED", waiting: "waiting", notReached: "not reached" } as const;

function nodeText(flow: Flow, { id, type }: FlowNode, run: DryRun): string {
  const { status = "notReached", inputs = {}, outputs = {} } = run.nodes[id] ?? {};
  const ports = [
    ...Object.entries(inputs).map(([port, items]) => portText("in ", port, items, sameAs(flow, id, port, items, run))),
    ...Object.entries(outputs).map(([port, items]) => portText("out", port, items)),
  ];
  return [`\n${id} (${type}): ${statusText[status]}`, ...ports].join("\n");
}

/** What an input carries was mostly shown already, at the output before it. */
function sameAs(flow: Flow, node: string, port: string, items: unknown[], run: DryRun): string | undefined {
  const edge = flow.edges.find(({ to }) => to.node === node && to.port === port);
  const before = edge && run.nodes[edge.from.node]?.outputs[edge.from.port];
  return edge && before && canonicalJson(before) === canonicalJson(items) ? `as ${edge.from.node}.${edge.from.port}` : undefined;
}

function portText(side: string, port: string, items: unknown[], said?: string): string {
  if (said !== undefined) return `  ${side} ${port}: ${said}`;
  return items.map((item) => `  ${side} ${port}: ${JSON.stringify(item, null, 2).replaceAll("\n", "\n    ")}`).join("\n");
}
