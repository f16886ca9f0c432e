import { CircleAlert, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Problem } from "#schemas/problem.ts";
import type { Catalogue } from "./catalogue.ts";
import { selectFlow, useDraft } from "./draft.ts";
import classes from "./editor.module.css";
import { nodeNames } from "./names.ts";
import { inWords } from "./problemWords.ts";

interface ProblemListProps {
  problems: readonly Problem[];
  catalogue: Catalogue;
  onPlace: (place: { kind: "board" | "edge"; id: string }) => void;
}

/** What is wrong with the drawing, in its words; a press leads to the place. */
export default function ProblemList({ problems, catalogue, onPlace }: ProblemListProps) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const nodeName = nodeNames(flow.nodes, catalogue.manifests);
  const name = (problem: Problem) => {
    if (problem.node) return nodeName(problem.node);
    const edge = flow.edges.find(({ id }) => id === problem.edge);
    return edge ? `${nodeName(edge.from.node)} → ${nodeName(edge.to.node)}` : (problem.edge ?? flow.name);
  };
  return (
    <ul className={classes.problems} aria-label={t("canvas.problemsTitle")}>
      {inWords(problems, flow, catalogue).map((problem) => (
        <li key={`${problem.code} ${problem.pointer}`}>
          <button
            type="button"
            className={classes.problemLine}
            onClick={() => {
              if (problem.node) onPlace({ kind: "board", id: problem.node });
              else if (problem.edge) onPlace({ kind: "edge", id: problem.edge });
            }}
          >
            {problem.severity === "error" ? (
              <CircleAlert size={14} color="var(--ol-failed)" aria-hidden />
            ) : (
              <TriangleAlert size={14} color="var(--ol-waiting)" aria-hidden />
            )}
            <strong style={{ fontWeight: 500 }} title={problem.node ?? problem.edge}>
              {name(problem)}
            </strong>
            <span>
              {problem.message} {problem.hint && <span className="ol-dim">{problem.hint}</span>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
