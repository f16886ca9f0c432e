import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Promotion, PromotionRisk } from "#schemas/promotion.ts";
import { deadLetterCountsQuery } from "../api/queries.ts";
import { address } from "../app/address.ts";
import "./texts.ts";

/** Risks that come once more, the other way round, when the version that brought them is left. */
const turned = ["effectKey", "redrawnEffect", "idempotency"] as const;
type Turned = (typeof turned)[number];

const comesAgain = (risk: PromotionRisk): risk is PromotionRisk & { kind: Turned } => turned.some((kind) => kind === risk.kind);

/** What going back changes back, by the risks that were acknowledged on the way in, and what stays. */
export function BeforeRollBack({ promotion: { version, review } }: { promotion: Promotion }) {
  const { t } = useTranslation();
  const { risks, nodeNames = {} } = review;
  return (
    <div className="ol-small" data-testid="promotion-back">
      {risks.filter(comesAgain).map(({ name, kind, node }) => (
        <p key={name}>{t(`promotion.back.${kind}`, { node: (node !== null && nodeNames[node]) || node })}</p>
      ))}
      <p className="ol-dim">{t("promotion.back.stays", { version })}</p>
    </div>
  );
}

/** After it: what the version that was left could not do, and the way to it. */
export function AfterRollBack({ promotion: { environment, flow, version, base } }: { promotion: Promotion }) {
  const { t } = useTranslation();
  const counts = useQuery(deadLetterCountsQuery({ environment, flow, version: String(version), state: "open" }));
  const open = counts.data?.total ?? 0;
  if (open === 0) return null;
  return (
    <p className="ol-small" data-testid="promotion-left">
      <Link className="ol-link" to={address.exceptions(environment, flow, version)}>
        {t("promotion.left", { count: open, version })}
      </Link>{" "}
      <span className="ol-dim">{t("promotion.leftHint", { version, base })}</span>
    </p>
  );
}
