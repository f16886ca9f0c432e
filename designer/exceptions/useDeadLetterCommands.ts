import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { resolveDeadLetter, retryDeadLetters } from "../api/commands.ts";
import { failed, tell } from "../elements/tell.ts";

/** Retry and resolve, for one or many; says how many were done and how many could not be. */
export function useDeadLetterCommands(onDone: () => void) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const finish = () => {
    onDone();
    for (const key of ["dead-letters", "flows", "runs", "status"]) void queries.invalidateQueries({ queryKey: [key] });
  };
  const retry = useMutation({
    mutationFn: retryDeadLetters,
    onSuccess: ({ retried, problems }) => {
      if (retried > 0) tell({ message: t("exceptions.retriedDone", { count: retried }) });
      if (problems.length > 0) {
        const reasons = [...new Set(problems.map(({ message }) => message))].join(" ");
        tell({
          color: "red",
          title: t("exceptions.notDone", { count: problems.length }),
          message: reasons,
        });
      }
    },
    onError: failed,
    onSettled: finish,
  });
  const resolve = useMutation({
    mutationFn: async ({ ids, note }: { ids: string[]; note: string }) => {
      const answers = await Promise.allSettled(ids.map((id) => resolveDeadLetter(id, note)));
      return answers.map((answer) => (answer.status === "rejected" ? String(answer.reason?.message ?? answer.reason) : null));
    },
    onSuccess: (answers) => {
      const refused = answers.filter((reason) => reason !== null);
      const done = answers.length - refused.length;
      if (done > 0) tell({ message: t("exceptions.resolvedDone", { count: done }) });
      if (refused.length > 0) {
        tell({
          color: "red",
          title: t("exceptions.notDone", { count: refused.length }),
          message: [...new Set(refused)].join(" "),
        });
      }
    },
    onError: failed,
    onSettled: finish,
  });
  return { retry, resolve };
}
