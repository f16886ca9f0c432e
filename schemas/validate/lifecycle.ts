import { pointerOf } from "../pointer.ts";
import { type FlowCheck, isObject } from "./draft.ts";
import { quote } from "./wording.ts";

/** So long before a system stops to answer, people are told: a change has to be made, reviewed and promoted. */
const NOTICE_DAYS = 180;

const DAY_MS = 86_400_000;

/** Warns of slots whose connector is deprecated, or speaks to an API that ends soon. */
export const lifecycle: FlowCheck = (draft, { connectors, now }, report) => {
  for (const { name, connector: id, index } of draft.slots) {
    const connector = id !== undefined && connectors && Object.hasOwn(connectors, id) ? connectors[id] : undefined;
    const found = isObject(connector) ? isObject(connector.lifecycle) && noteOf(connector.lifecycle, now ?? new Date()) : false;
    if (!found) continue;
    const title = String((connector as { title?: unknown }).title);
    const message = `Slot ${quote(name)}: the connector ${title} ${found.what}.`;
    report({ code: found.code, severity: "warning", pointer: pointerOf("slots", index, "connector"), message, hint: found.hint });
  }
};

function noteOf({ state, sunset, apiVersion }: Record<string, unknown>, now: Date) {
  const version = typeof apiVersion === "string" ? ` ${apiVersion}` : "";
  const ends = typeof sunset === "string" ? Date.parse(sunset) : Number.NaN;
  const hint = "Look for a newer connector of the system, or a newer version of this one.";
  // The day itself is still good.
  if (ends + DAY_MS <= now.getTime())
    return { code: "connector.sunset", what: `speaks to the API version${version}, which ended on ${sunset}`, hint };
  if (ends - now.getTime() <= NOTICE_DAYS * DAY_MS)
    return { code: "connector.sunsetSoon", what: `speaks to the API version${version}, which ends on ${sunset}`, hint };
  return state === "deprecated" ? { code: "connector.deprecated", what: "is deprecated", hint } : undefined;
}
