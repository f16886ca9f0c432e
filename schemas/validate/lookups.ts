import { pointerOf } from "../pointer.ts";
import { MOST_TABLES_OF_FLOW } from "../referenceTable.ts";
import type { FlowCheck } from "./draft.ts";
import { aNode, anOutput } from "./wording.ts";
import { words } from "./words.ts";

/** What a flow looks up: no more tables than evaluators can hold, and a way out for what is to go on without a row. */
export const lookups: FlowCheck = ({ nodes, edges }, _context, report) => {
  const tables = new Set<unknown>();
  for (const { id, index, type, config, disabled } of nodes) {
    if (type !== "lookup" || disabled || !config) continue;
    const before = tables.size;
    if (typeof config.table === "string") tables.add(config.table);
    if (tables.size > before && tables.size > MOST_TABLES_OF_FLOW) {
      report({
        code: "lookup.tooManyTables",
        severity: "error",
        pointer: pointerOf("nodes", index, "config", "table"),
        message: words`Node ${aNode(id)} looks up in one more table; a flow has ${MOST_TABLES_OF_FLOW} at most.`,
        hint: "Put columns of one key into one table, or move a part into a sub-flow.",
        node: id,
      });
    }
    if (config.missing !== "pass" || edges.some(({ from }) => from.node === id && from.port === "missing")) continue;
    report({
      code: "lookup.openWay",
      severity: "warning",
      pointer: pointerOf("nodes", index, "config", "missing"),
      message: words`Nothing follows the output ${anOutput("missing")} of node ${aNode(id)}, so an item without a row ends there in silence.`,
      hint: "Draw an edge from it, or make such items dead letters.",
      node: id,
    });
  }
};
