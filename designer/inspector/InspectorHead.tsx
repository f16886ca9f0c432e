import { ActionIcon } from "@mantine/core";
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { NodeIcon } from "../canvas/kinds.tsx";
import { CopyText } from "../elements/CopyText.tsx";
import classes from "./inspector.module.css";

interface InspectorHeadProps {
  node: FlowNode;
  catalogue: Catalogue;
  onClose: () => void;
}

/** Over what is told of a node: which one it is, and the way out. */
export function InspectorHead({ node, catalogue, onClose }: InspectorHeadProps) {
  const { t } = useTranslation();
  const manifest = catalogue.manifests.get(node.type);
  const connector = manifest?.connector === undefined ? undefined : catalogue.connectors.get(manifest.connector);
  return (
    <header className={classes.head}>
      <NodeIcon manifest={manifest} connector={connector} />
      <div className={classes.headWords}>
        <div style={{ display: "flex", gap: 8, alignItems: "baseline" }}>
          <h2>{node.name ?? manifest?.title ?? node.type}</h2>
          <span className="ol-dim">
            <CopyText value={node.id} />
          </span>
        </div>
        <div className="ol-dim ol-small ol-clip" title={manifest?.summary}>
          {manifest?.summary ?? t("canvas.unknownType", { type: node.type })}
        </div>
      </div>
      <ActionIcon aria-label={t("inspector.close")} onClick={onClose}>
        <X size={16} />
      </ActionIcon>
    </header>
  );
}
