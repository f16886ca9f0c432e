import type { PortRef } from "../flow.ts";
import { isObject, objectOf } from "../isObject.ts";
import type { NodeManifest } from "../manifest.ts";
import { madeWith } from "../nodeVersion.ts";
import type { Finding } from "./words.ts";

/** What validation knows besides the flow. */
export interface FlowContext {
  /** By node type. */
  manifests: Readonly<Record<string, NodeManifest>>;
  /** Whether a text is a JSONata expression; expressions are not looked at when absent. */
  checkExpression?: (text: string) => ExpressionCheck;
  /** By connector id; with it, slots of connectors that do not exist are found. */
  connectors?: Readonly<Record<string, unknown>>;
  /** What connectors' days are compared with; the present when absent. */
  now?: Date;
  /** Names of the canonical schemas that exist (`canonical/order/1`); not checked when absent. */
  schemas?: readonly string[];
}

export type ExpressionCheck = { ok: true } | { ok: false; message: string; position?: number | undefined };

/** The parts of a flow as far as they can be read, so that one fault never hides the others. */
export interface Draft {
  id: unknown;
  /** JSONata, when it is text. */
  priority: unknown;
  nodes: DraftNode[];
  edges: DraftEdge[];
  slots: DraftSlot[];
  /** Lists with something that could not be read: nothing is said of what seems to be missing in them. */
  unread: { nodes: boolean; edges: boolean; slots: boolean };
}

export interface DraftNode {
  index: number;
  id: string;
  type: string | undefined;
  /** The major version of the type that the node was made with. */
  version: number;
  /** Absent when the type is not known. */
  manifest: NodeManifest | undefined;
  slot: unknown;
  /** `{}` when absent; undefined when it is no object. */
  config: Record<string, unknown> | undefined;
  retry: Record<string, unknown> | undefined;
  onError: unknown;
  disabled: boolean;
}

export interface DraftEdge {
  index: number;
  id: string;
  from: PortRef;
  to: PortRef;
}

export interface DraftSlot {
  index: number;
  name: string;
  connector: string | undefined;
}

/** One check: reads the draft, reports problems. */
export type FlowCheck = (draft: Draft, context: FlowContext, report: (finding: Finding) => void) => void;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const entries = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export function readDraft(flow: unknown, context: FlowContext): Draft {
  const parts = objectOf(flow);
  const nodes = entries(parts.nodes).flatMap((node, index) => readNode(node, index, context));
  const edges = entries(parts.edges).flatMap(readEdge);
  const slots = entries(parts.slots).flatMap(readSlot);
  const read = { nodes, edges, slots };
  const whole = (part: keyof typeof read) => Array.isArray(parts[part]) && read[part].length === entries(parts[part]).length;
  const { id, priority } = parts;
  return { id, priority, ...read, unread: { nodes: !whole("nodes"), edges: !whole("edges"), slots: !whole("slots") } };
}

function readNode(node: unknown, index: number, context: FlowContext): DraftNode[] {
  if (!isObject(node) || !isText(node.id)) return [];
  const type = isText(node.type) ? node.type : undefined;
  const manifest = type !== undefined && Object.hasOwn(context.manifests, type) ? context.manifests[type] : undefined;
  const config = node.config === undefined ? {} : isObject(node.config) ? node.config : undefined;
  return [
    {
      index,
      id: node.id,
      type,
      version: madeWith(node),
      manifest,
      slot: node.slot,
      config,
      retry: isObject(node.retry) ? node.retry : undefined,
      onError: node.onError,
      disabled: node.disabled === true,
    },
  ];
}

const isPortRef = (value: unknown): value is PortRef => isObject(value) && isText(value.node) && isText(value.port);

function readEdge(edge: unknown, index: number): DraftEdge[] {
  if (!isObject(edge) || !isPortRef(edge.from) || !isPortRef(edge.to)) return [];
  const id = isText(edge.id) ? edge.id : "";
  const { from, to } = edge;
  return [{ index, id, from: { node: from.node, port: from.port }, to: { node: to.node, port: to.port } }];
}

function readSlot(slot: unknown, index: number): DraftSlot[] {
  if (!isObject(slot) || !isText(slot.name)) return [];
  return [{ index, name: slot.name, connector: isText(slot.connector) ? slot.connector : undefined }];
}
