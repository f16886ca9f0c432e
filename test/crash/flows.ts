import type { Connector } from "#schemas/connector.ts";
import type { Flow, FlowNode } from "#schemas/flow.ts";
import { type IdempotencyMode, idempotencyModes } from "#schemas/manifest.ts";
import { arrived, effect, mapped, proofConnector, row } from "../chaos/workload.ts";

export const connector: Connector = {
  ...proofConnector({ timeoutMs: 5_000, quietPeriodMs: 900, retryMs: 60, attempts: 12 }),
  auth: { type: "oauth2", grant: "clientCredentials", tokenUrl: "/token", clientAuth: "none" },
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
