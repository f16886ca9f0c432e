import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ReactFlowProvider } from "@xyflow/react";
import { type CSSProperties, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { diffLocks } from "#nodes/lockDiff.ts";
import type { Lock } from "#nodes/plan.ts";
import { diffFlows } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { flowQuery, versionQuery } from "../api/queries.ts";
import { Board } from "../canvas/Board.tsx";
import { type Catalogue, useCatalogue } from "../canvas/catalogue.ts";
import { createLive, LiveContext } from "../canvas/live.ts";
import { Failure } from "../elements/Failure.tsx";
import { Separator, usePanelWidth } from "../elements/Separator.tsx";
import { ProblemTexts } from "../inspector/ProblemText.tsx";
import { ChangeList } from "./ChangeList.tsx";
import { firstChanged, marksOf, movedCards, overlayOf } from "./overlay.ts";
import classes from "./versions.module.css";
import "./texts.ts";

const bounds = { least: 320, most: 900 };

const scrollable = { tabIndex: 0 };

interface CompareProps {
  flow: string;
  from: number;
  to: number | "draft";
  /** What stands over the list of changes: the choice of the other version. */
  head: React.ReactNode;
}

interface Side {
  flow: Flow;
  /** Null for a draft: what it is made with is decided when it is published. */
  lock: Lock | null;
  /** What of it has become old since it was made. */
  old: readonly Problem[];
}

/** Two versions, or a version and the draft, on one canvas, and beside it every field that differs. */
export function Compare({ flow, from, to, head }: CompareProps) {
  const { t } = useTranslation();
  const before = useQuery(versionQuery(flow, from));
  const published = useQuery({ ...versionQuery(flow, Number(to)), enabled: to !== "draft" });
  const draft = useQuery({ ...flowQuery(flow), enabled: to === "draft" });
  const after = to === "draft" ? draft : published;
  const catalogue = useCatalogue();
  const error = before.error ?? after.error ?? catalogue.error;
  if (before.data && after.data && catalogue.data) {
    return (
      <ReactFlowProvider key={`${from} ${to}`}>
        <Compared
          before={sideOf(before.data)}
          after={sideOf(after.data)}
          label={to === "draft" ? t("versions.canvasDraft", { from }) : t("versions.canvas", { from, to })}
          catalogue={catalogue.data}
          head={head}
        />
      </ReactFlowProvider>
    );
  }
  if (error) return <Failure error={error} onRetry={() => void Promise.all([before.refetch(), after.refetch()])} />;
  return <Skeleton height="60%" m={24} width="auto" />;
}

const sideOf = ({ flow, ...made }: { flow: Flow; lock?: unknown; old?: readonly Problem[] }): Side => ({
  flow,
  lock: (made.lock ?? null) as Lock | null,
  old: made.old ?? [],
});

interface ComparedProps extends Pick<CompareProps, "head"> {
  before: Side;
  after: Side;
  label: string;
  catalogue: Catalogue;
}

function Compared({ before, after, label, catalogue, head }: ComparedProps) {
  const { t } = useTranslation();
  const [live] = useState(createLive);
  const [picked, setPicked] = useState<string | null>(null);
  const [width, setWidth] = usePanelWidth("versions", 420, bounds);
  const diff = useMemo(() => diffFlows(before.flow, after.flow), [before.flow, after.flow]);
  const locks = useMemo(() => (before.lock && after.lock ? diffLocks(before.lock, after.lock) : []), [before.lock, after.lock]);
  const overlay = useMemo(() => overlayOf(before.flow, after.flow, diff), [before.flow, after.flow, diff]);
  useEffect(() => live.setState(marksOf(diff), true), [live, diff]);
  const moved = movedCards(before.flow, after.flow);
  const same = (diff.identical || diff.layoutOnly) && locks.length === 0;
  return (
    <LiveContext value={live}>
      <div className={classes.compare} style={{ "--versions-side": `${width}px` } as CSSProperties}>
        <div className={classes.middle}>
          <Board
            flow={overlay}
            catalogue={catalogue}
            label={label}
            selected={picked}
            onSelect={(node, edge) => setPicked(node ?? edge)}
            focus={firstChanged(diff)}
          />
        </div>
        <Separator width={width} onWidth={setWidth} {...bounds} />
        <aside className={classes.side}>
          <div className={classes.sideHead}>{head}</div>
          <section className={classes.body} aria-label={t("versions.changes")} {...scrollable}>
            <ProblemTexts problems={after.old} />
            {same && <p data-testid="version-same">{t(diff.layoutOnly ? "versions.layoutOnly" : "versions.same")}</p>}
            <ChangeList diff={diff} locks={locks} before={before.flow} after={after.flow} onNode={setPicked} />
            {moved > 0 && (
              <p className="ol-dim" style={{ marginTop: 16 }} data-testid="version-moved">
                {t("versions.moved", { count: moved })}
              </p>
            )}
          </section>
        </aside>
      </div>
    </LiveContext>
  );
}
