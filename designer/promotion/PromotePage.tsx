import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight, History } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionSummary } from "#schemas/api.ts";
import { openPromotionStates } from "#schemas/promotion.ts";
import { flowQuery, promotionsQuery, versionsQuery } from "../api/queries.ts";
import { address, useEnvironment, useEnvironments, useParam } from "../app/address.ts";
import { useRefusal } from "../app/session.ts";
import { Empty } from "../elements/Empty.tsx";
import elements from "../elements/elements.module.css";
import { Failure } from "../elements/Failure.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { useFilter } from "../elements/useFilter.ts";
import runs from "../runs/runs.module.css";
import { PausedNotice } from "./PausedNotice.tsx";
import { PromotionHistory } from "./PromotionHistory.tsx";
import classes from "./promotion.module.css";
import { ReviewPanel } from "./ReviewPanel.tsx";
import { usualMessages, usualMessagesFrom, usualVersion } from "./wish.ts";
import "./texts.ts";

/** Everything about bringing a version into this environment, on one screen. */
export function PromotePage() {
  const { t } = useTranslation();
  const id = useParam("flow");
  const environment = useEnvironment();
  // Others promote too.
  const flow = useQuery({ ...flowQuery(id), refetchInterval: 5_000 });
  const versions = useQuery(versionsQuery(id));
  const error = flow.error ?? versions.error;
  const name = flow.data?.flow.name ?? id;
  const title = t("promotion.title", { environment: environment.title });
  useEffect(() => {
    document.title = `${title} · ${name} · Orderloom`;
  }, [title, name]);
  const chevron = { size: 14, color: "var(--ol-dim)", "aria-hidden": true, style: { flex: "none" } };
  return (
    <div className={elements.page}>
      <PageBar
        title={
          <>
            <Link className={runs.crumb} to={address.flow(environment.id, id)}>
              {name}
            </Link>
            <ChevronRight {...chevron} />
            <Link data-wide className={runs.crumb} to={address.versions(environment.id, id)}>
              {t("versions.title")}
            </Link>
            <ChevronRight data-wide {...chevron} />
            <PageTitle>{title}</PageTitle>
          </>
        }
      />
      <div className={elements.scroll}>
        {flow.data && versions.data ? (
          <Promote detail={flow.data} versions={versions.data.items} />
        ) : error ? (
          <Failure error={error} onRetry={() => void Promise.all([flow.refetch(), versions.refetch()])} />
        ) : (
          <RowsSkeleton rows={6} />
        )}
      </div>
    </div>
  );
}

const amounts = ["50", "200", "1000"];

function Promote({ detail, versions }: { detail: FlowDetail; versions: VersionSummary[] }) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const environments = useEnvironments();
  const filter = useFilter();
  const refusal = useRefusal("request", environment.id);
  const promotions = useQuery(promotionsQuery(environment.id, detail.flow.id));
  const { deployments } = detail;
  const usable = versions.filter(({ state }) => state !== "retired");
  const numbers = usable.map(({ number }) => number);
  const version =
    numbers.find((number) => String(number) === filter.get("version")) ??
    usualVersion(environments, environment, deployments, numbers);
  const deployed = deployments.find((one) => one.environment === environment.id);
  const running = deployed?.versions ?? [];
  const paused = deployed?.state === "paused";
  const from = filter.get("from") ?? usualMessagesFrom(environments, environment, deployments);
  const messages = amounts.find((amount) => amount === filter.get("messages")) ?? String(usualMessages);
  if (version === undefined) return <Empty icon={History} title={t("versions.emptyTitle")} text={t("versions.emptyText")} />;
  const lower = environments.filter(({ position }) => position <= environment.position);
  const open = promotions.data?.items.find(({ state }) => openPromotionStates.includes(state));
  const runs = running.length === 1 && running[0]?.number === version;
  return (
    <div className={classes.page}>
      <div className={elements.tools}>
        <Select
          label={t("promotion.version")}
          w={280}
          data={usable.map(({ number, note }) => ({
            value: String(number),
            label: [t("common.version", { number }), note].filter(Boolean).join(" · "),
          }))}
          value={String(version)}
          onChange={(value) => filter.set("version", value)}
          allowDeselect={false}
          data-testid="promotion-version"
        />
        <Select
          label={t("promotion.messagesFrom")}
          w={180}
          data={lower.map(({ id, title }) => ({ value: id, label: title }))}
          value={from}
          onChange={(value) => filter.set("from", value)}
          allowDeselect={false}
          data-testid="promotion-from"
        />
        <Select
          label={t("promotion.messages")}
          w={120}
          data={amounts}
          value={messages}
          onChange={(value) => filter.set("messages", value)}
          allowDeselect={false}
        />
      </div>
      {paused && <PausedNotice flow={detail.flow.id} />}
      <PromotionHistory promotions={promotions.data?.items ?? []} running={running.map(({ number }) => number)} paused={paused} />
      {refusal !== null ? (
        <p data-testid="promotion-refused">{refusal}</p>
      ) : (
        !open && (
          <ReviewPanel
            key={`${environment.id} ${version} ${from} ${messages}`}
            flow={detail.flow.id}
            wish={{ version, messages: Number(messages), messagesFrom: from }}
            running={running.map(({ number }) => number)}
            bound={runs ? (deployed?.slots ?? {}) : null}
            paused={paused}
          />
        )
      )}
    </div>
  );
}
