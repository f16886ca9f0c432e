import { CheckCircle2, CircleSlash, OctagonAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { DifferenceGroup, PromotionCheck } from "#schemas/promotion.ts";
import { Label } from "../elements/Label.tsx";
import classes from "./promotion.module.css";
import "./texts.ts";

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

/** By id of a node: what people call it. */
export type NodeNames = Readonly<Record<string, string>>;

/** A node by its name; its id, by which versions know it, stands behind. */
export function NodeName({ node, names }: { node: string; names: NodeNames }) {
  const name = Object.hasOwn(names, node) ? names[node] : undefined;
  return (
    <>
      <strong>{name ?? node}</strong>
      {name !== undefined && name !== node && <span className="ol-mono ol-dim ol-small">{node}</span>}
    </>
  );
}

/** What the risk is, at which node, and the name that it is acknowledged by. */
export const riskTitle = (title: string, risk: string, node: string | null, names: NodeNames): string =>
  [title, node !== null && Object.hasOwn(names, node) ? names[node] : undefined, risk].filter(Boolean).join(" · ");

/** For how many messages two versions differ at one place. */
export function GroupHead({ kind, node, field, messages, names }: Omit<DifferenceGroup, "examples"> & { names: NodeNames }) {
  const { t } = useTranslation();
  return (
    <>
      <Label tone={kind === "effectKey" || kind === "outcome" ? "failed" : undefined}>{t(`promotion.kind.${kind}`)}</Label>
      {node !== null && <NodeName node={node} names={names} />}
      <span className="ol-mono">{field}</span>
      <span className="ol-dim" style={{ marginLeft: "auto" }}>
        {t("promotion.ofMessages", { count: messages })}
      </span>
    </>
  );
}
