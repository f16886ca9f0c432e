import { Button } from "@mantine/core";
import { ChevronRight, Eye, GitCompare, Undo2 } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionDetail } from "#schemas/api.ts";
import { address, useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { Label } from "../elements/Label.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import runs from "../runs/runs.module.css";
import { useRestore } from "./useRestore.tsx";
import classes from "./versions.module.css";
import "./texts.ts";

const ShownRun = lazy(() => import("./ShownRun.tsx"));

interface VersionBarProps {
  detail: FlowDetail;
  version: VersionDetail;
}

/** Over the canvas of a version: which one it is, that it stays as it is, and what can be done with it. */
export function VersionBar({ detail, version }: VersionBarProps) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const { restore, isPending, question } = useRestore(detail);
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
          loading={isPending}
          onClick={() => restore(number)}
          data-testid="version-restore"
        >
          {t("versions.restore")}
        </RoleButton>
      </PageBar>
      {question}
      <div className={classes.banner} role="note" data-testid="version-banner">
        <Eye size={14} aria-hidden />
        <span>
          <strong>{t("versions.banner", { number })}</strong> {t("versions.publishedBy", { name: createdBy })}{" "}
          <TimeText iso={createdAt} /> – {t("versions.readOnly")}
        </span>
        {note && <span className="ol-dim">{note}</span>}
        <span style={{ flex: 1 }} />
        <Suspense>
          <ShownRun version={version} />
        </Suspense>
      </div>
    </>
  );
}
