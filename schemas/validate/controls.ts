import { isObject } from "../isObject.ts";
import { pointerOf } from "../pointer.ts";
import { errorPort } from "../ports.ts";
import type { DraftNode, FlowCheck, FlowContext } from "./draft.ts";
import { aNode, anOutput, aSetting, list, quote } from "./wording.ts";
import { words } from "./words.ts";

/** A flow that calls itself, and two ways into one. A circle through another flow cannot be seen from here. */
export const subFlows: FlowCheck = ({ id, nodes }, _context, report) => {
  for (const node of nodes) {
    if (node.type !== "sub-flow" || typeof id !== "string" || node.config?.flow !== id) continue;
    report({
      code: "flow.callsItself",
      severity: "error",
      pointer: pointerOf("nodes", node.index, "config", "flow"),
      message: words`Node ${aNode(node.id)} calls the flow ${quote(id)}, to which it belongs itself; that would never end.`,
      hint: "Name another flow.",
      node: node.id,
    });
  }
  const [first, ...more] = nodes.filter(({ type, disabled }) => type === "sub-flow-input" && !disabled);
  if (!first) return;
  for (const node of more) {
    report({
      code: "flow.secondInput",
      severity: "error",
      pointer: pointerOf("nodes", node.index),
      message: words`The flow has two sub-flow inputs, ${aNode(first.id)} and ${aNode(node.id)}; whoever calls it comes in through one.`,
      hint: "Remove one of the two.",
      node: node.id,
    });
  }
};

/** An answer for which nobody can have asked. */
export const answers: FlowCheck = ({ nodes, unread }, context, report) => {
  const sources = nodes.filter(({ manifest }) => manifest?.kind === "source");
  const unknown = unread.nodes || nodes.some(({ manifest }) => manifest === undefined);
  if (unknown || sources.length === 0 || sources.some((source) => mayBeAnswered(source, context))) return;
  for (const node of nodes.filter(({ type }) => type === "respond")) {
    report({
      code: "respond.nobodyCalls",
      severity: "warning",
      pointer: pointerOf("nodes", node.index),
      message: words`Node ${aNode(node.id)} responds, but nobody waits for an answer: no source of the flow is called by a service's client or another flow.`,
      hint: "Start the flow with a service endpoint or a sub-flow input, or remove the node.",
      node: node.id,
    });
  }
};

/** True as well where it cannot be told. */
function mayBeAnswered({ type, manifest }: DraftNode, { connectors }: FlowContext): boolean {
  if (type === "sub-flow-input") return true;
  if (manifest?.connector === undefined) return false;
  const connector = connectors && Object.hasOwn(connectors, manifest.connector) ? connectors[manifest.connector] : undefined;
  const operations = isObject(connector) ? connector.operations : undefined;
  const operation = isObject(operations) ? operations[manifest.operation ?? ""] : undefined;
  return !isObject(operation) || operation.transport === "service";
}

/** Error ways that nothing can take, that lead nowhere, or that two nodes claim. */
export const errorWays: FlowCheck = ({ nodes, edges }, _context, report) => {
  const wired = (node: string, port: string) => edges.some(({ from }) => from.node === node && from.port === port);
  for (const node of nodes) {
    const { id, index, manifest } = node;
    if (!manifest || node.disabled) continue;
    if (node.onError === "route" && manifest.inputs.length === 0) {
      report({
        code: "error.noWay",
        severity: "warning",
        pointer: pointerOf("nodes", index, "onError"),
        message: words`Node ${aNode(id)} asks for an error way, but nothing comes into it that could fail there.`,
        hint: words`Remove ${aSetting("onError")} from the node.`,
        node: id,
      });
      continue;
    }
    const port = node.type === "exception-route" ? "out" : node.onError === "route" ? errorPort.name : undefined;
    if (port === undefined || wired(id, port)) continue;
    report({
      code: "error.openWay",
      severity: "warning",
      pointer: pointerOf("nodes", index),
      message: words`Nothing follows the output ${anOutput(port)} of node ${aNode(id)}, so what fails becomes a dead letter all the same.`,
      hint: "Draw an edge from it to what shall be done then.",
      node: id,
    });
  }
  sharedClasses(nodes, report);
};

type Report = Parameters<FlowCheck>[2];

/** Of two exception routes that take the same outcome, only one ever would. */
function sharedClasses(nodes: readonly DraftNode[], report: Report): void {
  const routes = nodes.filter(({ type, disabled }) => type === "exception-route" && !disabled);
  const taken = new Map<string, DraftNode>();
  for (const node of routes) {
    const named = Array.isArray(node.config?.classes) ? node.config.classes.filter((one) => typeof one === "string") : [];
    // One that names none takes what no other names.
    const classes = named.length > 0 ? named : [""];
    const shared = [...new Set(classes.filter((name) => taken.has(name)))];
    for (const name of classes) if (!taken.has(name)) taken.set(name, node);
    const first = shared[0] === undefined ? undefined : taken.get(shared[0]);
    if (!first || first === node) continue;
    const what = shared[0] === "" ? "every outcome" : list(shared);
    report({
      code: "error.twoRoutes",
      severity: "error",
      pointer: named.length > 0 ? pointerOf("nodes", node.index, "config", "classes") : pointerOf("nodes", node.index),
      message: words`The nodes ${aNode(first.id)} and ${aNode(node.id)} both take ${what}.`,
      hint: "Let each outcome be taken by one of them.",
      node: node.id,
    });
  }
}

/** The expression by which runs wait for a connection. */
export const priority: FlowCheck = (draft, { checkExpression }, report) => {
  if (typeof draft.priority !== "string" || draft.priority === "") return;
  const result = checkExpression?.(draft.priority);
  if (!result || result.ok) return;
  const { position } = result;
  const where = position === undefined ? "" : ` at character ${position}`;
  report({
    code: "expression.invalid",
    severity: "error",
    pointer: "/priority",
    message: `The flow's priority cannot be read${where}: ${result.message}`,
    hint: "Correct the expression at that place.",
    ...(position === undefined ? {} : { position }),
  });
};
