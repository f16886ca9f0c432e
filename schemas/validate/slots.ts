import { pointerOf } from "../pointer.ts";
import type { Words } from "../problem.ts";
import type { Draft, DraftNode, FlowCheck, FlowContext } from "./draft.ts";
import { duplicates } from "./shape.ts";
import { aConnector, aNode, aSetting, aType, list, quote, suggested, suggestion } from "./wording.ts";
import { words } from "./words.ts";

type Report = Parameters<FlowCheck>[2];

export const slots: FlowCheck = (draft, context, report) => {
  duplicates(
    draft.slots,
    (slot) => slot.name,
    (slot) => {
      report({
        code: "slot.duplicateName",
        severity: "error",
        pointer: pointerOf("slots", slot.index, "name"),
        message: `Two slots have the name ${quote(slot.name)}.`,
        hint: "Give one of them another name.",
      });
    },
  );
  const unusable = unknownConnectors(draft, context, report);
  const before = draft.nodes.map((node) => checkSlotOf(node, draft, unusable, report));
  // A node that names no slot, or one that does not exist, may be the one that should use it.
  if (before.every(Boolean) && !draft.unread.nodes && draft.nodes.every((node) => node.manifest)) unusedSlots(draft, report);
};

/** Names of slots whose connector does not exist. */
function unknownConnectors(draft: Draft, { connectors }: FlowContext, report: Report): Set<string> {
  const unusable = new Set<string>();
  if (!connectors) return unusable;
  for (const { name, connector, index } of draft.slots) {
    if (connector === undefined || Object.hasOwn(connectors, connector)) continue;
    unusable.add(name);
    report({
      code: "slot.unknownConnector",
      severity: "error",
      pointer: pointerOf("slots", index, "connector"),
      message: `Slot ${quote(name)} is for the connector ${quote(connector)}, which does not exist.`,
      hint: suggested(connector, Object.keys(connectors), "connectors", aConnector),
    });
  }
  return unusable;
}

/** False when the node's slot is missing or does not exist. */
function checkSlotOf(node: DraftNode, { slots: all, unread }: Draft, unusable: Set<string>, report: Report): boolean {
  const { manifest, slot, id, index } = node;
  if (!manifest) return true;
  const wanted = manifest.connector;
  const problem = (code: string, message: Words, hint: string | Words) =>
    report({ code, severity: "error", pointer: pointerOf("nodes", index, "slot"), message, hint, node: id });

  if (wanted === undefined) {
    const message = words`Node ${aNode(id)} names the slot ${quote(slot)}, but the type ${aType(node.type ?? "")} needs no connection.`;
    if (slot !== undefined) problem("slot.notNeeded", message, words`Remove ${aSetting("slot")} from the node.`);
    return true;
  }
  const fitting = all.filter((one) => one.connector === wanted).map((one) => one.name);
  if (slot === undefined) {
    const hint =
      fitting.length === 0
        ? words`Add a slot for the connector ${aConnector(wanted)}, and name it in the node.`
        : `Slots for it: ${list(fitting)}.`;
    problem("slot.missing", words`Node ${aNode(id)} names no slot, but needs a connection to ${aConnector(wanted)}.`, hint);
    return false;
  }
  if (typeof slot !== "string") return false;
  const found = all.find((one) => one.name === slot);
  if (!found && unread.slots) return false;
  if (!found) {
    const names = all.map((one) => one.name);
    problem(
      "slot.unknown",
      words`Node ${aNode(id)} names the slot ${quote(slot)}, which the flow does not have.`,
      suggestion(slot, names, "slots"),
    );
    return false;
  }
  if (found.connector === undefined || found.connector === wanted || unusable.has(slot)) return true;
  const message = words`Node ${aNode(id)} needs a connection to ${aConnector(wanted)}, but its slot ${quote(slot)} is for ${aConnector(found.connector)}.`;
  problem(
    "slot.wrongConnector",
    message,
    fitting.length === 0 ? words`Add a slot for ${aConnector(wanted)}.` : `Slots for it: ${list(fitting)}.`,
  );
  return false;
}

function unusedSlots(draft: Draft, report: Report): void {
  const used = new Set(draft.nodes.map((node) => node.slot));
  for (const { name, index } of draft.slots) {
    if (used.has(name)) continue;
    report({
      code: "slot.unused",
      severity: "warning",
      pointer: pointerOf("slots", index),
      message: `No node uses the slot ${quote(name)}.`,
      hint: "Remove the slot, or name it in a node.",
    });
  }
}
