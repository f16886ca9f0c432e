import type { Flow, PortRef } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { type Refusal, refusal } from "../canvas/validity.ts";

/** An input to which an edge may lead, or why none may. */
export interface Target {
  to: PortRef;
  /** Title of the input where the node has several. */
  port: string | null;
  why: Refusal | "noInput" | null;
}

/** Every input of the flow, seen from one output: those that fit first, each group in the order given. */
export function targetsOf(flow: Flow, from: PortRef, manifests: Catalogue["manifests"], order: readonly string[]): Target[] {
  const found = order.flatMap((id): Target[] => {
    const node = flow.nodes.find((one) => one.id === id);
    const inputs = manifests.get(node?.type ?? "")?.inputs ?? [];
    if (inputs.length === 0) return [{ to: { node: id, port: "" }, port: null, why: "noInput" }];
    return inputs.map(({ name, title }) => {
      const to = { node: id, port: name };
      return { to, port: inputs.length > 1 ? title : null, why: refusal(flow, { from, to }) };
    });
  });
  return [...found.filter(({ why }) => why === null), ...found.filter(({ why }) => why !== null)];
}
