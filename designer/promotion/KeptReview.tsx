import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Promotion } from "#schemas/promotion.ts";
import { promotionReviewQuery } from "../api/queries.ts";
import { useEnvironments } from "../app/address.ts";
import { useMay } from "../app/session.ts";
import { Failure } from "../elements/Failure.tsx";
import { Differences } from "./Differences.tsx";
import classes from "./promotion.module.css";
import { Checks, GroupHead, riskTitle } from "./Reviewed.tsx";
import { VersionChanges } from "./VersionChanges.tsx";
import { usualMessages } from "./wish.ts";
import "./texts.ts";

/** What was found when a promotion was requested: open before whoever is to approve it, folded once that is over. */
export function KeptReview({ promotion }: { promotion: Promotion }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(promotion.state === "requested");
  return (
    <details
      className={classes.kept}
      open={open}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      data-testid="promotion-kept"
    >
      <summary>{t("promotion.kept")}</summary>
      {open && <Kept promotion={promotion} />}
    </details>
  );
}

function Kept({ promotion }: { promotion: Promotion }) {
  const { t } = useTranslation();
  const { flow, base, version, review, slots } = promotion;
  const bound = Object.entries(slots);
  return (
    <>
      <section className={classes.section}>
        <h3>{t("promotion.checks")}</h3>
        <Checks checks={review.checks} />
      </section>
      {bound.length > 0 && (
        <section className={classes.section}>
          <h3>{t("promotion.slots")}</h3>
          <ul className={classes.checks} data-testid="promotion-slots">
            {bound.map(([slot, connection]) => (
              <li key={slot}>
                <strong>{slot}</strong>
                <span>{connection}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Risks promotion={promotion} />
      <VersionChanges flow={flow} base={base} version={version} heading="h3" />
      <Tried promotion={promotion} />
    </>
  );
}

function Risks({ promotion: { review, acknowledged, requestedBy } }: { promotion: Promotion }) {
  const { t } = useTranslation();
  if (review.risks.length === 0) return null;
  return (
    <section className={classes.section}>
      <h3>{t("promotion.risksTaken")}</h3>
      <ul className={classes.checks} data-testid="promotion-risks">
        {review.risks.map(({ name, kind, node, detail }) => (
          <li key={name} data-testid={`kept-risk-${name}`}>
            <CircleAlert size={16} aria-hidden />
            <div>
              <strong>{riskTitle(t(`promotion.risk.${kind}`), name, node, review.nodeNames ?? {})}</strong>
              <div>{detail}</div>
              {acknowledged.includes(name) && (
                <div className="ol-dim ol-small">{t("promotion.acknowledgedBy", { who: requestedBy })}</div>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The counts were kept, the documents were not: who wants to see requests side by side has them made again. */
function Tried({ promotion: { flow, environment, version, base, state, slots, review } }: { promotion: Promotion }) {
  const { t } = useTranslation();
  const { environment: from, messages, same, differing, unknown, groups, unseen } = review.diff;
  const title = useEnvironments().find(({ id }) => id === from)?.title ?? from;
  const [again, setAgain] = useState(false);
  // Whose documents may not be seen cannot be tried either: the environment's own can.
  const messagesFrom = useMay("see", from) ? from : environment;
  const wish = { version, messages: usualMessages, messagesFrom, slots };
  const found = useQuery({ ...promotionReviewQuery(environment, flow, wish, base === null ? [] : [base]), enabled: again });
  return (
    <section className={classes.section}>
      <h3>{t("promotion.replay")}</h3>
      {messages > 0 ? (
        <p>
          {t(base === null ? "promotion.keptFirst" : "promotion.keptSummary", {
            count: messages,
            environment: title,
            same,
            differing,
          })}
          {unknown > 0 && ` ${t("promotion.keptUnknown", { count: unknown })}`}
        </p>
      ) : (
        <p>{t("promotion.keptNothing")}</p>
      )}
      {unseen && <p data-testid="kept-unseen">{t("promotion.keptUnseen", { environment: title })}</p>}
      <ul className={classes.groups} data-testid="kept-groups">
        {groups.map((group) => (
          <li key={`${group.kind} ${group.node} ${group.field}`} className={classes.groupLine}>
            <GroupHead {...group} names={review.nodeNames ?? {}} />
          </li>
        ))}
      </ul>
      {state === "requested" && !found.data && (
        <Button variant="default" mt={8} loading={found.isFetching} onClick={() => setAgain(true)} data-testid="promotion-again">
          {t("promotion.again")}
        </Button>
      )}
      {found.error && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && <Differences diff={found.data.diff} names={found.data.nodeNames} />}
    </section>
  );
}
