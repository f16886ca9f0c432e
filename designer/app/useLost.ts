import { notifications } from "@mantine/notifications";
import { onlineManager, type QueryCacheNotifyEvent, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ApiFailure } from "../api/client.ts";
import { sessionQuery } from "../api/queries.ts";
import { tell } from "../elements/tell.ts";
import { sayer } from "../i18n/bundle.ts";
import { lostTexts } from "../i18n/en/lost.ts";

const say = sayer("lost", lostTexts);

/** One read may fail by itself; another is asked at once, and when that fails as well nobody is there to answer. */
const ENOUGH = 2;

const id = "lost";

/** Says that the server cannot be reached for as long as it cannot: what was read stays on the page and grows old. */
export function useLost(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const failing = new Set<string>();
    let told = false;
    const lose = () => {
      if (!told) tell({ about: id, color: "red", title: say("notice.title"), message: say("notice.text"), stays: true });
      told = true;
    };
    const find = () => {
      failing.clear();
      if (told) notifications.hide(id);
      told = false;
    };
    const follow = ({ type, query, ...event }: QueryCacheNotifyEvent) => {
      if (type !== "updated" || !("action" in event)) return;
      const { action } = event;
      if (action.type === "success" && !action.manual) find();
      if (action.type !== "error" || !(action.error instanceof ApiFailure) || action.error.status !== 0) return;
      failing.add(query.queryHash);
      if (failing.size >= ENOUGH) lose();
      else void queries.refetchQueries({ queryKey: sessionQuery.queryKey });
    };
    const leave = [queries.getQueryCache().subscribe(follow), onlineManager.subscribe((online) => (online ? find() : lose()))];
    return () => {
      for (const one of leave) one();
      find();
    };
  }, [queries]);
}
