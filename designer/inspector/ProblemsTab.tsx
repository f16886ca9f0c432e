import { CheckCircle2, CornerDownLeft } from "lucide-react";
import type { Problem } from "#schemas/problem.ts";
import classes from "./inspector.module.css";
import { ProblemTexts } from "./ProblemText.tsx";
import { say } from "./say.ts";

interface ProblemsTabProps {
  /** Pointers begin at the node: `/config/expression`. */
  problems: readonly Problem[];
  onGo: (pointer: string) => void;
}

/** Everything that is wrong with a node, each with the way to its field. */
export function ProblemsTab({ problems, onGo }: ProblemsTabProps) {
  if (problems.length === 0) {
    return (
      <p className="ol-dim" style={{ display: "flex", gap: 8, alignItems: "center", margin: 0 }}>
        <CheckCircle2 size={16} color="var(--ol-done)" aria-hidden />
        {say("problems.none")}
      </p>
    );
  }
  return (
    <ul className={classes.problemList}>
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.pointer}`}>
          <ProblemTexts problems={[problem]} />
          {problem.pointer !== "" && (
            <button type="button" className={classes.go} onClick={() => onGo(problem.pointer)}>
              <CornerDownLeft size={12} aria-hidden />
              {say("problems.go")}
              <span className="ol-mono ol-dim">{problem.pointer}</span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
