import { flowFileText } from "#nodes/bundle/flowFile.ts";
import type { Flow } from "#schemas/flow.ts";

/** Gives the browser the flow's file to keep. */
export function exportFlow(flow: Flow): void {
  const address = URL.createObjectURL(new Blob([flowFileText(flow)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${flow.id}.flow.json`;
  link.click();
  // The browser has the file by then, or is asking where to put it, for which it needs the address no more.
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}

const KEPT_MS = 60_000;
