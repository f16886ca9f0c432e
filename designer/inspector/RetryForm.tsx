import { MultiSelect, SegmentedControl, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { RetryPolicy } from "#schemas/outcome.ts";
import { defaultRetryPolicy, outcomeClasses } from "#schemas/outcomeClass.ts";
import type { Problem } from "#schemas/problem.ts";
import { duration } from "../elements/time.ts";
import { DurationField } from "./DurationField.tsx";
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

const lengths = ["baseMs", "capMs", "maxAgeMs"] as const;
const fields = ["attempts", ...lengths] as const;

/** How often and when a failed task of this node is tried again, with the waits worked out. */
export function RetryForm({ value, defaults, onChange, problems }: RetryFormProps) {
  const { t } = useTranslation();
  const base: RetryPolicy = { ...defaultRetryPolicy, ...defaults };
  const policy: RetryPolicy = { ...base, ...value };
  const set = (part: Partial<RetryPolicy>) => onChange({ ...value, ...part });
  const own = (name: string) => problemsAt(problems, `/retry/${name}`);
  const elsewhere = problemsAt(problems, "/retry").filter((problem) => !fields.some((name) => own(name).includes(problem)));
  return (
    <div className={classes.fields}>
      <Switch
        label={t("inspector.retryOwn")}
        description={value ? t("inspector.retryRest") : t("inspector.retryDefault")}
        checked={value !== undefined}
        onChange={(event) => onChange(event.currentTarget.checked ? { attempts: policy.attempts } : undefined)}
        data-testid="retry-own"
      />
      {value && (
        <>
          <NumberField
            label={t("inspector.policy.attempts")}
            limits={retryLimits.attempts}
            value={policy.attempts}
            onChange={(attempts) => attempts !== undefined && set({ attempts })}
            error={own("attempts").length > 0 ? <ProblemTexts problems={own("attempts")} /> : undefined}
            data-testid="retry-attempts"
          />
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
          {lengths.map((name) => (
            <Length key={name} name={name} policy={policy} base={base} onChange={set} problems={own(name)} />
          ))}
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

interface LengthProps {
  name: (typeof lengths)[number];
  policy: RetryPolicy;
  base: RetryPolicy;
  onChange: (part: Partial<RetryPolicy>) => void;
  problems: readonly Problem[];
}

/** One of the policy's lengths of time, kept in milliseconds; without an age limit, 0. */
function Length({ name, policy, base, onChange, problems }: LengthProps) {
  const { t } = useTranslation();
  const mayBeNone = name === "maxAgeMs";
  const limits = retryLimits[name];
  const label = name === "baseMs" && policy.backoff === "fixed" ? "baseMsFixed" : name;
  return (
    <DurationField
      name={`retry-${name}`}
      label={t(`inspector.policy.${label}`)}
      description={mayBeNone ? t("inspector.maxAgeHint") : undefined}
      withAsterisk={!mayBeNone}
      error={problems.length > 0 ? <ProblemTexts problems={problems} /> : undefined}
      schema={{
        type: "number",
        minimum: limits.least / 1_000,
        ...("most" in limits && limits.most !== undefined ? { maximum: limits.most / 1_000 } : {}),
        ...(mayBeNone ? {} : { default: base[name] / 1_000 }),
      }}
      value={mayBeNone && policy[name] === 0 ? undefined : policy[name] / 1_000}
      onChange={(seconds) => onChange({ [name]: Math.round((seconds ?? 0) * 1_000) })}
      data-testid={`retry-${name}`}
    />
  );
}

/** Rows of the table of waits; of a longer one the middle is left out. */
const mostRows = 12;

function Waits({ policy }: { policy: RetryPolicy }) {
  const { t } = useTranslation();
  const rows = waits(policy);
  const [head, tail] = rows.length > mostRows ? [rows.slice(0, mostRows - 2), rows.slice(-1)] : [rows, []];
  const row = ({ attempt, waitMs, totalMs }: (typeof rows)[number]) => (
    <tr key={attempt}>
      <td>{attempt}</td>
      <td>{attempt === 1 ? t("inspector.atOnce") : told(waitMs)}</td>
      <td>{attempt === 1 ? "0 s" : told(totalMs)}</td>
    </tr>
  );
  // Fixed waits are as long as they say; exponential ones have full jitter.
  const told = (ms: number) => (policy.backoff === "fixed" ? duration(ms) : t("inspector.upTo", { time: duration(ms) }));
  return (
    <>
      <table className={classes.waits} aria-label={t("inspector.waitsTable")}>
        <thead>
          <tr>
            <th scope="col">{t("inspector.attempt")}</th>
            <th scope="col">{t("inspector.wait")}</th>
            <th scope="col">{t("inspector.total")}</th>
          </tr>
        </thead>
        <tbody>
          {head.map(row)}
          {tail.length > 0 && (
            <tr>
              <td>…</td>
              <td />
              <td />
            </tr>
          )}
          {tail.map(row)}
        </tbody>
      </table>
      {policy.maxAgeMs > 0 && (
        <p className="ol-dim ol-small" style={{ margin: 0 }} data-testid="age-limit">
          {t(rows.length < policy.attempts ? "inspector.retryAged" : "inspector.retryAge", { time: duration(policy.maxAgeMs) })}
        </p>
      )}
      {policy.classes.includes("rateLimited") && (
        <p className="ol-dim ol-small" style={{ margin: 0 }}>
          {t("inspector.retryRateLimited")}
        </p>
      )}
    </>
  );
}
