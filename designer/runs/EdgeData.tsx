import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Flow, FlowEdge } from "#schemas/flow.ts";
import type { Trace } from "#schemas/run.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { nodeNames } from "../canvas/names.ts";
import { Loaded } from "../elements/Loaded.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { PanelHead } from "../inspector/PanelHead.tsx";
import { PortData } from "./PortData.tsx";
import classes from "./runs.module.css";

interface EdgeDataProps {
  edge: FlowEdge;
  flow: Flow;
  catalogue: Catalogue;
  trace: Pick<UseQueryResult<Trace>, "data" | "error" | "refetch">;
  onClose: () => void;
}

/** What crossed one link in a run. */
export function EdgeData({ edge, flow, catalogue, trace, onClose }: EdgeDataProps) {
  const { t } = useTranslation();
  const name = nodeNames(flow.nodes, catalogue.manifests);
  const { from, to } = edge;
  return (
    <>
      <PanelHead onClose={onClose}>
        <h2>
          {name(from.node)} → {name(to.node)}
        </h2>
        <div className="ol-dim ol-small">{t("run.edgeData")}</div>
      </PanelHead>
      <div className={classes.body}>
        <Loaded query={trace} skeleton={<RowsSkeleton rows={6} />}>
          {({ nodes }) => (
            <PortData
              node={from.node}
              ports={[]}
              data={{ [from.port]: nodes[from.node]?.outputs[from.port] ?? [] }}
              empty={t("inspector.noData")}
            />
          )}
        </Loaded>
      </div>
    </>
  );
}
