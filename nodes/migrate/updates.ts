import type { Connector } from "#schemas/connector.ts";
import { type Change, changesBetween } from "#schemas/diff.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { Migration } from "#schemas/lifecycle.ts";
import { madeWith, migrationsDue, newestShape } from "#schemas/nodeVersion.ts";
import { evaluateExpression } from "../expression/expression.ts";
import { toExpressionError } from "../expression/expressionError.ts";
import type { Catalog } from "../lock.ts";
import { currentNode } from "./currentFlow.ts";

type Config = Record<string, unknown>;

/** A node that was made with an older version of its type, or with a deprecated one, and what it becomes. */
export interface NodeUpdate {
  node: string;
  why: "version" | "deprecated";
  before: FlowNode;
  after: FlowNode;
  changes: Change[];
  /** What else is different than before: sentences. */
  notes: string[];
}

export type Updated = { ok: true; update: NodeUpdate } | { ok: false; node: string; message: string };

type Known = Pick<Catalog, "manifests" | "connectors">;

/** A migration is a function of the config alone. */
const surroundings = {
  clock: { runId: "migration", now: "2026-01-01T00:00:00.000Z", seed: "migration", sourceNode: "" },
  salt: "",
  variables: {},
};

/** What a migration makes of a config. Rejects with a sentence where it fails or makes no object. */
export async function migrated({ config: text }: Migration, config: Config): Promise<Config> {
  const after = await evaluateExpression(text, config, surroundings).catch((raw: unknown) => {
    throw new Error(`The migration fails on this config: ${toExpressionError(raw).message}`);
  });
  if (typeof after !== "object" || after === null || Array.isArray(after))
    throw new Error("The migration makes no object of this config.");
  return after as Config;
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  record && Object.hasOwn(record, name) ? record[name] : undefined;

function operationOf({ connectors }: Known, type: string): { connector: Connector; name: string } | undefined {
  const [id = "", name] = type.split(".");
  const connector = name === undefined ? undefined : own(connectors, id);
  return connector && name !== undefined ? { connector, name } : undefined;
}

/** What a node has become, and what migrations say besides. */
interface Newer {
  node: FlowNode;
  notes: string[];
}

const notesOf = ({ note }: Migration): string[] => (note === undefined ? [] : [note]);

/** The node with the settings of the newest version of its type that is known here. */
async function inNewestShape(node: FlowNode, known: Known): Promise<Newer> {
  const manifest = own(known.manifests, node.type);
  const operation = operationOf(known, node.type);
  if (!manifest || !operation) return { node: currentNode(node), notes: [] };
  const due = migrationsDue(manifest, madeWith(node));
  if (due.length === 0) return { node, notes: [] };
  const notes: string[] = [];
  let config = node.config ?? {};
  for (const major of due) {
    const migration = own(own(operation.connector.migrations, String(major)), operation.name);
    if (!migration) continue;
    config = await migrated(migration, config);
    notes.push(...notesOf(migration));
  }
  return { node: { ...node, version: due.at(-1) ?? 1, config }, notes };
}

/** The node as one of the type that stands in the place of its own, or in the place of that. */
async function inItsPlace({ node, notes }: Newer, known: Known, left: ReadonlySet<string> = new Set()): Promise<Newer> {
  const to = own(known.manifests, node.type)?.lifecycle?.replacedBy;
  const manifest = to === undefined ? undefined : own(known.manifests, to);
  const successor = to === undefined ? undefined : operationOf(known, to);
  const { name = "" } = operationOf(known, node.type) ?? {};
  const migration = successor && own(own(successor.connector.operations, successor.name)?.lifecycle?.deprecates, name);
  if (to === undefined || !manifest || !migration || left.has(to)) return { node, notes };
  const { version: _, ...rest } = node;
  const version = newestShape(manifest);
  const config = await migrated(migration, node.config ?? {});
  const replaced = { ...rest, type: to, ...(version === undefined ? {} : { version }), config };
  return inItsPlace({ node: replaced, notes: [...notes, ...notesOf(migration)] }, known, new Set([...left, node.type]));
}

/** Brings one node up to date; undefined where it is. A deprecated type is given up only where asked for: what follows gets other data. */
export async function updateOf(
  node: FlowNode,
  known: Known,
  { deprecated }: { deprecated: boolean },
): Promise<Updated | undefined> {
  try {
    const newest = await inNewestShape(node, known);
    const { node: after, notes } = deprecated ? await inItsPlace(newest, known) : newest;
    if (after === node) return undefined;
    const why = after.type === node.type ? "version" : "deprecated";
    return { ok: true, update: { node: node.id, why, before: node, after, changes: changesBetween(node, after), notes } };
  } catch (raw) {
    return { ok: false, node: node.id, message: raw instanceof Error ? raw.message : String(raw) };
  }
}

/** Every update that a flow's nodes need. */
export async function updatesOf(flow: Pick<Flow, "nodes">, known: Known, options: { deprecated: boolean }): Promise<Updated[]> {
  const found = await Promise.all(flow.nodes.map((node) => updateOf(node, known, options)));
  return found.filter((one) => one !== undefined);
}

/** The flow after some updates; the same flow where there are none. */
export function withUpdates<Drawn extends Pick<Flow, "nodes">>(flow: Drawn, updates: readonly NodeUpdate[]): Drawn {
  const after = new Map(updates.map((update) => [update.node, update.after]));
  return updates.length === 0 ? flow : { ...flow, nodes: flow.nodes.map((node) => after.get(node.id) ?? node) };
}
