import { ActionIcon } from "@mantine/core";
import { ChevronRight, Cloud, CloudOff, CloudUpload, Eye, History, Settings2, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail } from "#schemas/api.ts";
import { address, useEnvironment } from "../app/address.ts";
import { useRefusal } from "../app/session.ts";
import { Hint } from "../elements/Hint.tsx";
import { Label } from "../elements/Label.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { DeploymentControl } from "./DeploymentControl.tsx";
import { type SaveState, selectFlow, useDraft } from "./draft.ts";
import classes from "./editor.module.css";
import { ForwardButton } from "./ForwardButton.tsx";
import { Elsewhere } from "./late.ts";
import { SampleMenu } from "./SampleMenu.tsx";

const FlowSettings = lazy(async () => ({ default: (await import("./FlowSettings.tsx")).FlowSettings }));

interface FlowBarProps {
  detail: FlowDetail;
  /** Opens the list of problems. */
  onProblems: () => void;
  /** Opens the choice between two drafts again. */
  onConflict: () => void;
}

/** The bar over the canvas: which flow, whether it is saved, which version runs here, and what can be done. */
export function FlowBar({ detail, onProblems, onConflict }: FlowBarProps) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const name = useDraft((state) => selectFlow(state).name);
  const deployment = detail.deployments.find((one) => one.environment === environment.id);
  const [settings, setSettings] = useState(false);
  const refusal = useRefusal("design");
  const elsewhere = useDraft((state) => state.elsewhere);
  return (
    <PageBar
      title={
        <>
          <Link data-wide className={classes.crumb} to={address.flows(environment.id)}>
            {t("nav.flows")}
          </Link>
          <ChevronRight data-wide size={14} color="var(--ol-dim)" aria-hidden style={{ flex: "none" }} />
          <PageTitle>{name}</PageTitle>
          <Hint label={t("settings.title")}>
            <ActionIcon aria-label={t("settings.title")} onClick={() => setSettings(true)} data-testid="flow-settings-open">
              <Settings2 size={16} />
            </ActionIcon>
          </Hint>
          <Hint label={t("canvas.versions")}>
            <ActionIcon
              component={Link}
              to={address.versions(environment.id, detail.flow.id)}
              aria-label={t("canvas.versions")}
              data-testid="versions-open"
            >
              <History size={16} />
            </ActionIcon>
          </Hint>
          <DraftLabel detail={detail} />
          {refusal ? <ReadOnlyMark why={refusal} /> : <SaveText onConflict={onConflict} />}
          {elsewhere !== null && (
            <Suspense>
              <Elsewhere who={elsewhere} />
            </Suspense>
          )}
        </>
      }
    >
      <DeploymentControl deployment={deployment} flow={detail.flow.id} />
      <SampleMenu flow={detail.flow.id} deployment={deployment} />
      <ForwardButton detail={detail} deployment={deployment} onProblems={onProblems} />
      {settings && (
        <Suspense>
          <FlowSettings onClose={() => setSettings(false)} />
        </Suspense>
      )}
    </PageBar>
  );
}

function DraftLabel({ detail }: { detail: FlowDetail }) {
  const { t } = useTranslation();
  const changed = useDraft((state) => state.changed);
  if (detail.archivedAt !== null) return <Label tone="waiting">{t("canvas.archived")}</Label>;
  if (!detail.latestVersion) return <Label tone="waiting">{t("canvas.draftNew")}</Label>;
  const version = t("common.version", { number: detail.latestVersion.number });
  return (
    <Hint label={changed ? t("canvas.draftChanged", { version }) : t("canvas.draftSame", { version })}>
      <span style={{ display: "inline-flex" }} data-testid="draft-state">
        <Label>{changed ? `${t("canvas.draft")} · ${version}+` : version}</Label>
      </span>
    </Hint>
  );
}

/** In the place of what is said about saving: there is nothing to save for who may only look. */
const ReadOnlyMark = ({ why }: { why: string }) => {
  const { t } = useTranslation();
  return (
    <Hint label={why}>
      <span className={classes.save} data-testid="read-only">
        <Eye size={14} aria-hidden />
        {t("canvas.readOnly")}
      </span>
    </Hint>
  );
};

const icons = { saved: Cloud, saving: CloudUpload, unsaved: CloudOff } as const;

function SaveText({ onConflict }: { onConflict: () => void }) {
  const { t } = useTranslation();
  const save = useDraft((state) => state.save);
  const text = textOf(save);
  const Icon = icons[text];
  const full =
    save.kind === "unsaved" && save.reason ? t("canvas.unsavedWhy", { reason: save.reason }) : t(`canvas.save.${text}`);
  if (save.kind === "conflict") {
    return (
      <button type="button" className={classes.save} data-kind="conflict" data-testid="save-state" onClick={onConflict}>
        <TriangleAlert size={14} aria-hidden />
        {t("canvas.unsavedConflict")}
      </button>
    );
  }
  return (
    <Hint label={full}>
      <span className={classes.save} data-kind={text} data-testid="save-state" role="status">
        <Icon size={14} aria-hidden />
        <span className="ol-clip" data-save-text>
          {full}
        </span>
      </span>
    </Hint>
  );
}

/** A change that has not left yet is already on its way as far as people care. */
const textOf = (save: SaveState): "saved" | "saving" | "unsaved" => {
  if (save.kind === "unsaved") return save.reason === null ? "saving" : "unsaved";
  return save.kind === "conflict" ? "unsaved" : save.kind;
};
