import type { Connector, RequestOperation } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { type IdempotencyMode, idempotencyModes } from "#schemas/manifest.ts";
import type { WebhookOperation } from "#schemas/sourceOperation.ts";
import { arrived, effect, mapped, proofConnector, row } from "../chaos/workload.ts";

const proof = proofConnector({ timeoutMs: 5_000, quietPeriodMs: 900, retryMs: 60, attempts: 12 });

/** Documents that the system has to be told where to send. */
const subscribed: WebhookOperation = {
  ...(proof.operations.arrived as WebhookOperation),
  title: "Document told",
  subscription: {
    list: { method: "GET", path: "/hooks" },
    found: "body",
    id: "id",
    address: "address",
    create: { method: "POST", path: "/hooks", body: "{ 'address': $address }" },
    secret: { at: "/secret", as: "webhookSecret" },
    delete: { method: "DELETE", path: "/hooks/{{ id }}" },
  },
};

/** Documents that the target knows by a number of ours as well. */
const numbered: RequestOperation = {
  ...(proof.operations.put as RequestOperation),
  request: { ...(proof.operations.put as RequestOperation).request, body: "$merge([$, { 'control': $controlNumber }])" },
  controlNumber: { most: 999_999_999 },
};

export const connector: Connector = {
  ...proof,
  auth: { type: "oauth2", grant: "clientCredentials", tokenUrl: "/token", clientAuth: "none" },
  operations: { ...proof.operations, put: numbered, told: subscribed },
  simulator: {
    ...proof.simulator,
    routes: [
      ...(proof.simulator?.routes ?? []),
      {
        method: "GET",
        path: "/hooks",
        ledger: { name: "hooks", key: "'-'", write: "list" },
        respond: { status: 200, body: "[records[$not($exists(deleted))].{ 'id': id, 'address': address }]" },
      },
      {
        method: "POST",
        path: "/hooks",
        ledger: {
          name: "hooks",
          key: "$string(count + 1)",
          write: "create",
          record: "{ 'id': count + 1, 'address': body.address, 'secret': 'given ' & $string(count + 1) }",
        },
        respond: { status: 201, body: "record" },
      },
      {
        method: "DELETE",
        path: "/hooks/{id}",
        ledger: { name: "hooks", key: "path.id", write: "upsert", record: "$merge([record, { 'deleted': true }])" },
        respond: { status: 204 },
      },
    ],
  },
};

const listed: FlowNode = { id: "listed", type: "proof.listed", slot: "system", config: { everySeconds: 1 } };

/** What stands around the effect in each form of a flow. */
const forms = {
  plain: (mode) => [arrived, mapped("before"), effect(mode), mapped("after")],
  join: (mode) => [
    arrived,
    { id: "split", type: "split", config: { items: "[$, $merge([$, { 'id': id & '-b' }])]" } },
    { ...effect(mode), by: "item" },
    { id: "join", type: "join", config: { split: "split" } },
    mapped("after"),
  ],
  batch: (mode) => [
    arrived,
    { id: "batch", type: "batch", config: { count: 1, waitSeconds: 60 } },
    mapped("first", "$[0]"),
    effect(mode),
  ],
  wait: (mode) => [
    arrived,
    { id: "wait", type: "wait", config: { key: "id", messageKey: "id", timeoutSeconds: 0.2 } },
    { ...effect(mode), by: "timeout" },
  ],
  read: (mode) => [arrived, { id: "look", type: "proof.look", slot: "system", config: {} }, effect(mode)],
  hook: (mode) => [{ ...arrived, type: "proof.told" }, effect(mode)],
  poll: (mode) => [listed, effect(mode)],
  file: (mode) => [
    { id: "files", type: "files.fileArrived", slot: "folder", config: { format: "json", everySeconds: 1 } },
    mapped("content", "json"),
    effect(mode),
  ],
} satisfies Record<string, (mode: IdempotencyMode) => (FlowNode & { by?: string })[]>;

export type Form = keyof typeof forms;

export const flowOf = (form: Form, mode: IdempotencyMode): string => `${form}-${mode}`;

export const flows: Flow[] = idempotencyModes.flatMap((mode) =>
  (Object.keys(forms) as Form[]).map((form) => row(flowOf(form, mode), forms[form](mode))),
);
