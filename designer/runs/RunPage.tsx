import { Alert, Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { ChevronRight, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { RunDetail } from "#schemas/api.ts";
import { runQuery, traceQuery } from "../api/queries.ts";
import { address, useEnvironment, useParam } from "../app/address.ts";
import { Board } from "../canvas/Board.tsx";
import { type Catalogue, useCatalogue } from "../canvas/catalogue.ts";
import { createLive, fromTrace, LiveContext } from "../canvas/live.ts";
import { useSelection } from "../canvas/useSelection.ts";
import { Failure } from "../elements/Failure.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { Separator, usePanelWidth } from "../elements/Separator.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { RunActions } from "./RunActions.tsx";
import { RunDuration } from "./RunDuration.tsx";
import { RunSummary } from "./RunSummary.tsx";
import classes from "./runs.module.css";

const NodeData = lazy(async () => ({ default: (await import("./NodeData.tsx")).NodeData }));
const EdgeData = lazy(async () => ({ default: (await import("./EdgeData.tsx")).EdgeData }));

const bounds = { least: 360, most: 900 };

/** One run on the drawing of its version: how each node fared, and what each port carried. */
export function RunPage() {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const id = useParam("run");
  const detail = useQuery(runQuery(id));
  const catalogue = useCatalogue();
  const error = detail.data ? catalogue.error : (detail.error ?? catalogue.error);
  return (
    <div className={classes.page}>
      <RunBar detail={detail.data} />
      {detail.data && catalogue.data ? (
        <ReactFlowProvider>
          <Opened detail={detail.data} catalogue={catalogue.data} />
        </ReactFlowProvider>
      ) : error ? (
        <Failure error={error} onRetry={() => void Promise.all([detail.refetch(), catalogue.refetch()])}>
          <Button component={Link} to={address.runs(environment)}>
            {t("runs.toList")}
          </Button>
        </Failure>
      ) : (
        <Skeleton height="60%" m={24} width="auto" />
      )}
    </div>
  );
}

function RunBar({ detail }: { detail: RunDetail | undefined }) {
  const { t } = useTranslation();
  const { id } = useEnvironment();
  const title = detail?.run.documentKey ?? t("run.title");
  useEffect(() => {
    document.title = `${title} · Orderloom`;
  }, [title]);
  return (
    <PageBar
      title={
        <>
          <Link className={classes.crumb} to={address.runs(id)}>
            {t("nav.runs")}
          </Link>
          <ChevronRight size={14} color="var(--ol-dim)" aria-hidden style={{ flex: "none" }} />
          <PageTitle>{title}</PageTitle>
          {detail && <StateChip state={detail.run.held ? "held" : detail.run.state} />}
        </>
      }
    >
      {detail && (
        <span className="ol-dim ol-small">
          <Link className={classes.crumb} to={address.version(id, detail.run.flow, detail.run.version, { run: detail.run.id })}>
            {detail.flow.name} {t("common.version", { number: detail.run.version })}
          </Link>{" "}
          · <TimeText iso={detail.run.startedAt} /> · <RunDuration run={detail.run} />
        </span>
      )}
      {detail && <RunActions detail={detail} />}
    </PageBar>
  );
}

function Opened({ detail, catalogue }: { detail: RunDetail; catalogue: Catalogue }) {
  const { t } = useTranslation();
  const { run, flow } = detail;
  const trace = useQuery(traceQuery(run.id, run.endedAt !== null));
  const { node, edge, select } = useSelection();
  const [width, setWidth] = usePanelWidth("run", 440, bounds);
  const [live] = useState(createLive);
  useEffect(() => {
    if (trace.data) live.setState(fromTrace(trace.data, flow.edges, run.held), true);
  }, [live, trace.data, flow, run.held]);
  const link = flow.edges.find(({ id }) => id === edge);
  return (
    <LiveContext value={live}>
      <div className={classes.row}>
        <div className={classes.middle}>
          {trace.data && !trace.data.reproduces && (
            <Alert
              variant="light"
              color="red"
              radius={0}
              icon={<TriangleAlert size={16} />}
              title={t("run.notReproduced")}
              data-testid="not-reproduced"
            >
              {t("run.notReproducedText")}
              <ul style={{ margin: "4px 0 0", paddingLeft: 16 }}>
                {trace.data.differences.map((difference) => (
                  <li key={difference}>{difference}</li>
                ))}
              </ul>
            </Alert>
          )}
          {trace.data && trace.data.omitted > 0 && (
            <Alert variant="light" color="gray" radius={0} data-testid="trace-omitted">
              {t("run.omitted", { count: trace.data.omitted })}
            </Alert>
          )}
          <Board
            flow={flow}
            catalogue={catalogue}
            label={t("run.canvas")}
            selected={node ?? edge}
            onSelect={select}
            focus={run.failedNode}
          />
        </div>
        <Separator width={width} onWidth={setWidth} {...bounds} />
        <aside className={classes.panel} style={{ width }} aria-label={t("run.panel")} data-testid="inspector">
          <Suspense>
            {node ? (
              <NodeData
                key={node}
                id={node}
                detail={detail}
                trace={trace}
                catalogue={catalogue}
                onClose={() => select(null, null)}
              />
            ) : link ? (
              <EdgeData edge={link} flow={flow} catalogue={catalogue} trace={trace} onClose={() => select(null, null)} />
            ) : (
              <RunSummary detail={detail} catalogue={catalogue} onNode={(id) => select(id, null)} />
            )}
          </Suspense>
        </aside>
      </div>
    </LiveContext>
  );
}
