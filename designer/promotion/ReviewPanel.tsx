import { Alert, Button, Checkbox, Skeleton, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CanarySettings } from "#schemas/canary.ts";
import type { PromotionReview } from "#schemas/promotion.ts";
import { requestPromotion } from "../api/commands.ts";
import { type PromotionWish, promotionReviewQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { useMay, useSession } from "../app/session.ts";
import { Failure } from "../elements/Failure.tsx";
import { Refusal } from "../elements/Refusal.tsx";
import { tell } from "../elements/tell.ts";
import { CanaryFields } from "./CanaryFields.tsx";
import { Differences } from "./Differences.tsx";
import classes from "./promotion.module.css";
import { Checks, riskTitle } from "./Reviewed.tsx";
import { SlotChoice } from "./SlotChoice.tsx";
import { VersionChanges } from "./VersionChanges.tsx";
import "./texts.ts";

interface ReviewPanelProps {
  flow: string;
  wish: PromotionWish;
  /** Versions that the environment runs. */
  running: number[];
  /** Slot name to connection name, where it runs the version already: then a promotion can but bind them anew. */
  bound: Readonly<Record<string, string>> | null;
  /** Whether what it runs is paused there. */
  paused: boolean;
}

/** What the promotion would mean, and the request for it. */
export function ReviewPanel({ flow, wish, running, bound: standing, paused }: ReviewPanelProps) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const [slots, setSlots] = useState<Record<string, string>>({});
  const bound = { ...wish, slots };
  const nothing = standing !== null && !Object.entries(slots).some(([slot, name]) => standing[slot] !== name);
  const review = useQuery({ ...promotionReviewQuery(environment.id, flow, bound, running), enabled: !nothing });
  return (
    <>
      <SlotChoice
        flow={flow}
        version={wish.version}
        chosen={slots}
        usual={review.data?.slots ?? standing ?? {}}
        onChoose={(slot, connection) => setSlots({ ...slots, [slot]: connection })}
      />
      {nothing ? (
        <p data-testid="promotion-nothing">
          {t("promotion.nothing", { environment: environment.title, version: t("common.version", { number: wish.version }) })}
          {Object.keys(standing).length > 0 && ` ${t("promotion.rebind")}`}
        </p>
      ) : review.error ? (
        <Failure error={review.error} onRetry={() => void review.refetch()} />
      ) : review.data ? (
        <Reviewed review={review.data} wish={bound} paused={paused} />
      ) : (
        <div role="status">
          <p>{t("promotion.trying", { count: wish.messages })}</p>
          <Skeleton height={240} />
        </div>
      )}
    </>
  );
}

interface ReviewedProps {
  review: PromotionReview;
  wish: PromotionWish;
  paused: boolean;
}

function Reviewed({ review, wish, paused }: ReviewedProps) {
  const { t } = useTranslation();
  const [acknowledged, setAcknowledged] = useState<string[]>([]);
  const { flow, base, version, checks, risks, diff, nodeNames } = review;
  return (
    <>
      <section className={classes.section}>
        <h2>{t("promotion.checks")}</h2>
        <Checks checks={checks} />
      </section>
      {risks.length > 0 && (
        <section className={classes.section}>
          <h2>{t("promotion.risks")}</h2>
          <ul className={classes.checks} data-testid="promotion-risks">
            {risks.map(({ name, kind, node, detail }) => (
              <li key={name}>
                <Checkbox
                  checked={acknowledged.includes(name)}
                  onChange={(event) =>
                    setAcknowledged(
                      event.currentTarget.checked ? [...acknowledged, name] : acknowledged.filter((one) => one !== name),
                    )
                  }
                  label={riskTitle(t(`promotion.risk.${kind}`), name, node, nodeNames)}
                  description={detail}
                  data-testid={`risk-${name}`}
                />
              </li>
            ))}
          </ul>
        </section>
      )}
      <VersionChanges flow={flow} base={base} version={version} heading="h2" />
      <section className={classes.section}>
        <h2>{t("promotion.replay")}</h2>
        <Differences diff={diff} names={nodeNames} />
      </section>
      <RequestForm review={review} wish={wish} paused={paused} acknowledged={acknowledged} />
    </>
  );
}

function RequestForm({ review, wish, paused, acknowledged }: ReviewedProps & { acknowledged: string[] }) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const { signIn } = useSession();
  const operates = useMay("operate", environment.id);
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const [at, setAt] = useState("");
  const [canary, setCanary] = useState<CanarySettings | null>(null);
  // Whoever could deploy here approves it with the request, where nobody else is asked.
  const approval = environment.protection === "approval" || !operates;
  const blocked = review.checks.some(({ outcome }) => outcome === "failed");
  const open = review.risks.some(({ name }) => !acknowledged.includes(name));
  const request = useMutation({
    mutationFn: () =>
      requestPromotion(environment.id, review.flow, {
        ...wish,
        hash: review.hash,
        note,
        acknowledged,
        ...(at === "" ? {} : { activateAt: new Date(at).toISOString() }),
        ...(canary === null || paused ? {} : { canary }),
      }),
    onSuccess: async ({ state }) => {
      const said = t(`promotion.requestDone.${state === "active" || state === "canary" ? state : "waiting"}`);
      tell(
        state === "active" && paused
          ? { message: t("promotion.requestDone.paused", { version: review.version }), color: "yellow" }
          : { message: said, color: "green" },
      );
      await queries.invalidateQueries({ queryKey: ["promotions"] });
      await Promise.all(["flow", "flows"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
    },
  });
  return (
    <form
      className={classes.request}
      onSubmit={(event) => {
        event.preventDefault();
        request.mutate();
      }}
    >
      {approval && (
        <Alert variant="light" color="gray" icon={<TriangleAlert size={16} />} data-testid="promotion-approval">
          {t(!operates ? "promotion.operatorNeeded" : signIn ? "promotion.approvalNeeded" : "promotion.approvalAlone")}
        </Alert>
      )}
      <Textarea
        label={t("promotion.note")}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        autosize
        minRows={2}
        data-testid="promotion-note"
      />
      <TextInput
        type="datetime-local"
        label={t("promotion.activateAt")}
        description={t(approval ? "promotion.activateApproved" : "promotion.activateNow")}
        value={at}
        onChange={(event) => setAt(event.currentTarget.value)}
        w={260}
      />
      {review.base !== null && review.base !== review.version && (
        <CanaryFields canary={paused ? null : canary} onChange={setCanary} paused={paused} />
      )}
      <Refusal error={request.error} />
      <div>
        <Button type="submit" loading={request.isPending} disabled={blocked || open} data-testid="promotion-request">
          {t(approval ? "promotion.request" : "promotion.promote", { environment: environment.title })}
        </Button>
        {(blocked || open) && (
          <span className="ol-dim ol-small"> {t(blocked ? "promotion.blocked" : "promotion.unacknowledged")}</span>
        )}
      </div>
    </form>
  );
}
