import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { Problem } from "#schemas/problem.ts";
import { selectDispatch, useDraft } from "../canvas/draft.ts";
import { useMayDraw } from "../canvas/mayDraw.ts";
import { ReadOnly } from "../elements/ReadOnly.tsx";
import classes from "./inspector.module.css";
import { OnErrorField } from "./OnErrorField.tsx";
import { OperationLimits } from "./OperationLimits.tsx";
import { RetryForm } from "./RetryForm.tsx";
import { say } from "./say.ts";

interface LimitsTabProps {
  node: FlowNode;
  manifest: NodeManifest;
  problems: readonly Problem[];
}

/** How often a failed task of the node is tried again, where it goes then, and what its system allows. */
export function LimitsTab({ node, manifest, problems }: LimitsTabProps) {
  const { t } = useTranslation();
  const dispatch = useDraft(selectDispatch);
  const may = useMayDraw();
  const set = (change: Pick<Partial<FlowNode>, "retry" | "onError"> | { retry: undefined } | { onError: undefined }) =>
    dispatch({ kind: "setNode", node: node.id, change });
  return (
    <ReadOnly on={!may}>
      <section className={classes.section} data-place="/retry">
        <h3>{t("inspector.retry")}</h3>
        {manifest.effect ? (
          <>
            <p className="ol-dim" style={{ margin: "0 0 12px" }}>
              {t(`inspector.effect.${manifest.effect.read ? "read" : manifest.effect.idempotency}`)}
            </p>
            <RetryForm value={node.retry} defaults={manifest.retry} onChange={(retry) => set({ retry })} problems={problems} />
          </>
        ) : (
          <p className="ol-dim" style={{ margin: 0 }}>
            {say(whyNone(manifest))}
          </p>
        )}
      </section>
      {manifest.inputs.length > 0 && (
        <section className={classes.section} data-place="/onError">
          <h3>{t("inspector.onError")}</h3>
          <OnErrorField value={node.onError} onChange={(onError) => set({ onError })} />
        </section>
      )}
      {manifest.connector && manifest.operation && (
        <section className={classes.section}>
          <h3>{say("limits.title")}</h3>
          <OperationLimits connector={manifest.connector} operation={manifest.operation} />
        </section>
      )}
    </ReadOnly>
  );
}

const whyNone = ({ kind }: NodeManifest) => {
  if (kind === "source") return "limits.noRetrySource";
  return kind === "control" ? "limits.noRetryControl" : "limits.noRetry";
};
