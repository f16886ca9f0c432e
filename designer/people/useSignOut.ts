import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { signOut } from "../api/commands.ts";
import { sessionQuery } from "../api/queries.ts";
import { failed } from "../elements/tell.ts";

/** Ends the session and leads to the door; nothing that was read stays in the page. */
export function useSignOut() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: signOut,
    onSuccess: async (after) => {
      queries.setQueryData(sessionQuery.queryKey, after);
      await navigate("/sign-in", { replace: true });
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
    },
    onError: failed,
  });
}
