import type { NodeManifest, Port } from "./manifest.ts";

/** The output ports of a node: those of its type, and those that its config adds (the cases of a switch). */
export function outputPorts(manifest: NodeManifest, config: Readonly<Record<string, unknown>> | undefined): Port[] {
  return [...portsFromConfig(manifest, config), ...manifest.outputs];
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
