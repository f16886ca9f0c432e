import { MultiSelect, SegmentedControl, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { RetryPolicy } from "#schemas/outcome.ts";
import { defaultRetryPolicy, outcomeClasses } from "#schemas/outcomeClass.ts";
import type { Problem } from "#schemas/problem.ts";
import { duration } from "../elements/time.ts";
import { problemsAt } from "./fields.ts";
import classes from "./inspector.module.css";
import { retryLimits } from "./limits.ts";
import { NumberField } from "./NumberField.tsx";
import { ProblemTexts } from "./ProblemText.tsx";
import { waits } from "./waits.ts";

interface RetryFormProps {
  /** The node's own settings; undefined when it keeps the defaults. */
  value: FlowNode["retry"];
  /** The operation's defaults. */
  defaults: Partial<RetryPolicy> | undefined;
  onChange: (value: FlowNode["retry"]) => void;
  /** Pointers begin at the node: `/retry/...`. */
  problems: readonly Problem[];
}

const numbers = ["attempts", "baseMs", "capMs"] as const;

/** How often and when a failed task of this node is tried again, with the waits worked out. */
export function RetryForm({ value, defaults, onChange, problems }: RetryFormProps) {
  const { t } = useTranslation();
  const base: RetryPolicy = { ...defaultRetryPolicy, ...defaults };
  const policy: RetryPolicy = { ...base, ...value };
  const set = (part: Partial<RetryPolicy>) => onChange({ ...value, ...part });
  const own = (name: string) => problemsAt(problems, `/retry/${name}`);
  const elsewhere = problemsAt(problems, "/retry").filter((problem) => !numbers.some((name) => own(name).includes(problem)));
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
            {numbers.map((name) => (
              <NumberField
                key={name}
                label={t(`inspector.policy.${name}`)}
                limits={retryLimits[name]}
                value={policy[name]}
                onChange={(next) => set({ [name]: next })}
                error={own(name).length > 0 ? <ProblemTexts problems={own(name)} /> : undefined}
                data-testid={`retry-${name}`}
              />
            ))}
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
      <ProblemTexts problems={elsewhere} />
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
