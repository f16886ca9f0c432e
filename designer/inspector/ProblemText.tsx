import { CircleAlert, TriangleAlert } from "lucide-react";
import type { Problem } from "#schemas/problem.ts";
import classes from "./inspector.module.css";

/** The sentences of some problems, at the field they are about. */
export function ProblemTexts({ problems }: { problems: readonly Problem[] }) {
  return problems.map((problem) => {
    const Icon = problem.severity === "error" ? CircleAlert : TriangleAlert;
    return (
      <div key={`${problem.code} ${problem.pointer}`} className={classes.problem} data-severity={problem.severity}>
        <Icon size={14} aria-hidden />
        <span>
          {problem.message} {problem.hint}
        </span>
      </div>
    );
  });
}
