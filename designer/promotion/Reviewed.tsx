import { CheckCircle2, CircleSlash, OctagonAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DifferenceGroup, PromotionCheck } from "#schemas/promotion.ts";
import { Label } from "../elements/Label.tsx";
import classes from "./promotion.module.css";

const icons = { passed: CheckCircle2, warned: TriangleAlert, failed: OctagonAlert, skipped: CircleSlash } as const;

/** What was looked at, and what came of it. */
export function Checks({ checks }: { checks: PromotionCheck[] }) {
  const { t } = useTranslation();
  return (
    <ul className={classes.checks} data-testid="promotion-checks">
      {checks.map(({ name, subject, outcome, detail }) => {
        const Icon = icons[outcome];
        return (
          <li key={`${name} ${subject}`} data-outcome={outcome} data-testid={`check-${name}`}>
            <Icon size={16} aria-label={t(`promotion.outcome.${outcome}`)} />
            <strong>{[t(`promotion.check.${name}`), subject].filter(Boolean).join(" ")}</strong>
            <span className="ol-dim">{detail}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** For how many messages two versions differ at one place. */
export function GroupHead({ kind, node, field, messages }: Omit<DifferenceGroup, "examples">) {
  const { t } = useTranslation();
  return (
    <>
      <Label tone={kind === "effectKey" || kind === "outcome" ? "failed" : undefined}>{t(`promotion.kind.${kind}`)}</Label>
      <strong>{node}</strong>
      <span className="ol-mono">{field}</span>
      <span className="ol-dim" style={{ marginLeft: "auto" }}>
        {t("promotion.ofMessages", { count: messages })}
      </span>
    </>
  );
}
