import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { RunDetail } from "#schemas/api.ts";
import type { Attempt, Task } from "#schemas/run.ts";
import { runTasksQuery } from "../api/queries.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { nodeNames } from "../canvas/names.ts";
import { CopyText } from "../elements/CopyText.tsx";
import { JsonView } from "../elements/JsonView.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { NextPage } from "../elements/NextPage.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { duration } from "../elements/time.ts";
import classes from "./runs.module.css";
import { segmentStart } from "./segmentStart.ts";

interface AttemptsProps {
  node: string;
  detail: RunDetail;
  catalogue: Catalogue;
}

/** The tries of a node's tasks, each with what was sent and what came back, secrets taken out. */
export function Attempts({ node, detail, catalogue }: AttemptsProps) {
  const { t } = useTranslation();
  const tasks = useInfiniteQuery(runTasksQuery(detail.run.id, node, detail.run.endedAt === null));
  return (
    <Loaded query={tasks} skeleton={<RowsSkeleton rows={4} />}>
      {({ pages }) => {
        const shown = pages.flatMap(({ items }) => items);
        const total = pages.at(-1)?.count ?? 0;
        if (shown.length === 0) return <NoAttempts node={node} detail={detail} catalogue={catalogue} />;
        return (
          <>
            {total > 1 && (
              <p className="ol-dim" data-testid="task-count">
                {t(shown.length < total ? "run.tasksShown" : "run.tasksAll", { shown: shown.length, total })}
              </p>
            )}
            {shown.map((task) => (
              <TaskAttempts key={task.id} task={task} held={detail.run.held} />
            ))}
            <NextPage query={tasks} />
          </>
        );
      }}
    </Loaded>
  );
}

function NoAttempts({ node, detail: { tasks, flow }, catalogue }: AttemptsProps) {
  const { t } = useTranslation();
  const start = segmentStart(node, flow, new Set(tasks.filter(({ kind }) => kind === "segment").map((task) => task.node)));
  const name = start === undefined ? undefined : nodeNames(flow.nodes, catalogue.manifests)(start);
  return <p className="ol-dim">{name ? t("run.noAttempts", { node: name }) : t("run.noAttemptsYet")}</p>;
}

function TaskAttempts({ task, held }: { task: Task; held: boolean }) {
  const { t } = useTranslation();
  const waits = task.state === "READY" && task.attempt > 0;
  return (
    <section style={{ marginBottom: 24 }}>
      <dl className={classes.facts} style={{ marginBottom: 12 }}>
        <dt>{t("runs.state")}</dt>
        <dd style={{ display: "flex", gap: 12 }}>
          <StateChip state={held && task.state === "READY" ? "held" : task.state} />
          {waits && <TimeUntil iso={task.dueAt} />}
        </dd>
        {task.effectKey && (
          <>
            <dt>{t("run.effectKey")}</dt>
            <dd>
              <CopyText value={task.effectKey} />
            </dd>
          </>
        )}
      </dl>
      {task.attempts.length === 0 && <p className="ol-dim">{t("run.noAttemptsYet")}</p>}
      <AttemptList attempts={task.attempts} />
    </section>
  );
}

/** Attempts in their order, the last one open, with how long was waited between them. */
export function AttemptList({ attempts }: { attempts: readonly Attempt[] }) {
  const { t } = useTranslation();
  return attempts.map((attempt, at) => {
    const before = attempts[at - 1];
    const waited = before ? Date.parse(attempt.startedAt) - Date.parse(before.endedAt ?? before.startedAt) : 0;
    return (
      <Fragment key={attempt.startedAt}>
        {before && <p className={classes.waited}>{t("run.waited", { time: duration(Math.max(0, waited)) })}</p>}
        <OneAttempt attempt={attempt} open={at === attempts.length - 1} />
      </Fragment>
    );
  });
}

function TimeUntil({ iso }: { iso: string }) {
  const { t } = useTranslation();
  const left = Date.parse(iso) - Date.now();
  return <span className="ol-dim">{t("run.nextAttempt", { when: left > 0 ? `+${duration(left)}` : t("time.now") })}</span>;
}

function OneAttempt({ attempt, open }: { attempt: Attempt; open: boolean }) {
  const { t } = useTranslation();
  const { number, outcome, startedAt, endedAt, reason, request, response } = attempt;
  return (
    <details className={classes.attempt} open={open} data-testid="attempt">
      <summary>
        <ChevronRight size={14} color="var(--ol-dim)" aria-hidden />
        <span style={{ fontWeight: 500 }}>{t("run.attempt", { number })}</span>
        {outcome && (outcome === "ok" ? <StateChip state="done" /> : <Label tone="failed">{t(`outcome.${outcome}`)}</Label>)}
        <span style={{ flex: 1 }} />
        <span className="ol-dim ol-small">
          <TimeText iso={startedAt} />
          {endedAt && ` · ${duration(Date.parse(endedAt) - Date.parse(startedAt))}`}
        </span>
      </summary>
      <div className={classes.attemptBody}>
        {reason && (
          <div className={classes.reason}>
            <ReasonText reason={reason} />
          </div>
        )}
        <Exchange title={t("run.request")} value={request} none={t("run.noRequest")} />
        {request !== null && <Exchange title={t("run.response")} value={response} none={t("run.noResponse")} />}
      </div>
    </details>
  );
}

function Exchange({ title, value, none }: { title: string; value: unknown; none: string }) {
  return (
    <>
      <h3>{title}</h3>
      {value === null || value === undefined ? (
        <p className="ol-dim" style={{ margin: 0 }}>
          {none}
        </p>
      ) : (
        <JsonView value={value} label={title} maxHeight={280} />
      )}
    </>
  );
}
