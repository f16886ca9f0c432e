import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Promotion } from "#schemas/promotion.ts";
import { approvePromotion, endPromotion } from "../api/commands.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useSession } from "../app/session.ts";
import { Label } from "../elements/Label.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { failed, tell } from "../elements/tell.ts";
import { exact } from "../elements/time.ts";
import { CanaryPanel } from "./CanaryPanel.tsx";
import { isLate } from "./isLate.ts";
import { KeptReview } from "./KeptReview.tsx";
import classes from "./promotion.module.css";
import { AfterRollBack, BeforeRollBack } from "./RollBack.tsx";
import "./texts.ts";

/** Those that are shown at first. */
const most = 5;

interface PromotionHistoryProps {
  promotions: Promotion[];
  /** Versions that the environment runs. */
  running: number[];
  /** Whether what it runs is paused. */
  paused: boolean;
}

/** The promotion under way, the one that is active, and what came before: they come in this order. */
export function PromotionHistory({ promotions, running, paused }: PromotionHistoryProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  if (promotions.length === 0) return null;
  return (
    <section className={classes.section}>
      <h2>{t("promotion.history")}</h2>
      <ul className={classes.history}>
        {promotions.slice(0, all ? undefined : most).map((promotion) => (
          <Entry
            key={promotion.id}
            promotion={promotion}
            runs={running.length === 1 && running[0] === promotion.version}
            paused={paused}
          />
        ))}
      </ul>
      {promotions.length > most && !all && (
        <Button variant="default" mt={8} onClick={() => setAll(true)} data-testid="promotion-all">
          {t("promotion.all", { count: promotions.length })}
        </Button>
      )}
    </section>
  );
}

const tones: Partial<Record<Promotion["state"], "failed" | "waiting">> = {
  requested: "waiting",
  approved: "waiting",
  canary: "waiting",
  stopped: "failed",
  failed: "failed",
};

function Entry({ promotion, runs, paused }: { promotion: Promotion; runs: boolean; paused: boolean }) {
  const { t } = useTranslation();
  const { state, version, base, note, requestedBy, requestedAt, approvedBy, alone, activateAt, reason, hash, canary, unnamed } =
    promotion;
  const done = useDone(paused);
  const approve = useMutation({ mutationFn: () => approvePromotion(promotion), onSuccess: done, onError: failed });
  const withdraw = useMutation({ mutationFn: () => endPromotion(promotion, "withdraw"), onSuccess: done, onError: failed });
  const back = useMutation({ mutationFn: () => endPromotion(promotion, "roll-back"), onSuccess: done, onError: failed });
  const again = useMutation({ mutationFn: () => endPromotion(promotion, "take-up"), onSuccess: done, onError: failed });
  const operates = { permission: "operate" as const, environment: promotion.environment };
  const { person, signIn } = useSession();
  const own = person?.name === requestedBy;
  const open = state === "requested" || state === "approved";
  const late = isLate(promotion, Date.now());
  const goesBack = state === "active" && runs && base !== null;
  const rebinds = base === version;
  const moved = base === null ? t("common.version", { number: version }) : `v${base} → v${version}`;
  const told = rebinds ? t("promotion.rebinds", { version }) : moved;
  return (
    <li data-testid="promotion-entry" data-state={state}>
      <div className={classes.entryHead}>
        <strong>{told}</strong>
        <Label tone={tones[state]}>{t(`promotion.state.${state}`)}</Label>
        <span className="ol-mono ol-dim" title={hash}>
          {hash.slice(0, 8)}
        </span>
        <span style={{ flex: 1 }} />
        {state === "requested" && (
          <RoleButton {...operates} loading={approve.isPending} onClick={() => approve.mutate()} data-testid="promotion-approve">
            {t(late ? "promotion.approveLate" : "promotion.approve")}
          </RoleButton>
        )}
        {open && (
          <RoleButton
            {...operates}
            permission={own ? "request" : "operate"}
            variant="default"
            loading={withdraw.isPending}
            onClick={() => withdraw.mutate()}
            data-testid="promotion-withdraw"
          >
            {t("promotion.withdraw")}
          </RoleButton>
        )}
        {goesBack && (
          <RoleButton
            {...operates}
            variant="default"
            loading={back.isPending}
            onClick={() => back.mutate()}
            data-testid="promotion-roll-back"
          >
            {t(rebinds ? "promotion.rollBackSlots" : "promotion.rollBack", { version: base })}
          </RoleButton>
        )}
        {state === "ended" && (
          <RoleButton
            {...operates}
            variant="default"
            hint={t("promotion.takeUpHint")}
            loading={again.isPending}
            onClick={() => again.mutate()}
            data-testid="promotion-take-up"
          >
            {t("promotion.takeUp", { version })}
          </RoleButton>
        )}
      </div>
      {note && <p>{note}</p>}
      {state === "canary" && <CanaryPanel promotion={promotion} onDone={done} />}
      <p className="ol-dim ol-small">
        {t("promotion.requestedBy", { who: requestedBy })} <TimeText iso={requestedAt} />
        {approvedBy && ` · ${t(alone ? "promotion.approvedAlone" : "promotion.approvedBy", { who: approvedBy })}`}
        {open && activateAt && ` · ${t(late ? "promotion.activatesLate" : "promotion.activatesAt", { at: exact(activateAt) })}`}
        {open && canary && ` · ${t("promotion.withShare", { share: canary.share })}`}
        {reason && ` · ${reason}`}
      </p>
      {goesBack && <BeforeRollBack promotion={promotion} />}
      {state === "rolledBack" && <AfterRollBack promotion={promotion} />}
      {state === "requested" && signIn && unnamed.length > 0 && (
        <p className="ol-small" data-testid="promotion-unnamed">
          <Label tone="waiting">{t("promotion.unnamedTitle")}</Label>{" "}
          {unnamed.map((name) => t(`promotion.unnamed.${name}`)).join(" ")} {t("promotion.unnamedHint")}
        </p>
      )}
      <KeptReview key={String(state === "requested")} promotion={promotion} />
    </li>
  );
}

function useDone(paused: boolean) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { title } = useEnvironment();
  return async ({ state, version, base }: Promotion) => {
    const said = t(`promotion.done.${state}`, { version, base, environment: title, defaultValue: "" });
    const takes = state !== "approved" && state !== "withdrawn";
    tell({ message: paused && takes ? `${said} ${t("promotion.pausedDone")}` : said });
    // First what runs: a promotion that is over would else seem to have left it to be promoted again.
    await Promise.all(["flow", "flows"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    await queries.invalidateQueries({ queryKey: ["promotions"] });
  };
}
