import { MultiSelect, NumberInput, SegmentedControl, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { RetryPolicy } from "#schemas/outcome.ts";
import { defaultRetryPolicy, outcomeClasses } from "#schemas/outcomeClass.ts";
import { duration } from "../elements/time.ts";
import classes from "./inspector.module.css";
import { waits } from "./waits.ts";

interface RetryFormProps {
  /** The node's own settings; undefined when it keeps the defaults. */
  value: FlowNode["retry"];
  /** The operation's defaults. */
  defaults: Partial<RetryPolicy> | undefined;
  onChange: (value: FlowNode["retry"]) => void;
}

/** How often and when a failed task of this node is tried again, with the waits worked out. */
export function RetryForm({ value, defaults, onChange }: RetryFormProps) {
  const { t } = useTranslation();
  const base: RetryPolicy = { ...defaultRetryPolicy, ...defaults };
  const policy: RetryPolicy = { ...base, ...value };
  const set = (part: Partial<RetryPolicy>) => onChange({ ...value, ...part });
  const number = (name: "attempts" | "baseMs" | "capMs", label: string, least: number) => (
    <NumberInput
      label={label}
      min={least}
      allowDecimal={false}
      thousandSeparator=" "
      value={policy[name]}
      onChange={(next) => typeof next === "number" && set({ [name]: next })}
    />
  );
  return (
    <div className={classes.fields}>
      <Switch
        label={t("inspector.retryOwn")}
        description={value ? undefined : t("inspector.retryDefault")}
        checked={value !== undefined}
        onChange={(event) => onChange(event.currentTarget.checked ? { attempts: policy.attempts } : undefined)}
      />
      {value && (
        <>
          <div style={{ display: "grid", gridTemplateColumns: "1fr 1fr 1fr", gap: 8 }}>
            {number("attempts", t("inspector.attempts"), 1)}
            {number("baseMs", t("inspector.baseMs"), 0)}
            {number("capMs", t("inspector.capMs"), 0)}
          </div>
          <SegmentedControl
            size="xs"
            aria-label={t("inspector.backoff")}
            value={policy.backoff}
            onChange={(backoff) => set({ backoff: backoff === "fixed" ? "fixed" : "exponential" })}
            data={[
              { value: "exponential", label: t("inspector.backoffExponential") },
              { value: "fixed", label: t("inspector.backoffFixed") },
            ]}
          />
          <MultiSelect
            label={t("inspector.classes")}
            data={outcomeClasses.map((name) => ({ value: name, label: t(`outcome.${name}`) }))}
            value={policy.classes}
            onChange={(names) => set({ classes: outcomeClasses.filter((name) => names.includes(name)) })}
          />
        </>
      )}
      <Waits policy={policy} />
    </div>
  );
}

function Waits({ policy }: { policy: RetryPolicy }) {
  const { t } = useTranslation();
  const rows = waits(policy);
  const shown = rows.length > 12 ? [...rows.slice(0, 10), ...rows.slice(-1)] : rows;
  return (
    <table className={classes.waits} aria-label={t("inspector.waitsTable")}>
      <thead>
        <tr>
          <th scope="col">{t("inspector.attempt")}</th>
          <th scope="col">{t("inspector.wait")}</th>
          <th scope="col">{t("inspector.total")}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(({ attempt, waitMs, totalMs }) => (
          <tr key={attempt}>
            <td>{attempt}</td>
            <td>{attempt === 1 ? t("inspector.atOnce") : t("inspector.upTo", { time: duration(waitMs) })}</td>
            <td>{attempt === 1 ? "0 s" : t("inspector.upTo", { time: duration(totalMs) })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
