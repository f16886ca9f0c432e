import type { Flow } from "../flow.ts";
import { isObject } from "../isObject.ts";
import type { NodeManifest } from "../manifest.ts";
import { pointerOf } from "../pointer.ts";
import { outputPorts } from "../ports.ts";
import type { Problem } from "../problem.ts";
import { FlowSample } from "../sample.ts";
import { hostileProblem } from "./hostile.ts";
import { shapeProblems } from "./shape.ts";
import { list, quote, suggestion } from "./wording.ts";

/** What a sample is checked against; with nothing of it, only the sample's own shape is. */
export interface SampleContext {
  flow?: Flow;
  manifests?: Readonly<Record<string, NodeManifest>>;
}

/** What is wrong with a sample file of a flow. Takes any value and never throws. */
export function validateSample(document: unknown, { flow, manifests = {} }: SampleContext = {}): Problem[] {
  const hostile = hostileProblem(document);
  if (hostile) return [hostile];
  const problems = shapeProblems(FlowSample, document, (steps) => ({ name: "The sample", rest: steps }));
  if (!flow || !isObject(document)) return problems;
  const report = (code: string, pointer: string, message: string, hint: string) =>
    problems.push({ code, severity: "error", pointer, message, hint });

  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const manifestOf = (id: string) => {
    const type = nodes.get(id)?.type ?? "";
    return Object.hasOwn(manifests, type) ? manifests[type] : undefined;
  };
  const known = (id: unknown, pointer: string): id is string => {
    if (typeof id !== "string") return false;
    if (!nodes.has(id)) {
      const message = `The sample names the node ${quote(id)}, which the flow ${quote(flow.id)} does not have.`;
      report("sample.unknownNode", pointer, message, suggestion(id, [...nodes.keys()], "nodes"));
    }
    return nodes.has(id);
  };

  const { source, expect } = document;
  if (known(source, "/source") && manifestOf(source) && manifestOf(source)?.kind !== "source") {
    const sources = [...nodes.keys()].filter((id) => manifestOf(id)?.kind === "source");
    const message = `The sample comes in through node ${quote(source)}, which is no source.`;
    report("sample.noSource", "/source", message, `The sources are ${list(sources)}.`);
  }
  for (const id of Object.keys(isObject(document.answers) ? document.answers : {})) known(id, pointerOf("answers", id));
  for (const id of Object.keys(isObject(document.messages) ? document.messages : {})) {
    if (!known(id, pointerOf("messages", id)) || nodes.get(id)?.type === "wait") continue;
    const waits = flow.nodes.filter(({ type }) => type === "wait").map((node) => node.id);
    const message = `The sample has a later message for node ${quote(id)}, which waits for none.`;
    report("sample.noWait", pointerOf("messages", id), message, suggestion(id, waits, "wait nodes"));
  }
  if (!isObject(expect)) return problems;
  if (expect.node !== undefined) known(expect.node, "/expect/node");
  for (const [id, ports] of Object.entries(isObject(expect.ports) ? expect.ports : {})) {
    const manifest = known(id, pointerOf("expect", "ports", id)) ? manifestOf(id) : undefined;
    if (!manifest || !isObject(ports)) continue;
    const names = [...manifest.inputs, ...outputPorts(manifest, nodes.get(id))].map((port) => port.name);
    for (const port of Object.keys(ports).filter((name) => !names.includes(name))) {
      const message = `The sample expects something at port ${quote(port)} of node ${quote(id)}, which has no such port.`;
      report("sample.unknownPort", pointerOf("expect", "ports", id, port), message, `Its ports are ${list(names)}.`);
    }
  }
  return problems;
}
