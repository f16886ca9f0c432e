import { ArrowRightFromLine, ArrowRightLeft, ArrowRightToLine, Box, GitBranch, type LucideIcon } from "lucide-react";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { NodeManifest } from "#schemas/manifest.ts";
import { SystemBadge } from "../elements/SystemBadge.tsx";
import classes from "./card.module.css";
import { namedIcons } from "./icons.ts";

export type Category = NodeManifest["category"];

/** The sign of each kind, so that its colour never stands alone. */
export const kindIcons: Record<Category, LucideIcon> = {
  source: ArrowRightFromLine,
  transform: ArrowRightLeft,
  control: GitBranch,
  sink: ArrowRightToLine,
};

interface NodeIconProps {
  manifest: NodeManifest | undefined;
  connector: ConnectorSummary | undefined;
  size?: number;
}

/** The system's badge for a connector's operation, the type's own icon otherwise. */
export function NodeIcon({ manifest, connector, size = 28 }: NodeIconProps) {
  if (connector) return <SystemBadge text={connector.badge.text} color={connector.badge.color} size={size} />;
  const Icon = (manifest && (namedIcons[manifest.icon] ?? kindIcons[manifest.category])) ?? Box;
  return (
    <span className={classes.icon} data-kind={manifest?.category} style={{ width: size, height: size }} aria-hidden>
      <Icon size={Math.round(size * 0.57)} strokeWidth={1.9} />
    </span>
  );
}
