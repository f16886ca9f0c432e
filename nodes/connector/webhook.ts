import type { ServiceOperation, WebhookOperation } from "#schemas/sourceOperation.ts";
import { plainPathTemplate } from "../expression/template.ts";

/**
 * The port at which a run begins whose message only points at a document: the source fetches the document first, then
 * gives it at `out`.
 */
export const POINTER = "pointer";

/** What a webhook's own templates see. Header names in lower case. */
export interface WebhookInput {
  headers: Readonly<Record<string, string>>;
  /** The parsed body. */
  body: unknown;
}

export interface IntakeKeys {
  /** Null when no candidate gives one. */
  dedupeKey: string | null;
  documentKey: string | null;
  documentVersion: string | null;
}

/** By what an incoming document is known. Plain paths only: nothing is evaluated before the document is committed. */
export function intakeKeys(operation: WebhookOperation | ServiceOperation, input: WebhookInput): IntakeKeys {
  const read = (template: string | undefined): string | null =>
    template === undefined ? null : plainPathTemplate(template)(input) || null;
  const candidates = operation.dedupeKey.map(read);
  return {
    dedupeKey: candidates.find((key) => key !== null) ?? null,
    documentKey: read(operation.documentKey),
    documentVersion: read(operation.documentVersion),
  };
}
