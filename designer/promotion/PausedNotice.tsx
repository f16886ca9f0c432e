import { Alert, Group } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Pause } from "lucide-react";
import { useTranslation } from "react-i18next";
import { deploy } from "../api/commands.ts";
import { statusQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { failed, tell } from "../elements/tell.ts";
import "./texts.ts";

/** Says that nothing runs whatever is promoted, how much waits already, and lets go of it. */
export function PausedNotice({ flow }: { flow: string }) {
  const { t } = useTranslation();
  const { id, title } = useEnvironment();
  const queries = useQueryClient();
  const held = useQuery({ ...statusQuery(id, flow), refetchInterval: 5_000 }).data?.runs.held ?? 0;
  const resume = useMutation({
    mutationFn: () => deploy(id, flow, { state: "active" }),
    onSuccess: async () => {
      tell({ message: t("promotion.resumed", { environment: title }) });
      await Promise.all(["flow", "flows"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
    onError: failed,
  });
  return (
    <Alert variant="light" color="yellow" icon={<Pause size={16} aria-hidden />} mb={16} data-testid="promotion-paused">
      <Group justify="space-between" gap={8}>
        <span>
          {t("promotion.paused", { environment: title })} {held > 0 && t("promotion.held", { count: held })}
        </span>
        <RoleButton
          permission="operate"
          environment={id}
          variant="default"
          loading={resume.isPending}
          onClick={() => resume.mutate()}
          data-testid="promotion-resume"
        >
          {t("promotion.resume")}
        </RoleButton>
      </Group>
    </Alert>
  );
}
