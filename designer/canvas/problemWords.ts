import i18next from "i18next";
import type { Flow } from "#schemas/flow.ts";
import { isObject } from "#schemas/isObject.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { pointerSteps } from "#schemas/pointer.ts";
import { outputPorts } from "#schemas/ports.ts";
import type { Mention, Problem, Words } from "#schemas/problem.ts";
import { titleFrom } from "../inspector/fields.ts";
import type { Catalogue } from "./catalogue.ts";
import { nodeNames } from "./names.ts";
import { propertiesOf } from "./summary.ts";

/** Problems as people here speak of them: by the names of nodes, settings and ports where a file has ids. */
export function inWords(problems: readonly Problem[], flow: Flow, catalogue: Catalogue): readonly Problem[] {
  if (problems.length === 0) return problems;
  const nameOf = namesIn(flow, catalogue);
  return problems.map(({ words, ...problem }) => {
    if (!words) return problem;
    const say = (sentence: Words) =>
      sentence.map((piece) => (typeof piece === "string" ? piece : called(nameOf(piece, problem.node), piece))).join("");
    return { ...problem, message: say(words.message), ...(words.hint ? { hint: say(words.hint) } : {}) };
  });
}

const called = (name: string | undefined, { text }: Mention): string => name ?? text;

/** What people call a thing that a problem of some node mentions; undefined where nobody gave it a name. */
function namesIn(flow: Flow, { manifests, connectors }: Catalogue) {
  const nodes = new Map(flow.nodes.map((node) => [node.id, node]));
  const nameOfNode = nodeNames(flow.nodes, manifests);
  const manifestOf = (id = "") => manifests.get(nodes.get(id)?.type ?? "");
  const nameOfEdge = (id: string) => {
    const edge = flow.edges.find((one) => one.id === id);
    return edge && `${nameOfNode(edge.from.node)} → ${nameOfNode(edge.to.node)}`;
  };
  const nameOfOutput = (name: string, id = "") => {
    const [node, manifest] = [nodes.get(id), manifestOf(id)];
    return node && manifest && outputPorts(manifest, node).find((port) => port.name === name)?.title;
  };
  return (mention: Mention, own: string | undefined): string | undefined => {
    const { setting, part, input, output, node, edge, type, connector } = mention;
    if (setting !== undefined) return settingTitles(setting, manifestOf(own)).join(" ");
    if (part !== undefined) return settingTitles(part, manifestOf(own)).at(-1);
    if (input !== undefined) return quoted(manifestOf(node ?? own)?.inputs.find(({ name }) => name === input)?.title);
    if (output !== undefined) return quoted(nameOfOutput(output, node ?? own));
    if (node !== undefined) return nodes.has(node) ? quoted(nameOfNode(node)) : undefined;
    if (edge !== undefined) return quoted(nameOfEdge(edge));
    if (type !== undefined) return quoted(manifests.get(type)?.title);
    return connector === undefined ? undefined : quoted(connectors.get(connector)?.title);
  };
}

const quoted = (name: string | undefined): string | undefined => (name === undefined ? undefined : `“${name}”`);

/** `/config/cases/0/when` is “Cases” 1 “Condition”, as the form calls them; settings of every node are called by one title. */
function settingTitles(pointer: string, manifest: NodeManifest | undefined): string[] {
  const [place = "", ...steps] = pointerSteps(pointer);
  if (place !== "config") return [`“${titleOfPlace(place, steps.at(-1))}”`];
  let schema: unknown = manifest?.config;
  return steps.map((step) => {
    if (/^\d+$/.test(step)) {
      schema = isObject(schema) ? schema.items : undefined;
      return String(Number(step) + 1);
    }
    schema = isObject(schema) ? propertiesOf(schema)[step] : undefined;
    return `“${isObject(schema) && typeof schema.title === "string" ? schema.title : titleFrom(step)}”`;
  });
}

const places: Readonly<Record<string, () => string>> = {
  name: () => i18next.t("inspector.name"),
  notes: () => i18next.t("inspector.notes"),
  slot: () => i18next.t("inspector.slot"),
  onError: () => i18next.t("inspector.onError"),
  retry: () => i18next.t("inspector.retry"),
  disabled: () => i18next.t("inspector.enabled"),
  attempts: () => i18next.t("inspector.policy.attempts"),
  baseMs: () => i18next.t("inspector.policy.baseMs"),
  capMs: () => i18next.t("inspector.policy.capMs"),
  maxAgeMs: () => i18next.t("inspector.policy.maxAgeMs"),
  backoff: () => i18next.t("inspector.backoff"),
  classes: () => i18next.t("inspector.classes"),
};

function titleOfPlace(place: string, inside = place): string {
  const title = Object.hasOwn(places, inside) ? places[inside] : undefined;
  return title?.() ?? titleFrom(inside);
}
