import type { Flow, PortRef } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { type Refusal, refusal } from "../canvas/validity.ts";
import { portsOf } from "./rows.ts";

/** A port to which an edge may lead, or from which it may come; or why it may not. */
export interface End {
  at: PortRef;
  /** Title of the port where the node has several. */
  port: string | null;
  why: Refusal | "noInput" | "noOutput" | null;
}

type Manifests = Catalogue["manifests"];

/**
 * Every input of the flow, seen from one output: those that fit first, each group in the order given. `ignore` is the id
 * of an edge that is to lead elsewhere.
 */
export function targetsOf(flow: Flow, from: PortRef, manifests: Manifests, order: readonly string[], ignore?: string): End[] {
  const found = order.flatMap((id): End[] => {
    const node = flow.nodes.find((one) => one.id === id);
    const inputs = manifests.get(node?.type ?? "")?.inputs ?? [];
    if (inputs.length === 0) return [{ at: { node: id, port: "" }, port: null, why: "noInput" }];
    return inputs.map(({ name, title }) => {
      const to = { node: id, port: name };
      return { at: to, port: inputs.length > 1 ? title : null, why: refusal(flow, { from, to }, ignore) };
    });
  });
  return fittingFirst(found);
}

/** The other way round: every output of the flow, seen from one input. */
export function originsOf(flow: Flow, to: PortRef, manifests: Manifests, order: readonly string[], ignore?: string): End[] {
  const found = order.flatMap((id): End[] => {
    const node = flow.nodes.find((one) => one.id === id);
    const ports = node ? portsOf(node, manifests) : [];
    if (ports.length === 0) return [{ at: { node: id, port: "" }, port: null, why: "noOutput" }];
    return ports.map(({ name, title }) => {
      const from = { node: id, port: name };
      return { at: from, port: ports.length > 1 ? title : null, why: refusal(flow, { from, to }, ignore) };
    });
  });
  return fittingFirst(found);
}

const fittingFirst = (ends: readonly End[]): End[] => [
  ...ends.filter(({ why }) => why === null),
  ...ends.filter(({ why }) => why !== null),
];
