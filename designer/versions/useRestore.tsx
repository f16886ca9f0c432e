import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { FlowDetail } from "#schemas/api.ts";
import { restoreVersion } from "../api/commands.ts";
import { address, useEnvironment } from "../app/address.ts";
import { failed, tell } from "../elements/tell.ts";
import "./texts.ts";

const RestoreDialog = lazy(() => import("./RestoreDialog.tsx"));

interface Restore {
  /** Makes the draft what the version is; asks first where the draft is not what was published last. */
  restore: (number: number) => void;
  isPending: boolean;
  /** The question, while it is asked. */
  question: ReactNode;
}

/** Makes the draft of a flow what a version is. */
export function useRestore({ flow: { id }, revision, changed, latestVersion }: FlowDetail): Restore {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<number | null>(null);
  const restoring = useMutation({
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
    onSettled: () => setAsked(null),
  });
  const { isPending, mutate } = restoring;
  return {
    restore: (number) => (changed ? setAsked(number) : mutate(number)),
    isPending,
    question: asked !== null && latestVersion !== null && (
      <Suspense>
        <RestoreDialog
          flow={id}
          number={asked}
          latest={latestVersion.number}
          action={{ isPending, mutate: () => mutate(asked) }}
          onClose={() => setAsked(null)}
        />
      </Suspense>
    ),
  };
}
