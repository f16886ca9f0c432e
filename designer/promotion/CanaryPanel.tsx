import { Progress, Skeleton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { CanaryFigures, CanaryProgress } from "#schemas/canary.ts";
import type { Promotion } from "#schemas/promotion.ts";
import { endPromotion } from "../api/commands.ts";
import { canaryQuery } from "../api/queries.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { Failure } from "../elements/Failure.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { failed } from "../elements/tell.ts";
import classes from "./canary.module.css";
import "./texts.ts";

interface CanaryPanelProps {
  promotion: Promotion;
  onDone: (promotion: Promotion) => Promise<void>;
}

/** How a canary does beside the version that runs, and its two ways out. */
export function CanaryPanel({ promotion, onDone }: CanaryPanelProps) {
  const { t } = useTranslation();
  const progress = useQuery(canaryQuery(promotion.environment, promotion.id));
  const full = useMutation({ mutationFn: () => endPromotion(promotion, "make-full"), onSuccess: onDone, onError: failed });
  const stop = useMutation({ mutationFn: () => endPromotion(promotion, "stop"), onSuccess: onDone, onError: failed });
  const operates = { permission: "operate" as const, environment: promotion.environment };
  if (progress.error) return <Failure error={progress.error} onRetry={() => void progress.refetch()} />;
  if (!progress.data) return <Skeleton height={140} mt={8} />;
  return (
    <section className={classes.panel} aria-label={t("canary.title")} data-testid="canary">
      <Figures progress={progress.data} />
      <div className={classes.actions}>
        <RoleButton {...operates} loading={full.isPending} onClick={() => full.mutate()} data-testid="canary-full">
          {t("canary.makeFull")}
        </RoleButton>
        <RoleButton
          {...operates}
          variant="default"
          loading={stop.isPending}
          onClick={() => stop.mutate()}
          hint={t("canary.stopHint", { version: promotion.base })}
          data-testid="canary-stop"
        >
          {t("canary.stop")}
        </RoleButton>
      </div>
    </section>
  );
}

const rateOf = (rate: number): string => `${Number(rate.toFixed(1))} %`;

function Figures({ progress }: { progress: CanaryProgress }) {
  const { t } = useTranslation();
  const { candidate, deployed, settings, startedAt, decision } = progress;
  const { share, minimumMessages, tolerance, windowMinutes } = settings;
  const ended = minimumMessages - decision.awaited;
  const label = t("canary.ended", { ended, count: minimumMessages });
  return (
    <>
      <p className="ol-dim ol-small">
        {t("canary.since")} <TimeText iso={startedAt} /> · {t("canary.rule", { tolerance, count: minimumMessages })}{" "}
        {t("canary.window", { count: windowMinutes })}
      </p>
      <table className={classes.figures}>
        <thead>
          <tr>
            <th scope="col">{t("canary.version")}</th>
            <th scope="col">{t("canary.share")}</th>
            <th scope="col">{t("canary.running")}</th>
            <th scope="col">{t("canary.succeeded")}</th>
            <th scope="col">{t("canary.failed")}</th>
            <th scope="col">{t("canary.rate")}</th>
          </tr>
        </thead>
        <tbody>
          <Row figures={candidate} share={share} rate={decision.candidateRate} bad={decision.stop} side="candidate" />
          <Row figures={deployed} share={100 - share} rate={decision.deployedRate} bad={false} side="deployed" />
        </tbody>
      </table>
      <p className="ol-small">{label}</p>
      <Progress value={(100 * ended) / minimumMessages} size="sm" aria-label={label} />
    </>
  );
}

interface RowProps {
  figures: CanaryFigures;
  share: number;
  rate: number;
  bad: boolean;
  side: "candidate" | "deployed";
}

function Row({ figures: { version, running, succeeded, failed: dead, stuck }, share, rate, bad, side }: RowProps) {
  const { t } = useTranslation();
  return (
    <tr data-testid={`canary-${side}`}>
      <th scope="row">
        {t("common.version", { number: version })} <span className="ol-dim">{t(`canary.${side}`)}</span>
      </th>
      <td>{share} %</td>
      <td>{running}</td>
      <td>{succeeded}</td>
      <td>
        {dead} {stuck > 0 && <span className="ol-dim">{t("canary.stuck", { count: stuck })}</span>}
      </td>
      <td data-bad={bad || undefined}>{rateOf(rate)}</td>
    </tr>
  );
}
