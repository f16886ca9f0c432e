import { columnFaults } from "../fileColumns.ts";
import { isObject } from "../isObject.ts";
import { isCurrent } from "../nodeVersion.ts";
import { pointerOf } from "../pointer.ts";
import { outputPorts } from "../ports.ts";
import type { Words } from "../problem.ts";
import type { DraftNode, FlowCheck } from "./draft.ts";
import { checkAgainst, type SchemaFault } from "./schemaFaults.ts";
import { duplicates } from "./shape.ts";
import { widgetValues } from "./widgets.ts";
import { aNode, aType, list, quote, sqlTemplate, suggested, suggestion } from "./wording.ts";
import { words } from "./words.ts";

export const duplicateNodes: FlowCheck = ({ nodes }, _context, report) => {
  duplicates(
    nodes,
    (node) => node.id,
    (node, first) => {
      report({
        code: "node.duplicateId",
        severity: "error",
        pointer: pointerOf("nodes", node.index, "id"),
        message: words`Two nodes have the id ${aNode(node.id)}: entries ${first.index + 1} and ${node.index + 1} of "nodes".`,
        hint: "Give one of them another id.",
        node: node.id,
      });
    },
  );
};

export const unknownTypes: FlowCheck = ({ nodes }, { manifests }, report) => {
  const known = Object.keys(manifests);
  for (const { id, index, type, manifest } of nodes) {
    if (manifest || type === undefined) continue;
    report({
      code: "node.unknownType",
      severity: "error",
      pointer: pointerOf("nodes", index, "type"),
      message: words`Node ${aNode(id)} has the type ${quote(type)}, which does not exist.`,
      hint: suggested(type, known, "node types", aType),
      node: id,
    });
  }
};

/** Config against the manifest's schema, then what only we can say of it: expressions, canonical schemas, ports. */
export const configs: FlowCheck = ({ nodes }, context, report) => {
  for (const node of nodes) {
    const { manifest, config, id, index } = node;
    // The settings of another version mean nothing to this one's schema.
    if (!manifest || config === undefined || !isCurrent(manifest, node.version)) continue;
    const at = (pointer: string) => ({ pointer: `/nodes/${index}/config${pointer}`, node: id });
    const check = checkAgainst(manifest.config, config);
    if (!check.ok) {
      const message = words`The config of node ${aNode(id)} cannot be checked: the schema of type ${aType(node.type ?? "")} is wrong (${check.message}).`;
      report({ code: "config.schemaUnusable", severity: "error", ...at(""), message, hint: "Mend the node type's manifest." });
      continue;
    }
    for (const fault of check.faults) {
      const { hint } = fault.told;
      report({
        code: `config.${fault.keyword}`,
        severity: "error",
        ...at(fault.pointer),
        message: configSentence(node, fault),
        ...(hint === undefined ? {} : { hint: inConfig(fault, hint) }),
      });
    }
    const faulty = new Set(check.faults.map((fault) => fault.pointer));
    checkExpressions(node, context, faulty, report);
    checkStatements(node, report);
    checkCanonicalSchemas(node, context, faulty, report);
    checkColumns(node, report);
    checkPorts(node, report);
  }
};

function configSentence({ id }: DraftNode, fault: SchemaFault): Words {
  const whole = `The config of node ${quote(id)}`;
  const { subject } = fault;
  const place =
    subject === "" ? { text: whole, node: id } : { text: `${whole}: ${quote(subject.slice(1))}`, setting: `/config${subject}` };
  return words`${place} ${inConfig(fault, fault.told.predicate)}.`;
}

/** What the schema says of a setting, with its pointers from the node. */
const inConfig = ({ subject }: SchemaFault, sentence: string | Words): Words =>
  [sentence]
    .flat()
    .map((piece) =>
      typeof piece === "string" || piece.part === undefined ? piece : { ...piece, part: `/config${subject}${piece.part}` },
    );

type Report = Parameters<FlowCheck>[2];
type Context = Parameters<FlowCheck>[1];

function checkExpressions(node: DraftNode, { checkExpression }: Context, faulty: Set<string>, report: Report): void {
  if (!checkExpression || !node.manifest) return;
  const templates = widgetValues(node.manifest.config, node.config, "template").flatMap(({ pointer, value }) =>
    [...value.matchAll(/\{\{([\s\S]*?)\}\}/g)].map(([, inner = ""]) => ({ pointer, value: inner })),
  );
  for (const { pointer, value } of [...widgetValues(node.manifest.config, node.config, "jsonata"), ...templates]) {
    if (faulty.has(pointer)) continue;
    const result = checkExpression(value);
    if (result.ok) continue;
    const { position } = result;
    const where = position === undefined ? "" : ` at character ${position}`;
    const place = { text: `${quote(pointer.slice(1))} of node ${quote(node.id)}`, setting: `/config${pointer}` };
    report({
      code: "expression.invalid",
      severity: "error",
      pointer: `/nodes/${node.index}/config${pointer}`,
      message: words`The expression in ${place} cannot be read${where}: ${result.message}`,
      hint: "Correct the expression at that place.",
      node: node.id,
      ...(position === undefined ? {} : { position }),
    });
  }
}

function checkStatements(node: DraftNode, report: Report): void {
  for (const { pointer, value } of widgetValues(node.manifest?.config, node.config, "sql")) {
    if (!value.includes("{{")) continue;
    report({ ...sqlTemplate(words`Node ${aNode(node.id)}`, `/nodes/${node.index}/config${pointer}`), node: node.id });
  }
}

function checkCanonicalSchemas(node: DraftNode, { schemas }: Context, faulty: Set<string>, report: Report): void {
  if (!schemas || !node.manifest) return;
  for (const { pointer, value } of widgetValues(node.manifest.config, node.config, "canonicalSchema")) {
    if (faulty.has(pointer) || schemas.includes(value)) continue;
    report({
      code: "schema.unknownCanonical",
      severity: "error",
      pointer: `/nodes/${node.index}/config${pointer}`,
      message: words`Node ${aNode(node.id)} names the canonical schema ${quote(value)}, which does not exist.`,
      hint: suggestion(value, schemas, "canonical schemas"),
      node: node.id,
    });
  }
}

function checkColumns(node: DraftNode, report: Report): void {
  const properties = isObject(node.manifest?.config.properties) ? node.manifest.config.properties : {};
  for (const [name, schema] of Object.entries(properties)) {
    const columns = isObject(schema) && schema["x-widget"] === "fileColumns" ? node.config?.[name] : undefined;
    for (const { at, setting, code, message } of columnFaults(Array.isArray(columns) ? columns : [])) {
      report({
        code: `config.${code}`,
        severity: "error",
        pointer: pointerOf("nodes", node.index, "config", name, at, setting),
        message: words`Node ${aNode(node.id)}: ${message}`,
        hint: setting === "name" ? "Give the column another name." : "Choose one of the ways that its type is written in.",
        node: node.id,
      });
    }
  }
}

/** Ports that the config adds must not have the name of another port. */
function checkPorts(node: DraftNode, report: Report): void {
  if (!node.manifest?.outputsFrom) return;
  const names = outputPorts(node.manifest, node).map((port) => port.name);
  const twice = [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
  const own = node.manifest.outputs.map((port) => port.name);
  // The manifest may already refuse a case called like one of its own ports.
  const clashing = twice.filter((name) => !own.includes(name));
  if (clashing.length === 0) return;
  report({
    code: "node.duplicatePort",
    severity: "error",
    pointer: pointerOf("nodes", node.index, "config", node.manifest.outputsFrom),
    message: words`Node ${aNode(node.id)} has more than one output port called ${list(clashing)}.`,
    hint: "Give each case a port name of its own.",
    node: node.id,
  });
}
