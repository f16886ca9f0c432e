import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Rocket } from "lucide-react";
import { useTranslation } from "react-i18next";
import { deploy } from "../api/commands.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { failed, tell } from "../elements/tell.ts";

/** For those who operate and do not draw: brings the latest version, which somebody else made, into this environment. */
export function DeployButton({ flow, version }: { flow: string; version: number }) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const queries = useQueryClient();
  const named = { version: t("common.version", { number: version }), environment: environment.title };
  const bring = useMutation({
    mutationFn: () => deploy(environment.id, flow, { version }),
    onSuccess: () => {
      tell({ title: t("publish.done", named), message: t("publish.doneText"), color: "green" });
      for (const queryKey of [["flow", flow], ["flows"]]) void queries.invalidateQueries({ queryKey });
    },
    onError: failed,
  });
  return (
    <RoleButton
      permission="operate"
      environment={environment.id}
      hint={t("publish.deployHint", named)}
      leftSection={<Rocket size={14} aria-hidden />}
      loading={bring.isPending}
      onClick={() => bring.mutate()}
      data-testid="deploy"
    >
      {t("publish.deploy", named)}
    </RoleButton>
  );
}
