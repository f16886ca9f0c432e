import type { NodeManifest, Port } from "./manifest.ts";

/** What decides over a node's ports, besides its type. */
export interface PortedNode {
  config?: Readonly<Record<string, unknown>> | undefined;
  onError?: unknown;
}

/** The port through which an item leaves a node that failed on it for good, where the node's `onError` is `route`. */
export const errorPort: Port = {
  name: "error",
  title: "On error",
  description: "`{ item, error }` of what failed here for good: the item that came in and why it failed.",
};

/** Sources have nothing that could fail in the flow; every other node can route what it fails on. */
const routesErrors = (manifest: NodeManifest, node: PortedNode | undefined): boolean =>
  node?.onError === "route" && manifest.inputs.length > 0;

/** The output ports of a node: those that its config adds (the cases of a switch), those of its type, and `error`. */
export function outputPorts(manifest: NodeManifest, node: PortedNode | undefined): Port[] {
  return [...portsFromConfig(manifest, node?.config), ...manifest.outputs, ...(routesErrors(manifest, node) ? [errorPort] : [])];
}

/** The ports that the config adds, in its order; entries without a port name are left out. */
export function portsFromConfig(manifest: NodeManifest, config: Readonly<Record<string, unknown>> | undefined): Port[] {
  const rows = manifest.outputsFrom === undefined ? undefined : config?.[manifest.outputsFrom];
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: unknown) => {
    if (typeof row !== "object" || row === null || !("port" in row)) return [];
    const { port } = row;
    if (typeof port !== "string" || port === "") return [];
    return [{ name: port, title: "title" in row && typeof row.title === "string" && row.title !== "" ? row.title : port }];
  });
}
