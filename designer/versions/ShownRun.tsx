import { Select } from "@mantine/core";
import { PlayCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { VersionDetail } from "#schemas/api.ts";
import type { Run } from "#schemas/run.ts";
import { address, useEnvironment } from "../app/address.ts";
import { StateChip } from "../elements/StateChip.tsx";
import { relative } from "../elements/time.ts";
import runs from "../runs/runs.module.css";
import { useRunOverlay } from "./useRunOverlay.ts";
import "./texts.ts";

/** Which of the latest runs of this version the cards tell of. */
export default function ShownRun({ version }: { version: VersionDetail }) {
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
