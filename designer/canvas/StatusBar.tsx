import { CheckCircle2, ChevronDown, ChevronUp, CircleAlert, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowStatus } from "#schemas/api.ts";
import type { Problem } from "#schemas/problem.ts";
import { address } from "../app/address.ts";
import { count } from "../elements/numbers.ts";
import { selectFlow, useDraft } from "./draft.ts";
import classes from "./editor.module.css";

interface StatusBarProps {
  problems: readonly Problem[];
  status: { data: FlowStatus | undefined; error: Error | null };
  onNode: (id: string) => void;
}

/** Below the canvas: what is wrong with the drawing, and what ran in the last hour. */
export function StatusBar({ problems, status, onNode }: StatusBarProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      {open && problems.length > 0 && <Problems problems={problems} onNode={onNode} />}
      <footer className={classes.statusBar}>
        <ProblemsToggle problems={problems} open={open} onToggle={() => setOpen(!open)} />
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

function Problems({ problems, onNode }: { problems: readonly Problem[]; onNode: (id: string) => void }) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const name = (problem: Problem) =>
    flow.nodes.find(({ id }) => id === problem.node)?.name ?? problem.node ?? problem.edge ?? flow.name;
  return (
    <ul className={classes.problems} aria-label={t("canvas.problemsTitle")}>
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.pointer}`}>
          <button type="button" className={classes.problemLine} onClick={() => problem.node && onNode(problem.node)}>
            {problem.severity === "error" ? (
              <CircleAlert size={14} color="var(--ol-failed)" aria-hidden />
            ) : (
              <TriangleAlert size={14} color="var(--ol-waiting)" aria-hidden />
            )}
            <strong style={{ fontWeight: 500 }}>{name(problem)}</strong>
            <span>
              {problem.message} {problem.hint && <span className="ol-dim">{problem.hint}</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
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
      <span>{t("canvas.lastHour")}</span>
      {runs.running > 0 && <Link to={`${to}&state=RUNNING`}>{t("canvas.runsRunning", { count: runs.running })}</Link>}
      <Link to={to} data-testid="runs-succeeded">
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
