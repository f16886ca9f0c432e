import { Check, CheckCircle2, ChevronDown, ChevronRight, CircleAlert, CornerDownRight, TriangleAlert } from "lucide-react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { FlowNode } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { NodeIcon } from "../canvas/kinds.tsx";
import { useEdgeLive, useNodeLive } from "../canvas/live.ts";
import { titleOf } from "../canvas/names.ts";
import { summaryOf } from "../canvas/summary.ts";
import { Label } from "../elements/Label.tsx";
import classes from "./outline.module.css";
import type { EdgeRow, FreeRow, NodeRow } from "./rows.ts";
import { say } from "./say.ts";

interface NodeLineProps {
  row: NodeRow;
  /** How many nodes there are. */
  of: number;
  catalogue: Catalogue;
  from: string;
  to: string;
  problems: readonly Problem[];
  open: boolean;
  /** The row that the arrow keys stand on. */
  current: boolean;
  selected: boolean;
  /** Whether it is among the rows to which something is to be done. */
  chosen: boolean;
  /** The field in which the name is typed, while it is. */
  renaming: ReactNode;
  onFold: (id: string) => void;
}

/** A row takes the focus itself: Tab stops at the current one alone. */
export const stop = (current: boolean) => ({ tabIndex: current ? 0 : -1 });

/** What the eye sees of a row that is chosen, beside its colour. */
export const Chosen = ({ chosen }: { chosen: boolean }) =>
  chosen ? <Check size={14} className={classes.chosen} aria-hidden /> : null;

/** A node: who it is, what it does, between which others it stands, and what is wrong with it. */
export const NodeLine = memo(function NodeLine(props: NodeLineProps) {
  const { t } = useTranslation();
  const { row, of, catalogue, from, to, problems, open, current, selected, chosen, renaming, onFold } = props;
  const { node } = row;
  const manifest = catalogue.manifests.get(node.type);
  const connector = manifest?.connector === undefined ? undefined : catalogue.connectors.get(manifest.connector);
  const name = titleOf(node, catalogue.manifests);
  const Chevron = open ? ChevronDown : ChevronRight;
  return (
    <tr
      className={classes.row}
      aria-level={1}
      aria-posinset={row.place}
      aria-setsize={of}
      {...(row.below > 0 ? { "aria-expanded": open } : {})}
      aria-selected={selected || chosen}
      {...stop(current)}
      data-row={row.key}
      data-disabled={node.disabled || undefined}
      data-testid={`outline-${node.id}`}
    >
      <td>
        <div className={classes.name}>
          {row.below > 0 ? (
            <button
              type="button"
              className={`ol-icon ${classes.fold}`}
              tabIndex={-1}
              aria-label={say(open ? "outline.fold" : "outline.unfold", { name })}
              onClick={(event) => {
                event.stopPropagation();
                onFold(node.id);
              }}
            >
              <Chevron size={14} aria-hidden />
            </button>
          ) : (
            <span className={`ol-icon ${classes.fold}`} />
          )}
          <NodeIcon manifest={manifest} connector={connector} size={24} />
          {renaming ?? <strong className="ol-clip">{name}</strong>}
          {node.disabled && <Label>{t("canvas.disabled")}</Label>}
          <Chosen chosen={chosen} />
        </div>
      </td>
      <td data-does>
        <span className={classes.does}>
          {manifest && <span className="ol-dim">{t(`kind.${manifest.category}`)} · </span>}
          {manifest ? summaryOf(node, manifest, connector?.title) : t("canvas.unknownType", { type: node.type })}
        </span>
      </td>
      <td data-from>{from}</td>
      <td>{to}</td>
      <td className="ol-number" data-wide>
        <Counts id={node.id} />
      </td>
      <td>
        <Problems problems={problems} />
      </td>
    </tr>
  );
});

function Counts({ id }: { id: string }) {
  const { t } = useTranslation();
  const live = useNodeLive(id);
  if (live?.kind !== "counts") return null;
  const { done, running, waiting, retrying, dead } = live;
  const parts = [
    done > 0 && t("canvas.countDone", { count: done }),
    running > 0 && t("canvas.countRunning", { count: running }),
    waiting > 0 && t("canvas.countWaiting", { count: waiting }),
    retrying > 0 && t("canvas.countRetrying", { count: retrying }),
    dead > 0 && t("canvas.countDead", { count: dead }),
  ].filter((part) => part !== false);
  return parts.length === 0 ? <span className="ol-dim">{t("canvas.idle")}</span> : parts.join(", ");
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  const { t } = useTranslation();
  const [first] = problems;
  if (!first)
    return (
      <span className={classes.sound}>
        <CheckCircle2 size={14} aria-hidden />
        {say("outline.noProblem")}
      </span>
    );
  const wrong = problems.some(({ severity }) => severity === "error");
  const Icon = wrong ? CircleAlert : TriangleAlert;
  return (
    <span className={classes.problem} data-severity={wrong ? "error" : "warning"}>
      <Icon size={14} aria-hidden />
      <span>
        {problems.length > 1 && <>{t("canvas.problems", { count: problems.length })}: </>}
        {first.message}
      </span>
    </span>
  );
}

interface LeafLineProps {
  row: EdgeRow | FreeRow;
  /** How many rows its node is unfolded to. */
  of: number;
  /** The node an edge leads to. */
  target: FlowNode | undefined;
  /** The input it leads to, where that node has several. */
  input: string | null;
  /** What is written on an edge. */
  label: string;
  catalogue: Catalogue;
  problems: readonly Problem[];
  current: boolean;
  selected: boolean;
  /** The field in which the label is typed, while it is. */
  renaming: ReactNode;
}

/** An edge, or an output that leads nowhere yet. */
export const LeafLine = memo(function LeafLine(props: LeafLineProps) {
  const { row, of, target, input, label, catalogue, problems, current, selected, renaming } = props;
  const aim = target && titleOf(target, catalogue.manifests);
  const name = (aim && input ? say("outline.input", { name: aim, port: input }) : aim) ?? "";
  const port = row.port.title;
  const said =
    row.kind === "edge" ? say("outline.edgeTo", { port, name: name || row.edge.to.node }) : say("outline.free", { port });
  return (
    <tr
      className={classes.row}
      aria-level={2}
      aria-posinset={row.place}
      aria-setsize={of}
      aria-selected={selected}
      aria-label={label === "" ? said : `${said} ${say("outline.labelled", { label })}`}
      {...stop(current)}
      data-row={row.key}
      data-testid={row.kind === "edge" ? `outline-edge-${row.edge.id}` : `outline-free-${row.node.id}-${row.port.name}`}
    >
      <td>
        <div className={classes.leaf} data-free={row.kind === "free" || undefined}>
          <CornerDownRight size={14} aria-hidden />
          {port}
          {renaming ?? (label !== "" && <span className="ol-clip">{say("outline.labelled", { label })}</span>)}
        </div>
      </td>
      <td data-does />
      <td data-from />
      <td>{row.kind === "edge" ? name || row.edge.to.node : <span className="ol-dim">{say("outline.nowhere")}</span>}</td>
      <td className="ol-number" data-wide>
        {row.kind === "edge" && <Crossed id={row.edge.id} />}
      </td>
      <td>{problems.length > 0 && <Problems problems={problems} />}</td>
    </tr>
  );
});

function Crossed({ id }: { id: string }) {
  const live = useEdgeLive(id);
  return live && live.count > 0 ? say("outline.crossed", { count: live.count }) : null;
}
