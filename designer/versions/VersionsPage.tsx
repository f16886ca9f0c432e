import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight, History } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionSummary } from "#schemas/api.ts";
import { flowQuery, versionsQuery } from "../api/queries.ts";
import { address, useEnvironment, useParam } from "../app/address.ts";
import { FilesStanding } from "../bundles/FilesStanding.tsx";
import { Empty } from "../elements/Empty.tsx";
import { Failure } from "../elements/Failure.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { useFilter } from "../elements/useFilter.ts";
import runs from "../runs/runs.module.css";
import { VersionEntry } from "./VersionEntry.tsx";
import classes from "./versions.module.css";
import "./texts.ts";

/** Draws; asked for at once, so that it comes while the versions are read. */
const compare = import("./Compare.tsx");
const SinceChoice = lazy(() => import("./SinceChoice.tsx"));
const Compare = lazy(async () => ({ default: (await compare).Compare }));

/** The history of a flow: its versions, the newest first, and any two of them compared. */
export function VersionsPage() {
  const id = useParam("flow");
  const flow = useQuery(flowQuery(id));
  const versions = useQuery(versionsQuery(id));
  const error = flow.error ?? versions.error;
  return (
    <div className={classes.page}>
      <Bar name={flow.data?.flow.name ?? id} flow={id} />
      {flow.data && versions.data ? (
        <Versions detail={flow.data} versions={versions.data.items} />
      ) : error ? (
        <Failure error={error} onRetry={() => void Promise.all([flow.refetch(), versions.refetch()])} />
      ) : (
        <RowsSkeleton rows={6} />
      )}
    </div>
  );
}

function Bar({ name, flow }: { name: string; flow: string }) {
  const { t } = useTranslation();
  const { id } = useEnvironment();
  useEffect(() => {
    document.title = `${t("versions.title")} · ${name} · Orderloom`;
  }, [name, t]);
  const arrow = { size: 14, color: "var(--ol-dim)", "aria-hidden": true, style: { flex: "none" } } as const;
  return (
    <PageBar
      title={
        <>
          <Link data-wide className={runs.crumb} to={address.flows(id)}>
            {t("nav.flows")}
          </Link>
          <ChevronRight data-wide {...arrow} />
          <Link className={runs.crumb} to={address.flow(id, flow)}>
            {name}
          </Link>
          <ChevronRight {...arrow} />
          <PageTitle>{t("versions.title")}</PageTitle>
        </>
      }
    />
  );
}

function Versions({ detail, versions }: { detail: FlowDetail; versions: VersionSummary[] }) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const filter = useFilter();
  const [newest] = versions;
  if (!newest) {
    return (
      <Empty icon={History} title={t("versions.emptyTitle")} text={t("versions.emptyText")}>
        <Link to={address.flow(environment, detail.flow.id)}>{t("versions.toCanvas")}</Link>
      </Empty>
    );
  }
  const numbers = versions.map(({ number }) => number);
  const named = (name: string) => numbers.find((number) => String(number) === filter.get(name));
  const ofDraft = filter.get("to") === "draft";
  const to = ofDraft ? "draft" : (named("to") ?? newest.number);
  const from = named("from") ?? (to === "draft" ? newest.number : (numbers.find((number) => number < to) ?? to));
  const pick = (what: number | "draft") => {
    filter.set("to", String(what));
    filter.set("from", null);
  };
  return (
    <div className={classes.row}>
      <ol className={classes.list} reversed aria-label={t("versions.title")}>
        <FilesStanding flow={detail.flow.id} />
        {(detail.changed || ofDraft) && <DraftEntry picked={ofDraft} onPick={() => pick("draft")} />}
        {versions.map((version) => (
          <VersionEntry
            key={version.number}
            version={version}
            detail={detail}
            picked={version.number === to}
            onPick={() => pick(version.number)}
          />
        ))}
      </ol>
      <Suspense fallback={<Skeleton height="60%" m={24} width="auto" />}>
        <Compare
          flow={detail.flow.id}
          from={from}
          to={to}
          head={
            <>
              <h2 style={{ flex: 1 }}>
                {to === "draft"
                  ? t("versions.ofDraft")
                  : t("versions.changesOf", { version: t("common.version", { number: to }) })}
              </h2>
              <Suspense fallback={<span style={{ width: 150 }} />}>
                <SinceChoice numbers={numbers} from={from} onFrom={(number) => filter.set("from", number)} />
              </Suspense>
            </>
          }
        />
      </Suspense>
    </div>
  );
}

/** What is drawn and not published yet, in the place of the version it would become. */
function DraftEntry({ picked, onPick }: { picked: boolean; onPick: () => void }) {
  const { t } = useTranslation();
  return (
    <li className={classes.entry} data-picked={picked || undefined} data-testid="version-draft">
      <button type="button" className={classes.pick} aria-pressed={picked} onClick={onPick}>
        <span className={classes.head}>{t("versions.draft")}</span>
        <p className="ol-dim">{t("versions.draftText")}</p>
      </button>
    </li>
  );
}
