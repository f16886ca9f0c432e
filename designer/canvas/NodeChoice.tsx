import type { ConnectorSummary } from "#schemas/api.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { AgeLabel } from "./AgeLabel.tsx";
import { type Category, NodeIcon } from "./kinds.tsx";
import classes from "./layout.module.css";

/** A node type in a list to choose from: its icon, its title, and what it says of itself. */
export function NodeChoice({ manifest, connector }: { manifest: NodeManifest; connector: ConnectorSummary | undefined }) {
  return (
    <span className={classes.quickAddLine}>
      <NodeIcon manifest={manifest} connector={connector} size={24} />
      <span className="ol-clip">
        {connector && <span className="ol-dim ol-small">{connector.title} · </span>}
        {manifest.title} <AgeLabel manifest={manifest} connector={connector} />
        <span className="ol-dim ol-small ol-clip" style={{ display: "block" }}>
          {manifest.summary}
        </span>
      </span>
    </span>
  );
}

/** Compares node types: by kind as given, of one kind the product's own before each system's, then by title. */
export const byKind =
  (kinds: readonly Category[]) =>
  (a: NodeManifest, b: NodeManifest): number =>
    kinds.indexOf(a.category) - kinds.indexOf(b.category) ||
    (a.connector ?? "").localeCompare(b.connector ?? "") ||
    a.title.localeCompare(b.title);
