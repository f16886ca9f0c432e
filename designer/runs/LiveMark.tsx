import { useTranslation } from "react-i18next";
import { Hint } from "../elements/Hint.tsx";

/** Says whether the list moves by itself. */
export function LiveMark({ live }: { live: boolean }) {
  const { t } = useTranslation();
  return (
    <Hint label={t(live ? "runs.liveHint" : "runs.still")}>
      <span className="ol-dim ol-small" style={{ display: "inline-flex", gap: 6, alignItems: "center" }}>
        <span
          aria-hidden
          style={{ width: 7, height: 7, borderRadius: 4, background: live ? "var(--ol-done)" : "var(--ol-line-strong)" }}
        />
        {t(live ? "runs.live" : "runs.still")}
      </span>
    </Hint>
  );
}
