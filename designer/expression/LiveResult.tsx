import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { JsonView } from "../elements/JsonView.tsx";
import type { ExpressionOutcome } from "../preview/evaluation.ts";
import { TookTooLong } from "../preview/evaluator.ts";
import classes from "./expression.module.css";
import type { ExpressionInput } from "./input.ts";

/** A pause this long in typing is worth an evaluation, in milliseconds. */
const QUIET_MS = 150;

type Shown = { kind: "result"; result: ExpressionOutcome } | { kind: "tooLong"; seconds: number } | undefined;

/** What the expression gives on the sample that is shown, as one types. */
export function LiveResult({ text, input, small }: { text: string; input: ExpressionInput; small: boolean }) {
  const { t } = useTranslation();
  const shown = useResult(text, input);
  const { item, sample, waiting } = input;
  const title = item && item.of > 1 ? t("expression.resultOf", { count: item.of, sample }) : t("expression.resultOn", { sample });
  return (
    <section className={classes.result} aria-label={t("expression.result")} aria-busy={waiting} data-testid="expression-result">
      {item ? (
        <>
          <h4 className="ol-clip" title={title}>
            {title}
          </h4>
          <ResultText shown={shown} small={small} />
        </>
      ) : (
        <p className="ol-dim">
          {t(waiting ? "expression.waiting" : sample === undefined ? "expression.noSamples" : "expression.noSample")}
        </p>
      )}
    </section>
  );
}

function useResult(text: string, { item, source, evaluator }: ExpressionInput): Shown {
  const [shown, setShown] = useState<Shown>();
  const value = item?.value;
  const has = item !== undefined;
  const { node, system, account } = source;
  useEffect(() => {
    if (!has) return;
    let current = true;
    const timer = setTimeout(async () => {
      const next = await resultOf({ text, input: value, source: { node, system, account } }, evaluator);
      if (current) setShown(next);
    }, QUIET_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [text, value, has, node, system, account, evaluator]);
  return shown;
}

async function resultOf(
  job: { text: string; input: unknown; source: ExpressionInput["source"] },
  evaluator: ExpressionInput["evaluator"],
): Promise<Shown> {
  try {
    const outcome = await evaluator.run({ kind: "expression", ...job });
    return outcome.kind === "expression" ? { kind: "result", result: outcome.result } : undefined;
  } catch (raw) {
    if (raw instanceof TookTooLong) return { kind: "tooLong", seconds: raw.seconds };
    return { kind: "result", result: { ok: false, message: raw instanceof Error ? raw.message : String(raw) } };
  }
}

function ResultText({ shown, small }: { shown: Shown; small: boolean }) {
  const { t } = useTranslation();
  if (!shown) return <p className="ol-dim">{t("expression.evaluating")}</p>;
  if (shown.kind === "tooLong") return <p data-tone="failed">{t("expression.tooLong", { seconds: shown.seconds })}</p>;
  const { result } = shown;
  if (!result.ok) return <p data-tone="failed">{t("expression.failed", { reason: result.message })}</p>;
  const { value } = result;
  if (value === undefined) return <p title={t("expression.nothingHint")}>{t("expression.nothing")}</p>;
  if (typeof value !== "object" || value === null) return <p className="ol-mono">{JSON.stringify(value)}</p>;
  return <JsonView value={value} label={t("expression.result")} maxHeight={small ? 120 : 320} />;
}
