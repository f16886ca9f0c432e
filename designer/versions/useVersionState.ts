import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FlowDetail, VersionState } from "#schemas/api.ts";
import { setVersionState } from "../api/commands.ts";
import { failed } from "../elements/tell.ts";

/** Says whether a version of a flow is to be used further. */
export function useVersionState({ flow: { id } }: FlowDetail) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ number, state }: { number: number; state: VersionState }) => setVersionState(id, number, state),
    onError: failed,
    onSettled: () => queries.invalidateQueries({ queryKey: ["versions", id] }),
  });
}
