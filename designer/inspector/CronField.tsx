import { Select, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { LooksOnly, useReadOnly } from "../elements/ReadOnly.tsx";
import { useNow } from "../elements/TimeText.tsx";
import { inWords, inZone, nextFirings } from "./firings.ts";
import classes from "./inspector.module.css";
import { say } from "./say.ts";

interface CronFieldProps {
  label: string;
  description: ReactNode;
  withAsterisk: boolean;
  error: ReactNode;
  value: string;
  preset: string;
  /** The zone that the schedule goes by. */
  timeZone: string;
  onChange: (value: string | undefined) => void;
  "data-testid": string;
}

/** Times that are shown ahead. */
const SHOWN = 5;

const usual = ["*/5 * * * *", "*/15 * * * *", "0 * * * *", "0 2 * * *", "0 8 * * 1-5", "0 6 * * 1", "0 3 1 * *"];

const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A schedule: its fields, what they say in words, and the next times by the clocks of a zone. */
export default function CronField({ value, preset, timeZone, onChange, ...rest }: CronFieldProps) {
  const readOnly = useReadOnly();
  const cron = value === "" ? preset : value;
  return (
    <div className={classes.fields} style={{ gap: 8 }}>
      <TextInput
        {...rest}
        styles={{ input: { fontFamily: "var(--ol-mono)" } }}
        value={value}
        placeholder={preset}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
      {!readOnly && (
        <Select
          aria-label={say("cron.usual")}
          placeholder={say("cron.usual")}
          data={usual.map((one) => ({ value: one, label: inWords(one) ?? one }))}
          value={usual.includes(cron) ? cron : null}
          onChange={(choice) => choice && onChange(choice)}
          allowDeselect={false}
          data-testid="cron-usual"
        />
      )}
      <Next cron={cron} timeZone={timeZone} told={rest.error !== undefined} />
    </div>
  );
}

/** The next times; why there are none only where the field does not tell it already. */
function Next({ cron, timeZone, told }: { cron: string; timeZone: string; told: boolean }) {
  const now = useNow();
  const [shownIn, setShownIn] = useState<string | null>(null);
  const firings = nextFirings(cron, timeZone, new Date(now), SHOWN);
  if (!firings.ok) return told ? null : <p className={classes.problem}>{firings.reason}</p>;
  const zones = [...new Set([timeZone, here, "UTC"])];
  const zone = zones.find((one) => one === shownIn) ?? timeZone;
  return (
    <div className={classes.next} data-testid="cron-next">
      <div className={classes.nextHead}>
        <strong>{inWords(cron) ?? say("cron.next")}</strong>
        {zones.length > 1 && (
          <LooksOnly>
            <Select
              aria-label={say("cron.zone")}
              data={zones}
              value={zone}
              onChange={setShownIn}
              allowDeselect={false}
              style={{ width: 150 }}
            />
          </LooksOnly>
        )}
      </div>
      {firings.times.length === 0 && <p>{say("cron.never")}</p>}
      <ol aria-label={say("cron.next")}>
        {firings.times.map((at) => (
          <li key={at.getTime()}>
            <time dateTime={at.toISOString()}>{inZone(at, zone)}</time>
          </li>
        ))}
      </ol>
    </div>
  );
}
