import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { t } from "i18next";
import { CheckCircle2, CircleAlert, Clock, OctagonAlert, Pin, Plus, RotateCw, TimerReset, TriangleAlert } from "lucide-react";
import { memo } from "react";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { FlowNode } from "#schemas/flow.ts";
import type { NodeManifest, Port } from "#schemas/manifest.ts";
import { outputPorts } from "#schemas/ports.ts";
import { say } from "../actions/say.ts";
import { Label } from "../elements/Label.tsx";
import { count } from "../elements/numbers.ts";
import { StateChip } from "../elements/StateChip.tsx";
import type { Spot } from "./adding.ts";
import classes from "./card.module.css";
import { useEditingHere } from "./editing.ts";
import { useEmphasis } from "./hand.ts";
import { kindIcons, NodeIcon } from "./kinds.tsx";
import { type NodeLive, useNodeLive } from "./live.ts";
import { summaryOf } from "./summary.ts";

export interface CardData extends Record<string, unknown> {
  node: FlowNode;
  manifest: NodeManifest | undefined;
  connector: ConnectorSummary | undefined;
  errors: number;
  warnings: number;
  /** Ports that no edge joins: `in:in out:otherwise`. */
  openPorts: string;
  readOnly: boolean;
}

export type CardNode = Node<CardData, "card">;

/** A node on the canvas: who it is, what it does, its ports, and what happens there right now. */
export const NodeCard = memo(function NodeCard({ data, selected }: NodeProps<CardNode>) {
  const { node, manifest, connector, readOnly } = data;
  const live = useNodeLive(node.id);
  const emphasis = useEmphasis(node.id);
  const name = node.name ?? manifest?.title ?? node.type;
  const KindIcon = manifest && kindIcons[manifest.category];
  const summary = manifest ? summaryOf(node, manifest, connector?.title) : t("canvas.unknownType", { type: node.type });
  return (
    <div
      className={classes.card}
      data-testid={`node-${node.id}`}
      data-kind={manifest?.category}
      data-selected={selected || undefined}
      data-disabled={node.disabled || undefined}
      data-emphasis={emphasis}
      data-run={live?.kind === "run" ? live.status : undefined}
      data-change={live?.kind === "change" ? live.change : undefined}
    >
      <ProblemBadge errors={data.errors} warnings={data.warnings} />
      <div className={classes.head}>
        <NodeIcon manifest={manifest} connector={connector} />
        <div className={classes.words}>
          <div className={classes.name} title={name}>
            {name}
          </div>
          <div className={classes.summary} title={summary}>
            {summary}
          </div>
        </div>
        {KindIcon && manifest && (
          <span className={classes.kind} title={t(`kind.${manifest.category}`)}>
            <KindIcon size={14} aria-hidden />
          </span>
        )}
      </div>
      <Ports
        node={node.id}
        inputs={manifest?.inputs ?? []}
        outputs={manifest ? outputPorts(manifest, node) : []}
        open={data.openPorts}
        readOnly={readOnly}
      />
      <Status id={node.id} live={live} disabled={node.disabled ?? false} readOnly={readOnly} />
    </div>
  );
});

interface PortsProps {
  node: string;
  inputs: Port[];
  outputs: Port[];
  open: string;
  readOnly: boolean;
}

function Ports({ node, inputs, outputs, open, readOnly }: PortsProps) {
  const distinct = outputs.filter(({ name }, at) => outputs.findIndex((port) => port.name === name) === at);
  const opens = open.split(" ");
  return (
    <div className={classes.ports}>
      <div>
        {inputs.map(({ name, title }) => (
          <div key={name} className={classes.port}>
            <Handle
              type="target"
              position={Position.Left}
              id={name}
              isConnectable={!readOnly}
              title={t("canvas.input", { title })}
            />
            {opens.includes(`in:${name}`) && <AddHere spot={{ kind: "input", node, port: name }} title={title} />}
            <span title={title}>{title}</span>
          </div>
        ))}
      </div>
      <div>
        {distinct.map(({ name, title }) => (
          <div key={name} className={classes.port} data-side="out">
            <span title={title}>{title}</span>
            <Handle
              type="source"
              position={Position.Right}
              id={name}
              isConnectable={!readOnly}
              title={t("canvas.output", { title })}
            />
            {opens.includes(`out:${name}`) && <AddHere spot={{ kind: "output", node, port: name }} title={title} />}
          </div>
        ))}
      </div>
    </div>
  );
}

/** Beside a port that no edge joins, while its card is under the pointer. The keyboard adds by its own key. */
function AddHere({ spot, title }: { spot: Spot; title: string }) {
  const editing = useEditingHere();
  const label = say(spot.kind === "input" ? "quickAdd.before" : "quickAdd.behind", { port: title });
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`nodrag nopan ${classes.addHere}`}
      data-side={spot.kind}
      title={label}
      aria-label={label}
      onClick={(event) => editing?.onQuickAdd(spot, event)}
    >
      <Plus size={12} aria-hidden />
    </button>
  );
}

export function ProblemBadge({ errors, warnings }: { errors: number; warnings: number }) {
  if (errors + warnings === 0) return null;
  const severity = errors > 0 ? "error" : "warning";
  const Icon = errors > 0 ? CircleAlert : TriangleAlert;
  return (
    <span className={classes.problem} data-severity={severity} title={t("canvas.problems", { count: errors + warnings })}>
      <Icon size={12} aria-hidden />
      {errors + warnings}
    </span>
  );
}

interface StatusProps {
  id: string;
  live: NodeLive | undefined;
  disabled: boolean;
  readOnly: boolean;
}

function Status({ id, live, disabled, readOnly }: StatusProps) {
  if (live?.kind === "change") {
    return (
      <div className={classes.status}>
        <Label>{t(`publish.change.${live.change}`)}</Label>
      </div>
    );
  }
  if (live?.kind === "run") {
    return (
      <div className={classes.status}>
        <StateChip state={live.status} />
        {live.pinned && (
          <span className={classes.tally} title={t("preview.answerPinned")} data-testid={`node-pinned-${id}`}>
            <Pin size={12} aria-hidden />
            {t("preview.pinned")}
          </span>
        )}
        {live.reason && (
          <span className={classes.reason} title={live.reason}>
            {live.reason}
          </span>
        )}
      </div>
    );
  }
  const { done = 0, running = 0, waiting = 0, retrying = 0, dead = 0 } = live ?? {};
  // A run whose trace is still on its way has not nothing to say: it says nothing yet.
  const idle = !readOnly && done + running + waiting + retrying + dead === 0;
  return (
    <div className={classes.status}>
      {disabled && <span>{t("canvas.disabled")}</span>}
      {idle && !disabled && <span>{t("canvas.idle")}</span>}
      <Tally tone="done" icon={CheckCircle2} value={done} text="canvas.countDone" id={`node-count-${id}`} />
      <Tally tone="running" icon={RotateCw} value={running} text="canvas.countRunning" />
      <Tally tone="waiting" icon={Clock} value={waiting} text="canvas.countWaiting" />
      <Tally tone="waiting" icon={TimerReset} value={retrying} text="canvas.countRetrying" />
      <Tally tone="dead" icon={OctagonAlert} value={dead} text="canvas.countDead" id={`node-dead-${id}`} />
    </div>
  );
}

interface TallyProps {
  tone: string;
  icon: typeof Clock;
  value: number;
  text: `canvas.count${"Done" | "Running" | "Waiting" | "Retrying" | "Dead"}`;
  id?: string;
}

/** One count with its sign; nothing, and no word looked up, when there is nothing to count. */
function Tally({ tone, icon: Icon, value, text, id }: TallyProps) {
  if (value === 0) return null;
  const said = t(text, { count: value });
  return (
    <span className={classes.tally} data-tone={tone} title={said} data-testid={id}>
      <Icon size={13} aria-label={said} />
      {count(value)}
    </span>
  );
}
