/** Edits of a sound flow's text or JSON, each of which breaks one thing; what the command line must say of it. */

export interface BrokenFlow {
  name: string;
  /** The broken file's text. */
  text: (flow: Json) => string;
  /** Parts that its one sentence must have: what, and where. */
  says: string[];
}

interface Node {
  id: string;
  type: string;
  [property: string]: unknown;
}
interface Edge {
  id: string;
  from: { node: string; port: string };
  to: { node: string; port: string };
}
export interface Json {
  nodes: Node[];
  edges: Edge[];
  slots: { name: string; connector: string }[];
  [property: string]: unknown;
}

const byText = (name: string, text: (flow: string) => string, ...says: string[]): BrokenFlow => ({
  name,
  text: (flow) => text(JSON.stringify(flow, null, 2)),
  says,
});
const byEdit = (name: string, edit: (flow: Json) => unknown, ...says: string[]): BrokenFlow => ({
  name,
  text: (flow) => {
    edit(flow);
    return JSON.stringify(flow, null, 2);
  },
  says,
});

const node = (flow: Json, id: string): Node => {
  const found = flow.nodes.find((one) => one.id === id);
  if (!found) throw new Error(`The flow of the test has no node "${id}".`);
  return found;
};
const edge = (flow: Json, id: string): Edge => {
  const found = flow.edges.find((one) => one.id === id);
  if (!found) throw new Error(`The flow of the test has no edge "${id}".`);
  return found;
};
const without = (holder: object, property: string) => Reflect.deleteProperty(holder, property);
const expression = (flow: Json, text: unknown) => Object.assign(node(flow, "canonical"), { config: { expression: text } });
const retry = (flow: Json, settings: unknown) => Object.assign(node(flow, "erp"), { retry: settings });

export const brokenFlows: BrokenFlow[] = [
  byText("an empty file", () => "", "empty"),
  byText("text that is no JSON", () => "flow: shopify", "not JSON"),
  byText("a file that was cut off", (text) => text.slice(0, 400), "not JSON"),
  byText("a comma too many", (text) => text.replace('"kind": "flow",', '"kind": "flow",,'), "not JSON", "line 3"),
  byText(
    "a forbidden key",
    (text) => text.replace('"config": {}', '"config": { "__proto__": {} }'),
    "__proto__",
    "/nodes/0/config",
  ),
  byText("the key constructor", (text) => text.replace('"config": {}', '"config": { "constructor": 1 }'), "constructor"),
  byText("nesting without end", () => `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`, "64 levels"),
  byText("a list instead of a flow", () => "[]", "The flow must be an object, but is a list."),
  byText("null instead of a flow", () => "null", "The flow must be an object, but is null."),
  byText("a number instead of a flow", () => "42", "must be an object, but is 42"),

  byEdit("another kind of file", (f) => Object.assign(f, { kind: "flwo" }), '"kind" must be "flow"', "/kind"),
  byEdit(
    "a later format",
    (f) => Object.assign(f, { formatVersion: 2 }),
    '"formatVersion" must be 1, but is 2',
    "/formatVersion",
  ),
  byEdit("no id", (f) => without(f, "id"), 'The flow has no "id"'),
  byEdit("an id with capitals", (f) => Object.assign(f, { id: "Shopify_Orders" }), "small letter", "Shopify_Orders", "/id"),
  byEdit("no nodes", (f) => without(f, "nodes"), 'The flow has no "nodes"'),
  byEdit("edges that are no list", (f) => Object.assign(f, { edges: {} }), '"edges" must be a list', "/edges"),
  byEdit("a property that does not exist", (f) => Object.assign(f, { tagz: [] }), '"tagz"', 'Did you mean "tags"?'),
  byEdit("a node without type", (f) => without(node(f, "canonical"), "type"), 'Node "canonical" has no "type"', "/nodes/1"),
  byEdit("a node that is text", (f) => f.nodes.push("erp" as unknown as Node), "Node 7 in the list", "must be an object"),
  byEdit(
    "two nodes of one id",
    (f) => f.nodes.push({ id: "route", type: "map", config: { expression: "$" } }),
    'id "route"',
    "/nodes/6/id",
  ),

  byEdit(
    "an unknown node type",
    (f) => Object.assign(node(f, "canonical"), { type: "mapp" }),
    '"canonical"',
    '"mapp"',
    'Did you mean "map"?',
    "/nodes/1/type",
  ),
  byEdit(
    "an operation that the connector does not have",
    (f) => Object.assign(node(f, "erp"), { type: "netsuite.upsertOrder" }),
    '"netsuite.upsertOrder"',
    '"netsuite.upsertSalesOrder"',
  ),
  byEdit(
    "a dangling edge",
    (f) => Object.assign(edge(f, "route_ship_wms").to, { node: "warehouse" }),
    'Edge "route_ship_wms"',
    '"warehouse"',
    "/edges/4/to/node",
  ),
  byEdit(
    "an edge out of nowhere",
    (f) => Object.assign(edge(f, "erp_out_route").from, { node: "epr" }),
    'Did you mean "erp"?',
    "/edges/3/from/node",
  ),
  byEdit(
    "an output that does not exist",
    (f) => Object.assign(edge(f, "invariants_valid_erp").from, { port: "ok" }),
    '"ok"',
    'outputs are "valid"',
    "/edges/2/from/port",
  ),
  byEdit(
    "an input that does not exist",
    (f) => Object.assign(edge(f, "route_ship_wms").to, { port: "order" }),
    '"order"',
    'inputs are "in"',
  ),
  byEdit("an edge without target", (f) => without(edge(f, "route_ship_wms"), "to"), 'Edge "route_ship_wms" has no "to"'),
  byEdit(
    "an edge into the source",
    (f) => f.edges.push({ id: "back", from: { node: "wms", port: "out" }, to: { node: "orders", port: "in" } }),
    'Edge "back"',
    "is a source",
  ),
  byEdit(
    "the same edge twice",
    (f) => f.edges.push({ ...edge(f, "route_ship_wms"), id: "again" }),
    'Edge "again"',
    "second time",
  ),
  byEdit(
    "two edges of one id",
    (f) => f.edges.push({ id: "route_ship_wms", from: { node: "erp", port: "result" }, to: { node: "wms", port: "in" } }),
    'id "route_ship_wms"',
  ),
  byEdit(
    "a cycle",
    (f) => f.edges.push({ id: "loop", from: { node: "wms", port: "out" }, to: { node: "erp", port: "in" } }),
    '"erp" -> "route" -> "wms" -> "erp"',
    "/edges/5",
  ),
  byEdit(
    "a node into itself",
    (f) => f.edges.push({ id: "loop", from: { node: "wms", port: "out" }, to: { node: "wms", port: "in" } }),
    'Node "wms" leads back into itself',
  ),
  byEdit(
    "a node that nothing leads to",
    (f) => f.nodes.push({ id: "lost", type: "map", config: { expression: "$" } }),
    'Nothing leads into "in" of node "lost"',
  ),
  byEdit("nothing at all", (f) => Object.assign(f, { nodes: [], edges: [], slots: [] }), "no source"),

  byEdit("a bad expression", (f) => expression(f, "{ 'id': "), '"canonical"', "at character", "/nodes/1/config/expression"),
  byEdit("an expression with a stray bracket", (f) => expression(f, "$sum(lines.gross))"), '"expression"', "cannot be read"),
  byEdit(
    "a regular expression that cannot be had",
    (f) => expression(f, "$match(id, /(a)\\1/)"),
    '"canonical"',
    "cannot be read",
  ),
  byEdit("no expression", (f) => expression(f, undefined), 'config of node "canonical"', 'has no "expression"'),
  byEdit("an empty expression", (f) => expression(f, ""), "is empty"),
  byEdit("an expression that is a number", (f) => expression(f, 1), "must be text, but is 1"),
  byEdit(
    "a bad condition in a switch",
    (f) => Object.assign(node(f, "route"), { config: { cases: [{ port: "ship", when: "status = " }] } }),
    '"cases/0/when"',
    "/nodes/4/config/cases/0/when",
  ),
  byEdit(
    "a case without port",
    (f) => Object.assign(node(f, "route"), { config: { cases: [{ port: "ship", when: "true" }, { when: "true" }] } }),
    '"cases/1"',
    'has no "port"',
  ),
  byEdit(
    "a value that the config does not allow",
    (f) => Object.assign(node(f, "erp"), { config: { newOrderStatus: "Z" } }),
    '"newOrderStatus" must be one of "A" or "B"',
    "/nodes/3/config/newOrderStatus",
  ),
  byEdit(
    "a config property that does not exist",
    (f) => Object.assign(node(f, "erp"), { config: { prefix: "X" } }),
    '"prefix"',
    'config of node "erp"',
  ),
  byEdit(
    "an unknown canonical schema",
    (f) => Object.assign(node(f, "invariants"), { config: { schema: "canonical/ordr/1" } }),
    'Did you mean "canonical/order/1"?',
    "/nodes/2/config/schema",
  ),
  byEdit(
    "a config that is a list",
    (f) => Object.assign(node(f, "erp"), { config: [] }),
    '"config" must be an object, but is a list',
  ),

  byEdit("no slot where one is needed", (f) => without(node(f, "erp"), "slot"), 'Node "erp" names no slot', '"netsuite"'),
  byEdit(
    "a slot that the flow does not have",
    (f) => Object.assign(node(f, "erp"), { slot: "erpp" }),
    '"erpp"',
    'Did you mean "erp"?',
    "/nodes/3/slot",
  ),
  byEdit(
    "the slot of another connector",
    (f) => Object.assign(f.slots[1] ?? {}, { connector: "shiphero" }),
    '"shiphero"',
    "/nodes/3/slot",
  ),
  byEdit(
    "a slot of a connector that does not exist",
    (f) => Object.assign(f.slots[1] ?? {}, { connector: "netsuit" }),
    'Did you mean "netsuite"?',
    "/slots/1/connector",
  ),
  byEdit(
    "a slot at a node that needs none",
    (f) => Object.assign(node(f, "route"), { slot: "erp" }),
    "needs no connection",
    "/nodes/4/slot",
  ),
  byEdit("two slots of one name", (f) => f.slots.push({ name: "erp", connector: "netsuite" }), 'Two slots have the name "erp"'),

  byEdit(
    "no attempts",
    (f) => retry(f, { attempts: 0 }),
    '"retry/attempts" must be at least 1, but is 0',
    "/nodes/3/retry/attempts",
  ),
  byEdit(
    "a cap below the first wait",
    (f) => retry(f, { baseMs: 60_000, capMs: 1_000 }),
    "1000 ms",
    "60000 ms",
    "/nodes/3/retry/capMs",
  ),
  byEdit("an outcome class that does not exist", (f) => retry(f, { classes: ["timeuot"] }), 'Did you mean "timeout"?'),
  byEdit("retries of what may have been applied", (f) => retry(f, { classes: ["inDoubt"] }), "inDoubt", "/nodes/3/retry/classes"),
];
