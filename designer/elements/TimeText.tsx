import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Hint } from "./Hint.tsx";
import { exact, relative } from "./time.ts";

const stepMs = 5_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for all times on the screen; it stops when nobody reads it. */
function subscribe(listener: () => void): () => void {
  now = Date.now();
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, stepMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export const useNow = (): number => useSyncExternalStore(subscribe, () => now);

/** A moment, relative to now; the exact time in the user's zone on hover. */
export function TimeText({ iso, ahead = false }: { iso: string; ahead?: boolean }) {
  const { t } = useTranslation();
  const at = useNow();
  const moment = Date.parse(iso);
  return (
    <Hint label={exact(iso)}>
      <time dateTime={iso} style={{ whiteSpace: "nowrap" }}>
        {/* The server's clock may be a little ahead; a run has never started in the future, a token may well end there. */}
        {relative(ahead ? moment : Math.min(moment, at), at, t("time.now"))}
      </time>
    </Hint>
  );
}
