import { useTranslation } from "react-i18next";
import type { DeadLetterDetail } from "#schemas/deadLetter.ts";
import { CopyText } from "../elements/CopyText.tsx";
import { Label } from "../elements/Label.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import runs from "../runs/runs.module.css";
import { retryWords } from "./retryWords.ts";
import "./texts.ts";

/** What the ledger knows of the effect, and what a retry would do, in words. */
export function EffectWords({ detail }: { detail: DeadLetterDetail }) {
  const { t } = useTranslation();
  const { effect, letter } = detail;
  return (
    <section className={runs.section}>
      <h3>{t("letter.effect")}</h3>
      {effect && (
        <p style={{ margin: "0 0 6px", lineHeight: "20px" }}>
          <Label tone={effect.state === "CONFIRMED" ? undefined : "waiting"}>{t(`letter.effectState.${effect.state}`)}</Label>{" "}
          {t(`letter.effectMeans.${effect.state}`)} {!effect.own && t("letter.notOwn")}
        </p>
      )}
      {letter.state === "open" && (
        <p style={{ margin: "0 0 6px", lineHeight: "20px" }} data-testid="retry-means">
          {t(`letter.retryMeans.${retryWords(detail)}`)}
        </p>
      )}
      {effect && (
        <p className="ol-dim ol-small" style={{ margin: 0 }}>
          {t(`inspector.effect.${effect.mode}`)} {t("letter.revision", { count: effect.revision })},{" "}
          <TimeText iso={effect.sentAt} />.
          <br />
          <CopyText value={effect.key} />
        </p>
      )}
    </section>
  );
}
