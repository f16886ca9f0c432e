import { Button, Select } from "@mantine/core";
import { ChevronRight, Eye, GitCompare, PlayCircle, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionDetail } from "#schemas/api.ts";
import type { Run } from "#schemas/run.ts";
import { address, useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { Label } from "../elements/Label.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { relative } from "../elements/time.ts";
import runs from "../runs/runs.module.css";
import { useRunOverlay } from "./useRunOverlay.ts";
import { useVersionCommands } from "./useVersionCommands.ts";
import classes from "./versions.module.css";

interface VersionBarProps {
  detail: FlowDetail;
  version: VersionDetail;
}

/** Over the canvas of a version: which one it is, that it stays as it is, and what can be done with it. */
export function VersionBar({ detail, version }: VersionBarProps) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const { restore } = useVersionCommands(detail);
  const flow = detail.flow.id;
  const { number, note, createdAt, createdBy, state } = version;
  const arrow = { size: 14, color: "var(--ol-dim)", "aria-hidden": true, style: { flex: "none" } } as const;
  return (
    <>
      <PageBar
        title={
          <>
            <Link className={runs.crumb} to={address.flow(environment, flow)}>
              {detail.flow.name}
            </Link>
            <ChevronRight {...arrow} />
            <Link data-wide className={runs.crumb} to={address.versions(environment, flow)}>
              {t("versions.title")}
            </Link>
            <ChevronRight data-wide {...arrow} />
            <PageTitle>{t("common.version", { number })}</PageTitle>
            {state !== "live" && <Label tone="waiting">{t(`versions.state.${state}`)}</Label>}
          </>
        }
      >
        <Button
          component={Link}
          to={address.versionAndDraft(environment, flow, number)}
          variant="default"
          leftSection={<GitCompare size={14} aria-hidden />}
          data-testid="version-compare"
        >
          {t("versions.compareDraft")}
        </Button>
        <RoleButton
          permission="design"
          variant="default"
          leftSection={<Undo2 size={14} aria-hidden />}
          loading={restore.isPending}
          onClick={() => restore.mutate(number)}
          data-testid="version-restore"
        >
          {t("versions.restore")}
        </RoleButton>
      </PageBar>
      <div className={classes.banner} role="note" data-testid="version-banner">
        <Eye size={14} aria-hidden />
        <span>
          <strong>{t("versions.banner", { number })}</strong> {t("versions.publishedBy", { name: createdBy })}{" "}
          <TimeText iso={createdAt} /> – {t("versions.readOnly")}
        </span>
        {note && <span className="ol-dim">{note}</span>}
        <span style={{ flex: 1 }} />
        <ShownRun version={version} />
      </div>
    </>
  );
}

/** Which of the latest runs of this version the cards tell of. */
function ShownRun({ version }: { version: VersionDetail }) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const { latest, shown, show } = useRunOverlay(version);
  const all = shown && !latest.some(({ id }) => id === shown.id) ? [shown, ...latest] : latest;
  if (all.length === 0) return <span className="ol-dim ol-small">{t("versions.noRun")}</span>;
  const nameOf = (run: Run) =>
    `${run.documentKey ?? t("run.title")} · ${relative(Date.parse(run.startedAt), Date.now(), t("time.now"))}`;
  return (
    <>
      {shown && <StateChip state={shown.held ? "held" : shown.state} />}
      <Select
        aria-label={t("versions.run")}
        placeholder={t("versions.run")}
        leftSection={<PlayCircle size={14} aria-hidden />}
        size="xs"
        w={280}
        data={all.map((run) => ({ value: run.id, label: nameOf(run) }))}
        value={shown?.id ?? null}
        onChange={show}
        clearable
        searchable
        clearButtonProps={{ "aria-label": t("versions.noRunShown") }}
        data-testid="version-run"
      />
      {shown && (
        <Link className={runs.crumb} to={address.run(environment, shown.id)} data-testid="version-run-open">
          {t("versions.toRun")}
        </Link>
      )}
    </>
  );
}
