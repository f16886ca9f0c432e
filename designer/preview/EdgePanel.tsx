import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Flow, FlowEdge } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { useEdgeLive } from "../canvas/live.ts";
import { nodeNames } from "../canvas/names.ts";
import { count } from "../elements/numbers.ts";
import panel from "../inspector/inspector.module.css";
import { PanelHead } from "../inspector/PanelHead.tsx";
import { ItemsView } from "./ItemsView.tsx";
import { NoData } from "./NoData.tsx";
import { OnSample } from "./OnSample.tsx";
import { type PreviewStore, selectRun, selectShown, usePreview } from "./preview.ts";
import { say } from "./say.ts";

interface EdgePanelProps {
  edge: FlowEdge;
  flow: Flow;
  catalogue: Catalogue;
  preview: PreviewStore;
  width: number;
  onClose: () => void;
}

/** The panel of an edge: what crosses it with the sample that is shown. */
export function EdgePanel({ edge, flow, catalogue, preview, width, onClose }: EdgePanelProps) {
  const { t } = useTranslation();
  const run = usePreview(selectRun);
  const shown = usePreview(selectShown);
  const counted = useEdgeLive(edge.id)?.count;
  // While the preview is shown, edges count what its sample sends.
  const live = shown ? undefined : counted;
  const fault = usePreview((state) => state.fault ?? state.groundFault);
  useEffect(() => preview.want(), [preview]);
  const name = nodeNames(flow.nodes, catalogue.manifests);
  const { from, to } = edge;
  const reached = run && run.nodes[to.node]?.status !== "notReached";
  const items = (reached && run.nodes[from.node]?.outputs[from.port]) || [];
  return (
    <aside className={panel.panel} style={{ width }} aria-label={t("preview.edge")} data-testid="edge-panel">
      <PanelHead onClose={onClose}>
        <h2>
          {name(from.node)} → {name(to.node)}
        </h2>
        <div className="ol-dim ol-small">
          {t("preview.edge")}
          {live !== undefined && <span data-testid="edge-live"> · {say("shown.live", { count: live, shown: count(live) })}</span>}
        </div>
      </PanelHead>
      <div className={panel.body}>
        {fault ? (
          <p className="ol-dim">{t("preview.cannot", { reason: fault })}</p>
        ) : items.length === 0 ? (
          <NoData catalogue={catalogue} />
        ) : (
          <>
            <OnSample />
            <ItemsView items={items} label={t("preview.edge")} />
          </>
        )}
      </div>
    </aside>
  );
}
