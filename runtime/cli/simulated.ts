import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainPathTemplate } from "#nodes/expression/template.ts";
import type { Binding, EffectCall, Plan, RawResponse } from "#nodes/plan.ts";
import { Ledger } from "#runtime/sandbox/ledger.ts";
import { northwind } from "#runtime/sandbox/northwind.ts";
import { Simulator } from "#runtime/sandbox/simulator.ts";
import type { Connector } from "#schemas/connector.ts";
import type { Flow } from "#schemas/flow.ts";

/** Where the simulated systems seem to be; nothing is ever sent there. */
const NOWHERE = "http://127.0.0.1";

/**
 * A connection for each slot of a flow: the sandbox's own for the connector where there is one, so that a run here shows
 * what the first start shows, else one made up from the connector's connection schema.
 */
export function simulatedBindings(flow: Flow, connectors: Readonly<Record<string, Connector>>): Record<string, Binding> {
  const entries = flow.slots.map(({ name, connector: id }): [string, Binding] => {
    const connector = Object.hasOwn(connectors, id) ? connectors[id] : undefined;
    const known = northwind(NOWHERE).find((connection) => connection.connector === id);
    const config: Record<string, unknown> = { ...madeUpConfig(connector, name), ...known?.config };
    const account = connector ? plainPathTemplate(connector.systemAccount)({ config }) : "";
    return [name, { connectionId: known?.name ?? `simulated-${name}`, connector: id, account: account || name, config }];
  });
  return Object.fromEntries(entries);
}

interface Property {
  type?: unknown;
  default?: unknown;
  examples?: unknown[];
  enum?: unknown[];
  format?: unknown;
  "x-secret"?: unknown;
}

function madeUpConfig(connector: Connector | undefined, slot: string): Record<string, unknown> {
  const { properties = {}, required = [] } = (connector?.connection ?? {}) as {
    properties?: Record<string, Property>;
    required?: string[];
  };
  const given = Object.entries(properties).filter(
    ([name, property]) => property["x-secret"] !== true && (required.includes(name) || property.default !== undefined),
  );
  return Object.fromEntries(given.map(([name, property]) => [name, madeUpValue(property, `${slot}-${name}`)]));
}

function madeUpValue(property: Property, name: string): unknown {
  const { default: preset, examples, enum: values, type, format } = property;
  if (format === "uri") return NOWHERE;
  const first = preset ?? examples?.[0] ?? values?.[0];
  if (first !== undefined) return first;
  if (type === "number" || type === "integer") return 1;
  return type === "boolean" ? false : name;
}

/** What the systems behind a plan's effects answer: recorded answers by node id first, else the simulators. */
export interface SimulatedSystems {
  perform: (call: EffectCall) => Promise<RawResponse>;
  /** Removes what the simulated systems kept. */
  close: () => Promise<void>;
}

export interface RecordedAnswer {
  status: number;
  headers?: Record<string, string> | undefined;
  body?: unknown;
}

export async function simulatedSystems(
  plan: Plan,
  recorded: Readonly<Record<string, RecordedAnswer>> = {},
): Promise<SimulatedSystems> {
  const folder = await mkdtemp(join(tmpdir(), "orderloom-run-"));
  const ledgers = new Map<string, Promise<Ledger>>();
  const simulators = new Map(Object.keys(plan.bindings).map((slot) => [slot, simulatorOf(plan, slot, folder, ledgers)]));
  return {
    perform: async (call) => {
      const answer = Object.hasOwn(recorded, call.node) ? recorded[call.node] : undefined;
      if (answer) return { ...rawResponse(answer.status, answer.headers ?? {}, answer.body), last: true };
      const slot = plan.flow.nodes.find((node) => node.id === call.node)?.slot ?? "";
      const simulator = simulators.get(slot);
      if (!simulator) {
        const connector = plan.bindings[slot]?.connector ?? slot;
        throw new Error(`The connector "${connector}" has no simulator; give the sample an answer for node "${call.node}".`);
      }
      const { status, headers, body } = await simulator.answer(simulatedRequest(call));
      return rawResponse(status, headers, body);
    },
    close: async () => {
      for (const ledger of ledgers.values()) await (await ledger).close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function simulatorOf(plan: Plan, slot: string, folder: string, ledgers: Map<string, Promise<Ledger>>): Simulator | undefined {
  const binding = plan.bindings[slot];
  const connector = binding && plan.lock.connectors[binding.connector];
  if (!binding || !connector?.simulator || connector.simulator.routes.length === 0) return undefined;
  // Signatures are the engine's business; here nothing leaves the process.
  const { csrf: _csrf, ...rest } = connector;
  const open: Connector = { ...rest, auth: { type: "none" } };
  return new Simulator({ name: slot, connector: open, config: binding.config, secrets: {} }, (name) => {
    const file = `${slot}.${name}.jsonl`;
    const known = ledgers.get(file) ?? Ledger.open(join(folder, file));
    ledgers.set(file, known);
    return known;
  });
}

function simulatedRequest({ request }: EffectCall) {
  const headers = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const { searchParams } = new URL(request.elsewhere?.address ?? NOWHERE);
  const asked = { ...Object.fromEntries(searchParams), ...request.query };
  const query = new URLSearchParams(asked).toString();
  // The path of an event is its topic.
  const path = request.path.startsWith("/") ? request.path : `/${request.path}`;
  return {
    method: request.method,
    url: `${NOWHERE}${path}${query === "" ? "" : `?${query}`}`,
    path,
    query: asked,
    headers: Object.fromEntries(headers),
    body: request.body === undefined ? "" : JSON.stringify(request.body),
  };
}

function rawResponse(status: number, headers: Record<string, string>, body: unknown): RawResponse {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const plain = typeof body === "string" && headers["content-type"]?.startsWith("text/");
  return { status, headers: Object.fromEntries(lower), body: body === undefined ? "" : plain ? body : JSON.stringify(body) };
}
