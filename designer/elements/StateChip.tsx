import { Ban, CheckCircle2, CircleDashed, CircleDot, Clock, OctagonAlert, PauseCircle, RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { en } from "../i18n/en.ts";
import classes from "./elements.module.css";

export type State = keyof typeof en.state;

const tones = {
  done: CheckCircle2,
  failed: OctagonAlert,
  running: RotateCw,
  waiting: Clock,
  paused: PauseCircle,
  cancelled: Ban,
  quiet: CircleDashed,
  partial: CircleDot,
} as const;
type Tone = keyof typeof tones;

const toneOf: Record<State, Tone> = {
  RUNNING: "running",
  SUCCEEDED: "done",
  PARTIAL: "partial",
  DEAD: "failed",
  CANCELLED: "cancelled",
  READY: "waiting",
  CLAIMED: "running",
  DONE: "done",
  done: "done",
  failed: "failed",
  waiting: "waiting",
  notReached: "quiet",
  open: "failed",
  retried: "running",
  resolved: "done",
  active: "done",
  held: "paused",
  paused: "paused",
  authFailed: "failed",
  notAnswering: "failed",
  tried: "running",
  askedToWait: "waiting",
  atRate: "waiting",
};

/** A state as icon and word; the colour only repeats what both say. */
export function StateChip({ state }: { state: State }) {
  const { t } = useTranslation();
  const tone = toneOf[state];
  const Icon = tones[tone];
  return (
    <span className={classes.chip} data-tone={tone}>
      <Icon size={14} aria-hidden />
      {t(`state.${state}`)}
    </span>
  );
}
