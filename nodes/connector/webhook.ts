import type { WebhookOperation } from "#schemas/connector.ts";
import { plainPathTemplate } from "../expression/template.ts";

/** What a webhook's own templates see. Header names in lower case. */
export interface WebhookInput {
  headers: Readonly<Record<string, string>>;
  /** The parsed body. */
  body: unknown;
}

export interface IntakeKeys {
  /** Null when no candidate gives one: take the hash of the raw body then. */
  dedupeKey: string | null;
  documentKey: string | null;
  documentVersion: string | null;
}

/** By what an incoming document is known. Plain paths only: nothing is evaluated before the document is committed. */
export function intakeKeys(operation: WebhookOperation, input: WebhookInput): IntakeKeys {
  const read = (template: string | undefined): string | null =>
    template === undefined ? null : plainPathTemplate(template)(input) || null;
  const candidates = operation.dedupeKey.map(read);
  return {
    dedupeKey: candidates.find((key) => key !== null) ?? null,
    documentKey: read(operation.documentKey),
    documentVersion: read(operation.documentVersion),
  };
}
