import {
  ArrowRightFromLine,
  ArrowRightLeft,
  ArrowRightToLine,
  Box,
  Braces,
  CalendarClock,
  Clock,
  Combine,
  CopyPlus,
  Filter,
  GitBranch,
  Globe,
  Layers,
  ListChecks,
  ListFilter,
  type LucideIcon,
  Mail,
  Merge,
  PenLine,
  Route,
  ScanSearch,
  Send,
  ShieldCheck,
  Shuffle,
  Split,
  Table,
  Timer,
  Webhook,
  Workflow,
} from "lucide-react";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { SystemBadge } from "../elements/SystemBadge.tsx";
import classes from "./card.module.css";

export type Category = NodeManifest["category"];

/** The sign of each kind, so that its colour never stands alone. */
export const kindIcons: Record<Category, LucideIcon> = {
  source: ArrowRightFromLine,
  transform: ArrowRightLeft,
  control: GitBranch,
  sink: ArrowRightToLine,
};

/** Icons that manifests may name; all of lucide would be a megabyte. */
const named: Record<string, LucideIcon> = {
  box: Box,
  braces: Braces,
  "calendar-clock": CalendarClock,
  clock: Clock,
  combine: Combine,
  "copy-plus": CopyPlus,
  filter: Filter,
  "git-branch": GitBranch,
  globe: Globe,
  layers: Layers,
  "list-checks": ListChecks,
  "list-filter": ListFilter,
  mail: Mail,
  merge: Merge,
  "pen-line": PenLine,
  route: Route,
  "scan-search": ScanSearch,
  send: Send,
  "shield-check": ShieldCheck,
  shuffle: Shuffle,
  split: Split,
  table: Table,
  timer: Timer,
  webhook: Webhook,
  workflow: Workflow,
};

interface NodeIconProps {
  manifest: NodeManifest | undefined;
  connector: ConnectorSummary | undefined;
  size?: number;
}

/** The system's badge for a connector's operation, the type's own icon otherwise. */
export function NodeIcon({ manifest, connector, size = 28 }: NodeIconProps) {
  if (connector) return <SystemBadge text={connector.badge.text} color={connector.badge.color} size={size} />;
  const Icon = (manifest && (named[manifest.icon] ?? kindIcons[manifest.category])) ?? Box;
  return (
    <span className={classes.icon} data-kind={manifest?.category} style={{ width: size, height: size }} aria-hidden>
      <Icon size={Math.round(size * 0.57)} strokeWidth={1.9} />
    </span>
  );
}
