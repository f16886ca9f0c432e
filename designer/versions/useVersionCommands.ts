import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { FlowDetail, VersionState } from "#schemas/api.ts";
import { restoreVersion, setVersionState } from "../api/commands.ts";
import { address, useEnvironment } from "../app/address.ts";
import { failed, tell } from "../elements/tell.ts";

/** What is done with a version of a flow. */
export function useVersionCommands({ flow: { id }, revision }: FlowDetail) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const restore = useMutation({
    mutationFn: (number: number) => restoreVersion(id, number, revision),
    onSuccess: async (_saved, number) => {
      await queries.invalidateQueries({ queryKey: ["flow", id] });
      tell({ message: t("versions.restored", { version: t("common.version", { number }) }) });
      await navigate(address.flow(environment, id));
    },
    onError: (error) => {
      failed(error);
      void queries.invalidateQueries({ queryKey: ["flow", id] });
    },
  });
  const setState = useMutation({
    mutationFn: ({ number, state }: { number: number; state: VersionState }) => setVersionState(id, number, state),
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ["versions", id] }),
  });
  return { restore, setState };
}
