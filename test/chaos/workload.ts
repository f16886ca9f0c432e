import { createHmac } from "node:crypto";
import { operationManifests } from "#nodes/connector/manifest.ts";
import { type Catalog, makeLock } from "#nodes/lock.ts";
import { builtCatalog } from "#runtime/catalog/built.ts";
import { putConnection } from "#runtime/store/connections.ts";
import { openDatabase } from "#runtime/store/database.ts";
import { putDeployment } from "#runtime/store/deployments.ts";
import { createFlow, publishVersion, readVersion } from "#runtime/store/flows.ts";
import { openKeyRing } from "#runtime/store/keyRing.ts";
import { secretBox } from "#runtime/store/secrets.ts";
import type { Connector, RequestOperation } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import type { IdempotencyMode } from "#schemas/manifest.ts";
import type { SimulatorRoute } from "#schemas/simulator.ts";

/** Where the flows of the proof are deployed. */
export const environment = "dev";

/** The one system that sends and takes everything: in the sandbox by this name, with a ledger for each mode. */
export const proofSystem = "proof";

const webhookSecret = "proof-webhook-secret";

/** How patient the product is with the target, in milliseconds. */
export interface Patience {
  timeoutMs: number;
  /** Longer than a time-out and the age that an intent may have, together with how late the target may apply. */
  quietPeriodMs: number;
  retryMs: number;
  attempts: number;
}

/** The operation that writes in each mode, and the path at which the simulator takes it. */
export const writes: Record<IdempotencyMode, string> = {
  natural: "put",
  key: "book",
  lookup: "make",
  none: "send",
};

/** A connector with one write in each idempotency mode, so that each can be crashed and doubted. */
export function proofConnector(patience: Patience): Connector {
  const { timeoutMs, quietPeriodMs, retryMs, attempts } = patience;
  const write = (
    mode: IdempotencyMode,
    request: RequestOperation["request"],
    more: Partial<RequestOperation["idempotency"]> = {},
  ): RequestOperation => ({
    kind: "sink",
    transport: "http",
    title: `Write (${mode})`,
    summary: `Writes the document in the mode ${mode}.`,
    request: { ...request, timeoutMs },
    documentKey: "id",
    event: "write",
    idempotency: { mode, ...more },
    retry: { baseMs: retryMs, capMs: retryMs * 8, attempts },
    samples: [],
  });
  const takes = (
    path: string,
    ledger: IdempotencyMode,
    key: string,
    kind: "upsert" | "once" | "create",
    method: "PUT" | "POST" = "POST",
  ): SimulatorRoute => ({
    method,
    path,
    ledger: { name: ledger, key, write: kind, record: "body", amount: "body.total" },
    respond: { status: 200, body: "{ 'id': record.id }" },
  });
  return {
    kind: "connector",
    id: "proof",
    version: "1.0.0",
    title: "Proof",
    summary: "Sends documents and takes them, once.",
    system: "general",
    badge: { text: "Pr", color: "gray" },
    lifecycle: { state: "live" },
    connection: {
      type: "object",
      additionalProperties: false,
      required: ["account", "baseUrl"],
      properties: {
        account: { type: "string", title: "Account" },
        baseUrl: { type: "string", title: "Address" },
        webhookSecret: { type: "string", title: "Webhook secret", "x-secret": true },
      },
    },
    baseUrl: "{{ config.baseUrl }}",
    systemAccount: "{{ config.account }}",
    auth: { type: "none" },
    limits: { concurrency: 64 },
    errors: [
      { status: [429], class: "rateLimited", applied: "no" },
      { status: [400], when: '$contains($string(body), "credentials")', class: "auth", applied: "no" },
      { status: [400, 404], class: "rejected", applied: "no" },
      { status: [408, 500, 502, 503, 504], class: "transient", applied: "maybe" },
    ],
    operations: {
      arrived: {
        kind: "source",
        transport: "webhook",
        title: "Document arrived",
        summary: "Starts a run for every document that is sent.",
        verify: {
          type: "hmac",
          algorithm: "sha256",
          encoding: "base64",
          header: "x-signature",
          secret: "{{ secrets.webhookSecret }}",
        },
        dedupeKey: ["{{ headers.'x-event-id' }}"],
        documentKey: "{{ body.id }}",
        documentVersion: "{{ body.version }}",
        samples: [],
      },
      listed: {
        kind: "source",
        transport: "poll",
        title: "Documents listed",
        summary: "Asks for the documents that lie ready.",
        request: { method: "GET", path: "/ready", timeoutMs },
        records: "body",
        dedupeKey: "id",
        documentKey: "id",
        intervalMs: 1_000,
        samples: [],
      },
      put: write("natural", { method: "PUT", path: "/put/{{ id }}", body: "$" }),
      book: write("key", { method: "POST", path: "/book", body: "$" }, { header: "idempotency-key" }),
      make: write(
        "lookup",
        { method: "POST", path: "/make", body: "$" },
        {
          quietPeriodMs,
          lookup: { request: { method: "GET", path: "/made/{{ id }}", timeoutMs }, found: "body.id ? body : undefined" },
        },
      ),
      send: write("none", { method: "POST", path: "/send", body: "$" }),
      look: {
        kind: "lookup",
        transport: "http",
        title: "Look",
        summary: "Reads what was made.",
        request: { method: "GET", path: "/made/{{ id }}", timeoutMs },
        idempotency: { mode: "natural" },
        samples: [],
      },
    },
    simulator: {
      routes: [
        takes("/put/{id}", "natural", "path.id", "upsert", "PUT"),
        takes("/book", "key", "headers.`idempotency-key`", "once"),
        takes("/make", "lookup", "body.id", "create"),
        takes("/send", "none", "body.id", "create"),
        {
          method: "GET",
          path: "/made/{id}",
          ledger: { name: "lookup", key: "path.id", write: "read" },
          respond: { status: 200, body: "$exists(record) ? record : {}" },
        },
        {
          method: "POST",
          path: "/ready",
          ledger: { name: "ready", key: "body.id", write: "upsert", record: "body" },
          respond: { status: 201, body: "{}" },
        },
        {
          method: "GET",
          path: "/ready",
          ledger: { name: "ready", key: "'-'", write: "list" },
          respond: { status: 200, body: "[records]" },
        },
      ],
    },
  };
}

/** The sandbox's side of it: a connection with all ledgers under each name. */
export const sandboxConnections = (connector: Connector, names: readonly string[] = [proofSystem]) =>
  names.map((name) => ({ name, connector, config: { account: name, baseUrl: "" }, secrets: { webhookSecret } }));

/** The product's catalog with the connector of the proof in it. */
export async function proofCatalog(connector: Connector): Promise<Catalog> {
  const { catalog } = await builtCatalog();
  catalog.connectors[connector.id] = connector;
  for (const manifest of operationManifests(connector)) catalog.manifests[manifest.type] = manifest;
  return catalog;
}

/** Nodes in a row, joined by the ports named (`out` to `in` where none is). */
export function row(id: string, nodes: (FlowNode & { by?: string })[], more: Partial<Flow> = {}): Flow {
  return {
    kind: "flow",
    formatVersion: 1,
    id,
    name: id,
    slots: [
      { name: "system", connector: "proof" },
      { name: "folder", connector: "files" },
    ],
    nodes: nodes.map(({ by: _by, ...node }) => node),
    edges: nodes.slice(1).map((node, index) => ({
      id: `e${index + 1}`,
      from: { node: nodes[index]?.id ?? "", port: node.by ?? "out" },
      to: { node: node.id, port: "in" },
    })),
    ...more,
  };
}

export const arrived: FlowNode = { id: "arrived", type: "proof.arrived", slot: "system", config: {} };
export const mapped = (id: string, expression = "$"): FlowNode => ({ id, type: "map", config: { expression } });
/** The effect of a mode; its node has the mode's name, so that a letter says in which ledger something is missing. */
export const effect = (mode: IdempotencyMode): FlowNode => ({
  id: mode,
  type: `proof.${writes[mode]}`,
  slot: "system",
  config: {},
});

interface Seed {
  databaseUrl: string;
  home: string;
  /** Where the sandbox plays the system. */
  systemUrl: string;
  connector: Connector;
  flows: Flow[];
}

/** Publishes and deploys the flows, their connection at the sandbox, their folder (if they have one) in the home. */
export async function seedProof({ databaseUrl, home, systemUrl, connector, flows }: Seed): Promise<void> {
  const catalog = await proofCatalog(connector);
  const database = openDatabase({ url: databaseUrl, connections: 1, application: "orderloom proof" });
  const { db } = database;
  const connect = (name: string, type: string, config: Record<string, unknown>, secrets: Record<string, string>) =>
    putConnection(
      db,
      secretBox(openKeyRing(home, undefined)),
      {
        name,
        connector: type,
        config,
        secrets,
        environment,
        connectorVersion: "1.0.0",
        systemAccount: name,
        sandbox: false,
      },
      "proof",
    );
  try {
    const slots: Record<string, string> = {
      system: await connect(proofSystem, connector.id, { account: proofSystem, baseUrl: systemUrl }, { webhookSecret }),
      folder: await connect("folder", "files", { folder: "in" }, {}),
    };
    for (const flow of flows) {
      await createFlow(db, flow, "proof");
      await publishVersion(db, flow, makeLock(flow, catalog), "Proof", "proof");
      const version = await readVersion(db, flow.id, "latest");
      if (!version) throw new Error(`${flow.id} was published and is not there.`);
      const used = Object.fromEntries(flow.slots.flatMap(({ name }) => (slots[name] ? [[name, slots[name]]] : [])));
      await putDeployment(db, environment, flow.id, { version, slots: used, state: "active" }, "proof");
    }
  } finally {
    await database.close();
  }
}

/** A document as it is sent. */
export interface Document {
  id: string;
  /** Money as decimal text. */
  total: string;
  version?: string;
}

/** The headers of one delivery; `event` is the same for every delivery of one message. */
export const deliveryHeaders = (body: string, event: string): Record<string, string> => ({
  "content-type": "application/json",
  "x-event-id": event,
  "x-signature": createHmac("sha256", webhookSecret).update(body).digest("base64"),
});

export const hookPath = (flow: string): string => `/hooks/${environment}/${flow}/arrived`;
