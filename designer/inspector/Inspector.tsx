import { ActionIcon, Tabs } from "@mantine/core";
import { X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import { useMaySomewhere } from "../app/session.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { NodeIcon } from "../canvas/kinds.tsx";
import { CopyText } from "../elements/CopyText.tsx";
import { ExpressionInputContext } from "../expression/input.ts";
import { PortsView } from "../preview/PortsView.tsx";
import { usePreviewStore } from "../preview/preview.ts";
import { useExpressionGround } from "../preview/useExpressionGround.ts";
import classes from "./inspector.module.css";
import { NodeSettings } from "./NodeSettings.tsx";

interface InspectorProps {
  node: FlowNode;
  catalogue: Catalogue;
  width: number;
  onClose: () => void;
}

const tabs = ["settings", "input", "output"] as const;

/** The panel beside the canvas: a node's settings, and what the sample brings to it and makes of it. */
export function Inspector({ node, catalogue, width, onClose }: InspectorProps) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<string | null>("settings");
  const manifest = catalogue.manifests.get(node.type);
  const may = useMaySomewhere("design");
  const ground = useExpressionGround(node);
  const preview = usePreviewStore();
  useEffect(() => preview?.want(), [preview]);
  return (
    <aside className={classes.panel} style={{ width }} aria-label={t("inspector.label")} data-testid="inspector">
      <InspectorHead node={node} catalogue={catalogue} onClose={onClose} />
      <Tabs value={tab} onChange={setTab} className={classes.tabs ?? ""} keepMounted={false}>
        <Tabs.List>
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name} data-testid={`tab-${name}`}>
              {t(`inspector.tabs.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {/* Where nothing inside takes the focus, the keys scroll the whole. */}
        <Tabs.Panel value="settings" {...(may ? {} : { tabIndex: 0 })}>
          <ExpressionInputContext value={ground}>
            <NodeSettings node={node} catalogue={catalogue} onClose={onClose} />
          </ExpressionInputContext>
        </Tabs.Panel>
        <Tabs.Panel value="input">{manifest && <PortsView node={node} manifest={manifest} side="inputs" />}</Tabs.Panel>
        <Tabs.Panel value="output">{manifest && <PortsView node={node} manifest={manifest} side="outputs" />}</Tabs.Panel>
      </Tabs>
    </aside>
  );
}

interface InspectorHeadProps {
  node: FlowNode;
  catalogue: Catalogue;
  onClose: () => void;
}

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
