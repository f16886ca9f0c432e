import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { flowQuery, statusQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import type { DraftStore } from "./draft.ts";

/** For how long somebody counts as editing after a save. */
const EDITS_MS = 60_000;

/**
 * Hears within a second or two that the draft was saved elsewhere, has the newer one read, and keeps in the draft who it
 * was. While something of ours is not saved, the save itself finds out.
 */
export function useElsewhere(draft: DraftStore, flow: string): void {
  const { id } = useEnvironment();
  const queries = useQueryClient();
  const forgotten = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { data: last } = useQuery({ ...statusQuery(id, flow), select: (status) => status.draft });
  useEffect(() => {
    const { revision, save } = draft.getState();
    if (!last || save.kind !== "saved" || last.revision <= revision) return;
    draft.setState({ elsewhere: last.updatedBy });
    void queries.invalidateQueries({ queryKey: flowQuery(flow).queryKey });
    clearTimeout(forgotten.current);
    forgotten.current = setTimeout(() => draft.setState({ elsewhere: null }), EDITS_MS);
  }, [draft, queries, flow, last]);
}
