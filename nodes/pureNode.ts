import type { CanonicalSchema } from "#schemas/canonical/registry.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { OutcomeClass, Reason } from "#schemas/outcome.ts";
import type { PlanTable } from "./planTables.ts";

/** What a pure node may use: no clock, no network, no store. */
export interface PureContext {
  /** Runs a JSONata expression with the run's variables bound. Throws ExpressionError. */
  evaluate: (expression: string, input: unknown) => Promise<unknown>;
  /** A reference table of the environment, as the run reads it; undefined where there is none. */
  table: (name: string) => PlanTable | undefined;
  /** A canonical schema, as the version keeps it; undefined where there is none. */
  schema: (name: string) => CanonicalSchema | undefined;
}

/** Where the item goes and what it has become, or why it cannot go on. */
export type PureOutcome = { ok: true; port: string; item: unknown } | { ok: false; class: OutcomeClass; reason: Reason };

export type Execute = (item: unknown, config: Readonly<Record<string, unknown>>, context: PureContext) => Promise<PureOutcome>;

/** A node type whose outputs depend on its config and input alone. */
export interface PureNodeType {
  manifest: NodeManifest;
  execute: Execute;
}
