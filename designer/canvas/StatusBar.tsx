import { CheckCircle2, ChevronDown, ChevronUp, CircleAlert, TriangleAlert } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowStatus } from "#schemas/api.ts";
import type { Problem } from "#schemas/problem.ts";
import { address } from "../app/address.ts";
import { count } from "../elements/numbers.ts";
import type { Catalogue } from "./catalogue.ts";
import classes from "./editor.module.css";

const ProblemList = lazy(() => import("./ProblemList.tsx"));

interface StatusBarProps {
  problems: readonly Problem[];
  status: { data: FlowStatus | undefined; error: Error | null };
  catalogue: Catalogue;
  /** Whether the list of problems is open. */
  listed: boolean;
  onListed: (listed: boolean) => void;
  onPlace: (place: { kind: "board" | "edge"; id: string }) => void;
}

/** Below the canvas: what is wrong with the drawing, and what ran in the last hour. */
export function StatusBar({ problems, catalogue, status, listed, onListed, onPlace }: StatusBarProps) {
  return (
    <>
      {listed && problems.length > 0 && (
        <Suspense>
          <ProblemList problems={problems} catalogue={catalogue} onPlace={onPlace} />
        </Suspense>
      )}
      <footer className={classes.statusBar}>
        <ProblemsToggle problems={problems} open={listed} onToggle={() => onListed(!listed)} />
        <span style={{ flex: 1 }} />
        <Numbers {...status} />
      </footer>
    </>
  );
}

function ProblemsToggle({ problems, open, onToggle }: { problems: readonly Problem[]; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  if (problems.length === 0) {
    return (
      <span className={classes.problemsToggle} data-testid="problems">
        <CheckCircle2 size={14} aria-hidden />
        {t("canvas.noProblems")}
      </span>
    );
  }
  const Chevron = open ? ChevronDown : ChevronUp;
  const parts = [errors && t("canvas.errors", { count: errors }), warnings && t("canvas.warnings", { count: warnings })];
  return (
    <button
      type="button"
      className={classes.problemsToggle}
      data-severity={errors > 0 ? "error" : "warning"}
      aria-expanded={open}
      onClick={onToggle}
      data-testid="problems"
    >
      {errors > 0 ? <CircleAlert size={14} aria-hidden /> : <TriangleAlert size={14} aria-hidden />}
      {parts.filter(Boolean).join(", ")}
      <Chevron size={14} aria-hidden />
    </button>
  );
}

function Numbers({ data, error }: StatusBarProps["status"]) {
  const { t } = useTranslation();
  if (error) return <span>{t("canvas.statusLost", { reason: error.message })}</span>;
  if (!data) return null;
  const { runs, environment, flow, openDeadLetters } = data;
  const to = address.runs(environment, flow);
  return (
    <>
      <span className={classes.lastHour}>{t("canvas.lastHour")}</span>
      {runs.running > 0 && <Link to={`${to}&state=RUNNING`}>{t("canvas.runsRunning", { count: runs.running })}</Link>}
      <Link to={to} className={classes.succeeded} data-testid="runs-succeeded">
        {t("canvas.runsSucceeded", { count: count(runs.succeeded) })}
      </Link>
      {runs.held > 0 && <Link to={to}>{t("canvas.runsHeld", { count: count(runs.held) })}</Link>}
      {openDeadLetters > 0 && (
        <Link to={address.exceptions(environment, flow)} data-tone="dead">
          {t("nav.openExceptions", { count: openDeadLetters })}
        </Link>
      )}
    </>
  );
}
