import { useEffect, useRef } from "react";
import { useBlocker } from "react-router";
import { type SaveState, selectFlow, useDraft, useDraftStore } from "./draft.ts";
import { LeaveDialog } from "./LeaveDialog.tsx";
import { useElsewhere } from "./useElsewhere.ts";

/**
 * Hears of saves elsewhere, and keeps a person from leaving the flow while changes would be lost by it: what is to be decided
 * first comes back.
 */
export function DraftGuard() {
  const store = useDraftStore();
  useElsewhere(store, selectFlow(store.getState()).id);
  const save = useDraft((state) => state.save);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      leaves(currentLocation.pathname, nextLocation.pathname) && wouldBeLost(store.getState().save),
  );
  const lost = wouldBeLost(save);
  const undecided = save.kind === "conflict";
  // The page hears of it later than the router: what was held back once must not go on when the conflict is decided.
  const held = useRef<typeof blocker>(undefined);
  useEffect(() => {
    if (blocker.state !== "blocked" || held.current === blocker) return;
    if (!lost) blocker.proceed();
    if (!undecided) return;
    held.current = blocker;
    blocker.reset();
    // Another object of the same conflict is one that nobody has put off yet.
    store.setState((state) => ({ save: { ...state.save } }));
  }, [blocker, lost, undecided, store]);
  if (blocker.state !== "blocked" || save.kind !== "unsaved") return null;
  return <LeaveDialog reason={save.reason ?? ""} onStay={blocker.reset} onLeave={blocker.proceed} />;
}

/** What saves itself in a moment is not lost: leaving sends it. */
const wouldBeLost = (save: SaveState): boolean => save.kind === "conflict" || (save.kind === "unsaved" && save.reason !== null);

/** A draft is the same in each environment; and where one signs in, one comes back. */
function leaves(from: string, to: string): boolean {
  const place = (path: string) => path.split("/").slice(2).join("/");
  return place(from) !== place(to) && to !== "/sign-in";
}
