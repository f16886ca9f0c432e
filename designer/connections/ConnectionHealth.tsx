import { useTranslation } from "react-i18next";
import type { ListedConnection } from "#schemas/connection.ts";
import { count } from "../elements/numbers.ts";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText, useNow } from "../elements/TimeText.tsx";
import { duration } from "../elements/time.ts";
import { type Condition, conditionOf } from "./condition.ts";

/** Whether a connection lets through, since when not, and why. */
export function ConnectionState({ connection }: { connection: ListedConnection }) {
  const condition = conditionOf(connection);
  return (
    <>
      <StateChip state={condition} />
      <div className="ol-dim ol-small">
        <Why connection={connection} condition={condition} />
      </div>
    </>
  );
}

function Why({ connection, condition }: { connection: ListedConnection; condition: Condition }) {
  const { t } = useTranslation();
  const { stateReason, stateBy, stateAt, health } = connection;
  switch (condition) {
    case "active":
      return null;
    case "paused":
    case "authFailed":
      return (
        <>
          {stateReason}
          <div>
            {stateBy && t("connections.by", { who: stateBy })} <TimeText iso={stateAt} />
          </div>
        </>
      );
    case "notAnswering":
      return (
        <>
          {t("connections.failures", { count: health.failures })}
          <div>{health.probeAt && <In text="connections.triedIn" iso={health.probeAt} />}</div>
        </>
      );
    case "tried":
      return t("connections.probing");
    case "askedToWait":
      return health.closedUntil && <In text="connections.goesOnIn" iso={health.closedUntil} />;
    case "atRate":
      return health.rates.map(({ operation, perSecond }) => (
        <div key={operation ?? ""}>
          {operation ? t("connections.rateOf", { operation, perSecond }) : t("connections.rate", { perSecond })}
        </div>
      ));
  }
}

/** How long until a moment; "now" once it has come. */
function In({ text, iso }: { text: "connections.triedIn" | "connections.goesOnIn"; iso: string }) {
  const { t } = useTranslation();
  const ms = Date.parse(iso) - useNow();
  return <>{t(text, { wait: ms > 0 ? duration(Math.ceil(ms / 1000) * 1000) : t("time.now") })}</>;
}

/** Places in use of those there are, and what waits for one. */
export function ConnectionLoad({ health }: Pick<ListedConnection, "health">) {
  const { t } = useTranslation();
  const { inUse, places, waiting } = health;
  return (
    <>
      <div style={{ whiteSpace: "nowrap" }}>{t("connections.places", { inUse, places })}</div>
      {waiting > 0 && (
        <div className="ol-dim ol-small">{t("connections.waiting", { count: waiting, shown: count(waiting) })}</div>
      )}
    </>
  );
}
