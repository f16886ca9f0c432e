import { canonicalSchema, canonicalSchemaNames } from "#schemas/canonical/registry.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { InstalledConnector } from "../api/queries.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { targetOfOperation } from "./operationTarget.ts";
import { openTarget, type TargetField, targetOf } from "./target.ts";

/** What the fields of a mapping can be held against. */
export type TargetChoice =
  | { kind: "canonical"; name: string }
  /** What an operation of a connector reads, which takes no canonical document. */
  | { kind: "operation"; connector: string; operation: string }
  /** Nothing but the fields that are written. */
  | { kind: "open" };

/** A choice, and the node whose input asked for it. */
export interface FoundTarget {
  choice: TargetChoice;
  node: FlowNode;
}

/** Node types that hand on what comes in: what is behind them decides. */
const handsOn = new Set(["validate", "switch", "delay", "batch", "split"]);

/** What the nodes behind this one take: the nearest that says so decides. */
export function targetBehind(flow: Flow, from: string, { manifests }: Pick<Catalogue, "manifests">): FoundTarget | undefined {
  const seen = new Set([from]);
  let ring = [from];
  while (ring.length > 0) {
    const next = flow.edges.filter((edge) => ring.includes(edge.from.node)).map(({ to }) => to.node);
    const nodes = flow.nodes.filter(({ id }) => next.includes(id) && !seen.has(id));
    for (const node of nodes) {
      const name = schemaTaken(node, manifests);
      if (name && canonicalSchema(name)) return { choice: { kind: "canonical", name }, node };
      const { kind, connector, operation } = manifests.get(node.type) ?? {};
      if (kind === "effect" && connector && operation) return { choice: { kind: "operation", connector, operation }, node };
    }
    for (const { id } of nodes) seen.add(id);
    ring = nodes.filter(({ type }) => handsOn.has(type)).map(({ id }) => id);
  }
  return undefined;
}

function schemaTaken({ type, config }: FlowNode, manifests: Catalogue["manifests"]): string | undefined {
  if (type === "validate" && typeof config?.schema === "string") return config.schema;
  return manifests.get(type)?.inputs.find(({ schema }) => schema)?.schema;
}

export const canonicalChoices = (): { name: string; title: string }[] =>
  canonicalSchemaNames().map((name) => ({ name, title: canonicalSchema(name)?.title ?? name }));

const trees = new Map<string, TargetField>();

/** The fields of a choice; those of an operation come with its connector. */
export function treeOfChoice(choice: TargetChoice, installed: InstalledConnector | undefined): TargetField {
  if (choice.kind === "operation") return installed ? targetOfOperation(installed, choice.operation) : openTarget;
  if (choice.kind === "open") return openTarget;
  const known = trees.get(choice.name);
  if (known) return known;
  const schema = canonicalSchema(choice.name)?.schema;
  const tree = schema ? targetOf(schema) : openTarget;
  trees.set(choice.name, tree);
  return tree;
}

/** A choice as one text, to keep it and to list it. */
export const keyOfChoice = (choice: TargetChoice): string =>
  choice.kind === "canonical" ? choice.name : choice.kind === "open" ? "open" : `${choice.connector}.${choice.operation}`;
