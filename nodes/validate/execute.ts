import { type CanonicalFault, schemaFaults } from "#schemas/canonical/check.ts";
import type { Reason } from "#schemas/outcome.ts";
import type { Execute } from "../pureNode.ts";

/** Further faults kept beside the first; a document that is wrong all over needs no complete list. */
const MAX_DETAILS = 20;

function reasonOf(first: CanonicalFault, further: readonly CanonicalFault[]): Reason {
  const more =
    further.length === 0 ? "" : ` ${further.length} further ${further.length === 1 ? "fault is" : "faults are"} in the details.`;
  return {
    code: first.code,
    message: `${first.message}${more}`,
    hint: "Correct the document at its source and send it again, or correct the mapping before this node.",
    path: first.path,
    found: first.found,
    expected: first.expected,
    ...(further.length === 0 ? {} : { params: { further: further.length }, details: further.slice(0, MAX_DETAILS) }),
  };
}

/** Passes the item on unchanged when it fits the canonical schema and its invariants; else class `invalid`. */
export const execute: Execute = async (item, config, context) => {
  const name = String(config.schema ?? "");
  const schema = context.schema(name);
  if (!schema) {
    const reason = { code: "validate.noSchema", message: `There is no canonical schema "${name}".`, path: "/config/schema" };
    return { ok: false, class: "invalid", reason };
  }
  const [first, ...further] = schemaFaults(schema, item);
  if (first) return { ok: false, class: "invalid", reason: reasonOf(first, further) };
  return { ok: true, port: "valid", item };
};
