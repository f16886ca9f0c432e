import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import {
  type Annotation,
  annotateDeadLetters,
  closeDeadLetters,
  resolveDeadLetter,
  retryDeadLetters,
  retryEdited as sendEdited,
} from "../api/commands.ts";
import type { DeadLetterFilter } from "../api/queries.ts";
import { failed, tell } from "../elements/tell.ts";
import "./texts.ts";

/** Letters that one request closes at most; the server's own bound. */
export const mostAtOnce = 1_000;

/** What one closes all that fit with. */
export interface Closing {
  action: "retry" | "resolve";
  filter: DeadLetterFilter;
  note?: string;
}

/** What is done about dead letters, for one, for those chosen, or for all that fit; says how many it was. */
export function useDeadLetterCommands(onDone: () => void) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const refresh = () => {
    for (const key of ["dead-letters", "flows", "runs", "run", "status"]) void queries.invalidateQueries({ queryKey: [key] });
  };
  const finish = () => {
    onDone();
    refresh();
  };
  const say = (what: "retried" | "resolved", done: number, refused: string[]) => {
    if (done > 0) tell({ message: t(`exceptions.${what}Done`, { count: done }) });
    if (refused.length === 0) return;
    tell({ color: "red", title: t("exceptions.notDone", { count: refused.length }), message: [...new Set(refused)].join(" ") });
  };
  const retry = useMutation({
    mutationFn: retryDeadLetters,
    onSuccess: ({ retried, problems }) =>
      say(
        "retried",
        retried,
        problems.map(({ message }) => message),
      ),
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
      say("resolved", answers.length - refused.length, refused);
    },
    onError: failed,
    onSettled: finish,
  });
  const closeAll = useMutation({
    mutationFn: ({ action, filter, note }: Closing) => {
      const { state: _state, ...narrowed } = filter;
      const given = Object.entries(narrowed).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const body = { action, filter: Object.fromEntries(given), limit: mostAtOnce };
      return closeDeadLetters(note === undefined ? body : { ...body, note });
    },
    onSuccess: ({ done, problems }, { action }) =>
      say(
        action === "retry" ? "retried" : "resolved",
        done,
        problems.map(({ message }) => message),
      ),
    onError: failed,
    onSettled: finish,
  });
  // What refuses an edit is said beside the editor, which stays open.
  const retryEdited = useMutation({
    mutationFn: ({ id, item }: { id: string; item: unknown }) => sendEdited(id, item),
    onSuccess: () => say("retried", 1, []),
    onSettled: refresh,
  });
  const annotate = useMutation({
    mutationFn: ({ ids, change }: { ids: string[]; change: Annotation }) => annotateDeadLetters(ids, change),
    onError: failed,
    onSettled: refresh,
  });
  return { retry, resolve, closeAll, retryEdited, annotate };
}

export type DeadLetterCommands = ReturnType<typeof useDeadLetterCommands>;
