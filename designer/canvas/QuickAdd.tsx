import { Popover } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { say } from "../actions/say.ts";
import { ChooseList } from "../elements/ChooseList.tsx";
import { FirstFocus } from "../elements/FirstFocus.tsx";
import { fits, type Spot } from "./adding.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Point } from "./editing.ts";
import { byKind, NodeChoice } from "./NodeChoice.tsx";
import { PointTarget } from "./PointTarget.tsx";

export interface QuickAddWish {
  spot: Spot;
  at: Point;
}

interface QuickAddProps extends QuickAddWish {
  catalogue: Catalogue;
  onAdd: (type: string) => void;
  onClose: () => void;
}

/** Which node is to be added here: only what fits, found by typing. */
export function QuickAdd({ spot, at, catalogue, onAdd, onClose }: QuickAddProps) {
  const { t } = useTranslation();
  const items = useMemo(
    () =>
      [...catalogue.manifests.values()]
        .filter((manifest) => fits(manifest, spot))
        .sort(inOrder)
        .map((manifest) => {
          const connector = manifest.connector === undefined ? undefined : catalogue.connectors.get(manifest.connector);
          const { type, title, summary, keywords, category } = manifest;
          return {
            value: type,
            text: [type, title, summary, connector?.title ?? "", ...keywords].join(" "),
            group: t(`kind.${category}`),
            content: <NodeChoice manifest={manifest} connector={connector} />,
          };
        }),
    [catalogue, spot, t],
  );
  return (
    <Popover opened onDismiss={onClose} onClose={onClose} position="right-start" width={320} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <PointTarget at={at} label={say("quickAdd.title")} />
      </Popover.Target>
      <Popover.Dropdown aria-label={say("quickAdd.title")} p={12} data-testid="quick-add">
        <ChooseList
          label={say("quickAdd.search")}
          items={items}
          none={(query) => say("quickAdd.none", { query })}
          onChoose={onAdd}
          testId="quick"
        />
        <FirstFocus />
      </Popover.Dropdown>
    </Popover>
  );
}

/** What usually comes next first. */
const inOrder = byKind(["transform", "control", "sink", "source"]);
