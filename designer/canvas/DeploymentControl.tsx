import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Deployment } from "#schemas/deployment.ts";
import { deploy } from "../api/commands.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { failed, tell } from "../elements/tell.ts";

interface DeploymentControlProps {
  deployment: Deployment | undefined;
  flow: string;
}

/** Which version runs in this environment, and the button that pauses or resumes it. */
export function DeploymentControl({ deployment, flow }: DeploymentControlProps) {
  const { t } = useTranslation();
  const { id, title } = useEnvironment();
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: (state: Deployment["state"]) => deploy(id, flow, { state }),
    onSuccess: ({ state }) => {
      tell({ message: t(state === "paused" ? "canvas.pausedDone" : "canvas.resumedDone", { environment: title }) });
      void queries.invalidateQueries({ queryKey: ["flow", flow] });
      void queries.invalidateQueries({ queryKey: ["flows"] });
    },
    onError: failed,
  });
  if (!deployment) return <span className="ol-dim ol-small">{t("canvas.notDeployed", { environment: title })}</span>;
  const paused = deployment.state === "paused";
  const version = deployment.versions.map(({ number }) => t("common.version", { number })).join(" + ");
  return (
    <>
      <span
        className="ol-small ol-clip"
        data-testid="deployed-version"
        style={{ color: paused ? "var(--ol-waiting)" : "var(--ol-dim)" }}
      >
        {paused ? t("canvas.paused", { environment: title }) : t("canvas.deployed", { environment: title, version })}
      </span>
      <RoleButton
        permission="operate"
        environment={id}
        hint={t("canvas.pauseHint")}
        variant="default"
        loading={change.isPending}
        onClick={() => change.mutate(paused ? "active" : "paused")}
        leftSection={paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}
        data-testid="pause"
      >
        {paused ? t("canvas.resume") : t("canvas.pause")}
      </RoleButton>
    </>
  );
}
