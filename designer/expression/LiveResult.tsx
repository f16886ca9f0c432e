import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { JsonView } from "../elements/JsonView.tsx";
import type { ExpressionOutcome } from "../preview/evaluation.ts";
import { TookTooLong } from "../preview/evaluator.ts";
import classes from "./expression.module.css";
import type { Failure } from "./fault.ts";
import type { ExpressionInput } from "./input.ts";

/** A pause this long in typing is worth an evaluation, in milliseconds. */
const QUIET_MS = 150;

type Shown = { kind: "result"; text: string; result: ExpressionOutcome } | { kind: "tooLong"; seconds: number } | undefined;

const heights = { small: 120, usual: 320, fill: "none" } as const;

interface LiveResultProps {
  text: string;
  input: ExpressionInput;
  height: keyof typeof heights;
  /** How it failed, or that it does not. */
  onFailure: (failure: Failure | undefined) => void;
  /** Leads to where it failed; absent where that is not known. */
  onPlace: (() => void) | undefined;
}

/** What the expression gives on the sample that is shown, as one types. */
export function LiveResult({ text, input, height, onFailure, onPlace }: LiveResultProps) {
  const { t } = useTranslation();
  const shown = useResult(text, input);
  useEffect(() => onFailure(failureOf(shown)), [shown, onFailure]);
  const { item, sample, waiting } = input;
  const title = item && item.of > 1 ? t("expression.resultOf", { count: item.of, sample }) : t("expression.resultOn", { sample });
  return (
    <section className={classes.result} aria-label={title} aria-busy={waiting} data-testid="expression-result">
      {item ? (
        <>
          <h4 className="ol-clip" title={title}>
            {title}
          </h4>
          <ResultText shown={shown} height={height} onPlace={onPlace} />
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
    return outcome.kind === "expression" ? { kind: "result", text: job.text, result: outcome.result } : undefined;
  } catch (raw) {
    if (raw instanceof TookTooLong) return { kind: "tooLong", seconds: raw.seconds };
    return { kind: "result", text: job.text, result: { ok: false, message: raw instanceof Error ? raw.message : String(raw) } };
  }
}

function failureOf(shown: Shown): Failure | undefined {
  if (shown?.kind !== "result" || shown.result.ok) return undefined;
  const { message, position } = shown.result;
  return { text: shown.text, message, position };
}

function ResultText({ shown, height, onPlace }: { shown: Shown } & Pick<LiveResultProps, "height" | "onPlace">) {
  const { t } = useTranslation();
  if (!shown) return <p className="ol-dim">{t("expression.evaluating")}</p>;
  if (shown.kind === "tooLong") return <p data-tone="failed">{t("expression.tooLong", { seconds: shown.seconds })}</p>;
  const { result } = shown;
  if (!result.ok) return <Failed reason={result.message} onPlace={onPlace} />;
  const { value } = result;
  if (value === undefined) return <p title={t("expression.nothingHint")}>{t("expression.nothing")}</p>;
  if (typeof value !== "object" || value === null) return <p className="ol-mono">{JSON.stringify(value)}</p>;
  return <JsonView value={value} label={t("expression.result")} maxHeight={heights[height]} />;
}

function Failed({ reason, onPlace }: { reason: string; onPlace: LiveResultProps["onPlace"] }) {
  const { t } = useTranslation();
  const words = t("expression.failed", { reason });
  if (!onPlace) return <p data-tone="failed">{words}</p>;
  return (
    <p data-tone="failed">
      <button type="button" className={classes.place} onClick={onPlace} data-testid="failed-place">
        {words}
      </button>
    </p>
  );
}
