import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { NodeIcon } from "../canvas/kinds.tsx";
import { titleOf } from "../canvas/names.ts";
import { CopyText } from "../elements/CopyText.tsx";
import { PanelHead } from "./PanelHead.tsx";

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
    <PanelHead icon={<NodeIcon manifest={manifest} connector={connector} />} onClose={onClose}>
      <div style={{ display: "flex", gap: 8, alignItems: "baseline" }}>
        <h2>{titleOf(node, catalogue.manifests)}</h2>
        <span className="ol-dim">
          <CopyText value={node.id} />
        </span>
      </div>
      <div className="ol-dim ol-small ol-clip" title={manifest?.summary}>
        {manifest?.summary ?? t("canvas.unknownType", { type: node.type })}
      </div>
    </PanelHead>
  );
}
