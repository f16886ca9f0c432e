import { ActionIcon, Button, Loader, Select } from "@mantine/core";
import type { TFunction } from "i18next";
import { Plus, X } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "#schemas/flow.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { titleOf } from "../canvas/names.ts";
import { Hint } from "../elements/Hint.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { CompareTool } from "./CompareTool.tsx";
import type { PreviewRun } from "./evaluation.ts";
import classes from "./preview.module.css";
import { type Choice, choicesOf, chosenOf, type FlowsSample, type PreviewStore, selectRun, usePreview } from "./preview.ts";
import { SampleTools } from "./SampleTools.tsx";
import { say } from "./say.ts";

const CompareDialog = lazy(() => import("./CompareDialog.tsx"));
const SampleDialog = lazy(() => import("./SampleDialog.tsx"));

interface PreviewBarProps {
  preview: PreviewStore;
  flow: Flow;
  catalogue: Catalogue;
  onNode: (node: string) => void;
}

/** Above the canvas while the preview is shown: which sample, and how the draft ends on it. */
export function PreviewBar({ preview, flow, catalogue, onNode }: PreviewBarProps) {
  const { t } = useTranslation();
  const ground = usePreview((state) => state.ground);
  const kept = usePreview((state) => state.kept);
  const named = usePreview((state) => state.chosen);
  const until = usePreview((state) => state.until);
  const stop = flow.nodes.find(({ id }) => id === until);
  const [dialog, setDialog] = useState<"new" | FlowsSample | null>(null);
  const [comparing, setComparing] = useState(false);
  const choices = choicesOf({ ground, kept });
  const chosen = chosenOf({ ground, kept, chosen: named });
  return (
    <section className={classes.bar} aria-label={t("preview.title")} data-testid="preview-bar">
      <h2>{t("preview.title")}</h2>
      {choices.length > 0 && (
        <Select
          size="xs"
          style={{ flex: "0 1 260px", minWidth: 140 }}
          aria-label={t("preview.sample")}
          data={grouped(choices, t)}
          value={chosen?.sample.name ?? null}
          onChange={(name) => name && preview.choose(name)}
          allowDeselect={false}
          data-testid="preview-sample"
        />
      )}
      <Hint label={t("preview.add")}>
        <ActionIcon aria-label={t("preview.add")} onClick={() => setDialog("new")} data-testid="preview-add">
          <Plus size={16} />
        </ActionIcon>
      </Hint>
      {chosen && <SampleTools preview={preview} flow={flow.id} choice={chosen} onChange={setDialog} />}
      <CompareTool samples={choices.length} onOpen={() => setComparing(true)} />
      {stop && (
        <Button
          variant="default"
          size="compact-xs"
          rightSection={<X size={12} aria-hidden />}
          title={say("until.whole")}
          onClick={() => preview.runTo(undefined)}
          data-testid="preview-until"
        >
          {say("until.stops", { node: titleOf(stop, catalogue.manifests) })}
        </Button>
      )}
      <div className={classes.end} role="status" data-testid="preview-end">
        {ground && choices.length === 0 ? (
          <Button variant="default" size="xs" onClick={() => setDialog("new")}>
            {t("preview.noSamples")}: {t("preview.add")}
          </Button>
        ) : (
          <Ending flow={flow} catalogue={catalogue} onNode={onNode} />
        )}
      </div>
      <ActionIcon className={classes.close ?? ""} aria-label={t("preview.close")} onClick={() => preview.show(false)}>
        <X size={16} />
      </ActionIcon>
      {comparing && (
        <Suspense>
          <CompareDialog flow={flow} catalogue={catalogue} onClose={() => setComparing(false)} />
        </Suspense>
      )}
      {dialog && (
        <Suspense>
          <SampleDialog
            preview={preview}
            flow={flow}
            catalogue={catalogue}
            changed={dialog === "new" ? undefined : dialog}
            onClose={() => setDialog(null)}
          />
        </Suspense>
      )}
    </section>
  );
}

const homes = ["given", "kept", "browser"] as const;

const grouped = (choices: readonly Choice[], t: TFunction) =>
  homes
    .map((home) => ({
      group: t(`preview.home.${home}`),
      items: choices.flatMap(({ home: own, sample: { name, title } }) => (own === home ? [{ value: name, label: title }] : [])),
    }))
    .filter(({ items }) => items.length > 0);

function Ending({ flow, catalogue, onNode }: Pick<PreviewBarProps, "flow" | "catalogue" | "onNode">) {
  const { t } = useTranslation();
  const run = usePreview(selectRun);
  const running = usePreview((state) => state.running);
  const fault = usePreview((state) => state.fault);
  const unloaded = usePreview((state) => state.groundFault);
  if (unloaded) return <span className={classes.guess}>{t("preview.unloaded", { reason: unloaded })}</span>;
  if (fault) return <span className={classes.guess}>{t("preview.cannot", { reason: fault })}</span>;
  if (!run)
    return (
      <>
        <Loader size={12} />
        <span className="ol-dim">{t(running ? "preview.running" : "preview.loading")}</span>
      </>
    );
  return <End run={run} flow={flow} catalogue={catalogue} onNode={onNode} />;
}

function End({ run, flow, catalogue, onNode }: { run: PreviewRun } & Pick<PreviewBarProps, "flow" | "catalogue" | "onNode">) {
  const { t } = useTranslation();
  const [failure] = run.failures;
  const node = flow.nodes.find(({ id }) => id === failure?.node);
  const name = node ? titleOf(node, catalogue.manifests) : failure?.node;
  const pins = usePreview((state) => state.kept.pins);
  const pinned = flow.nodes.flatMap(({ id }) => (Object.hasOwn(pins, id) ? [id] : []));
  return (
    <>
      <StateChip state={run.waiting && !failure ? "waiting" : run.state} />
      {pinned.length > 0 && (
        <button
          type="button"
          className={`${classes.failure} ${classes.pinned}`}
          title={t("preview.answerPinned")}
          onClick={() => onNode(pinned[0] ?? "")}
          data-testid="preview-pinned"
        >
          {t("preview.pinnedCount", { count: pinned.length })}
        </button>
      )}
      {failure && (
        <button type="button" className={classes.failure} onClick={() => onNode(failure.node)} title={failure.reason.message}>
          {t("preview.failsAt", { node: name, reason: failure.reason.message })}
        </button>
      )}
      {run.unanswered.length > 0 && (
        <button
          type="button"
          className={`${classes.failure} ${classes.guess}`}
          title={t("preview.answerNone")}
          onClick={() => onNode(run.unanswered[0] ?? "")}
        >
          {t("preview.unanswered", { count: run.unanswered.length })}
        </button>
      )}
    </>
  );
}
