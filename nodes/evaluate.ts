import type { FlowEdge, FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { EvaluationFailure, toFailure } from "./connector/failure.ts";
import { readAnswer } from "./connector/readAnswer.ts";
import { renderEffect } from "./connector/renderEffect.ts";
import { runVariables } from "./connector/variables.ts";
import { POINTER } from "./connector/webhook.ts";
import { evaluateExpression } from "./expression/expression.ts";
import { schemaOf } from "./lockedSchema.ts";
import {
  type AnswerJob,
  type AnswerResult,
  type ControlCall,
  type EffectCall,
  INTO,
  type Plan,
  type PortData,
  type SegmentJob,
  type SegmentResult,
} from "./plan.ts";
import type { PureContext } from "./pureNode.ts";
import { controlNodeType, pureNodeType } from "./registry.ts";

/** Node evaluations of one segment; branches that meet again and split again would multiply without end. */
export const MAX_EVALUATIONS = 10_000;

/** A plan by node, made once for each plan. */
interface Wiring {
  nodes: Map<string, FlowNode>;
  /** By `node/port`, in the order of the edges' ids. */
  edges: Map<string, FlowEdge[]>;
}

const wirings = new WeakMap<Plan, Wiring>();

const portKey = (node: string, port: string): string => `${node}/${port}`;

function wiringOf(plan: Plan): Wiring {
  const known = wirings.get(plan);
  if (known) return known;
  const edges = new Map<string, FlowEdge[]>();
  // The order in the file is no part of a version, so it must not decide the order of evaluation either.
  for (const edge of [...plan.flow.edges].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const key = portKey(edge.from.node, edge.from.port);
    edges.set(key, [...(edges.get(key) ?? []), edge]);
  }
  const wiring = { nodes: new Map(plan.flow.nodes.map((node) => [node.id, node])), edges };
  wirings.set(plan, wiring);
  return wiring;
}

/** One walk through a segment and what it has found so far. */
interface Walk {
  plan: Plan;
  job: SegmentJob;
  wiring: Wiring;
  /** Items on their way along an edge. */
  open: { edge: FlowEdge; item: unknown }[];
  effects: EffectCall[];
  controls: ControlCall[];
  crossed: string[];
  ports: Map<string, { inputs: Map<string, unknown[]>; outputs: Map<string, unknown[]> }>;
}

function record(walk: Walk, node: string, side: "inputs" | "outputs", port: string, item: unknown): void {
  if (!walk.job.trace) return;
  const data = walk.ports.get(node) ?? { inputs: new Map(), outputs: new Map() };
  walk.ports.set(node, data);
  data[side].set(port, [...(data[side].get(port) ?? []), item]);
}

const portData = (walk: Walk): { ports?: PortData } => {
  if (!walk.job.trace) return {};
  const sides = [...walk.ports].map(([node, { inputs, outputs }]) => [
    node,
    { inputs: Object.fromEntries(inputs), outputs: Object.fromEntries(outputs) },
  ]);
  return { ports: Object.fromEntries(sides) as PortData };
};

function emit(walk: Walk, node: string, port: string, item: unknown): void {
  record(walk, node, "outputs", port, item);
  for (const edge of walk.wiring.edges.get(portKey(node, port)) ?? []) walk.open.push({ edge, item });
}

function manifestOf(plan: Plan, node: FlowNode): NodeManifest {
  const manifest = Object.hasOwn(plan.lock.manifests, node.type) ? plan.lock.manifests[node.type] : undefined;
  if (!manifest) throw new Error(`The version has no node type "${node.type}", which node "${node.id}" needs.`);
  return manifest;
}

async function evaluatePure(walk: Walk, node: FlowNode, manifest: NodeManifest, item: unknown): Promise<void> {
  if (node.disabled) {
    const through = manifest.outputs[0];
    if (through) emit(walk, node.id, through.name, item);
    return;
  }
  const type = pureNodeType(node.type);
  if (!type) throw new Error(`Node "${node.id}" has the type "${node.type}", which cannot be evaluated.`);
  const outcome = await type.execute(item, node.config ?? {}, contextOf(walk, node.id));
  if (!outcome.ok) throw new EvaluationFailure(outcome);
  emit(walk, node.id, outcome.port, outcome.item);
}

function contextOf(walk: Walk, salt: string): PureContext {
  const surroundings = { clock: walk.job.clock, salt, variables: runVariables(walk.plan, walk.job.clock) };
  const { tables = {} } = walk.plan;
  return {
    evaluate: (expression, input) => evaluateExpression(expression, input, surroundings),
    table: (name) => (Object.hasOwn(tables, name) ? tables[name] : undefined),
    schema: (name) => schemaOf(walk.plan.lock.schemas, name),
  };
}

async function evaluateControl(walk: Walk, node: FlowNode, port: string, item: unknown): Promise<void> {
  const type = controlNodeType(node.type);
  if (!type) throw new Error(`Node "${node.id}" has the type "${node.type}", which no item can enter.`);
  const outcome = await type.execute(item, node.config ?? {}, contextOf(walk, node.id), port);
  if (!outcome.ok) throw new EvaluationFailure(outcome);
  walk.controls.push({ node: node.id, port, item, act: outcome.act });
}

/** Larger priorities than this are cut: the column is an integer, and nobody needs finer steps. */
const MAX_PRIORITY = 1_000_000;

/** What the flow's priority gives where a run begins. Whatever goes wrong with it never stops an order. */
async function priorityOf(walk: Walk): Promise<{ priority?: number }> {
  const { plan, job } = walk;
  if (plan.flow.priority === undefined || job.entry.node !== job.clock.sourceNode) return {};
  try {
    const value = Number(await contextOf(walk, "").evaluate(plan.flow.priority, job.item));
    return Number.isFinite(value) ? { priority: Math.round(Math.max(-MAX_PRIORITY, Math.min(MAX_PRIORITY, value))) } : {};
  } catch {
    return {};
  }
}

async function arrive(walk: Walk, node: FlowNode, port: string, item: unknown): Promise<void> {
  record(walk, node.id, "inputs", port, item);
  const manifest = manifestOf(walk.plan, node);
  if (manifest.kind === "control" && !node.disabled) return evaluateControl(walk, node, port, item);
  if (manifest.kind !== "effect") return evaluatePure(walk, node, manifest, item);
  // A disabled effect ends its branch: what follows an effect relies on its having been done.
  if (!node.disabled) walk.effects.push(await renderEffect(walk.plan, node, manifest, item, walk.job.clock));
}

function entryNode(walk: Walk): FlowNode {
  const node = walk.wiring.nodes.get(walk.job.entry.node);
  if (!node) throw new Error(`The version has no node "${walk.job.entry.node}".`);
  return node;
}

/** A message that only points at a document: the source itself fetches it. */
async function fetchPointed(walk: Walk): Promise<void> {
  const node = entryNode(walk);
  record(walk, node.id, "inputs", POINTER, walk.job.item);
  walk.effects.push(await renderEffect(walk.plan, node, manifestOf(walk.plan, node), walk.job.item, walk.job.clock));
}

async function begin(walk: Walk): Promise<void> {
  const { entry, item } = walk.job;
  if (entry.port === POINTER) return fetchPointed(walk);
  if (entry.port.startsWith(INTO)) return arrive(walk, entryNode(walk), entry.port.slice(INTO.length), item);
  emit(walk, entry.node, entry.port, item);
}

/**
 * Evaluates everything pure behind one output port, breadth first, up to and including the rendering of the effects and
 * the asking of the control nodes that come next. Every arriving item is evaluated on its own. A disabled pure node passes the item on through the first output
 * of its type (`otherwise` of a switch); a disabled effect ends its branch. When any node fails the segment fails as a
 * whole, so that no effect is done for half a document. With `trace`, `ports` also has the entry's own output; with `INTO`,
 * the entry is a node like the others.
 * Never throws: whatever is unforeseen is class `bug` at the node where it happened.
 */
export async function evaluateSegment(plan: Plan, job: SegmentJob): Promise<SegmentResult> {
  const walk: Walk = { plan, job, wiring: wiringOf(plan), open: [], effects: [], controls: [], crossed: [], ports: new Map() };
  let at = job.entry.node;
  let came = job.item;
  try {
    await begin(walk);
    for (let index = 0; index < walk.open.length; index += 1) {
      const { edge, item } = walk.open[index] as Walk["open"][number];
      if (index >= MAX_EVALUATIONS)
        throw new Error(`More than ${MAX_EVALUATIONS} evaluations follow one item; the flow's branches multiply.`);
      walk.crossed.push(edge.id);
      at = edge.to.node;
      came = item;
      const node = walk.wiring.nodes.get(at);
      if (!node) throw new Error(`The edge "${edge.id}" leads to node "${at}", which does not exist.`);
      await arrive(walk, node, edge.to.port, item);
    }
    const { effects, controls, crossed: edges } = walk;
    return { ok: true, effects, controls, ...(await priorityOf(walk)), edges, ...portData(walk) };
  } catch (raw) {
    return { ok: false, node: at, item: came, ...toFailure(raw), edges: walk.crossed, ...portData(walk) };
  }
}

/** Reads a system's answer to an effect of the plan. Never throws. */
export const answer = (plan: Plan, job: AnswerJob): Promise<AnswerResult> => readAnswer(plan, job);
