import { Popover } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { NodeManifest } from "#schemas/manifest.ts";
import { say } from "../actions/say.ts";
import { ChooseList } from "../elements/ChooseList.tsx";
import { fits, type Spot } from "./adding.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Point } from "./editing.ts";
import { type Category, NodeIcon } from "./kinds.tsx";
import classes from "./layout.module.css";
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
            content: (
              <span className={classes.quickAddLine}>
                <NodeIcon manifest={manifest} connector={connector} size={24} />
                <span className="ol-clip">
                  {title}
                  <span className="ol-dim ol-small ol-clip" style={{ display: "block" }}>
                    {summary}
                  </span>
                </span>
              </span>
            ),
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
      </Popover.Dropdown>
    </Popover>
  );
}

const kinds: readonly Category[] = ["transform", "control", "sink", "source"];

/** What usually comes next first; of one kind the product's own types before each system's. */
const inOrder = (a: NodeManifest, b: NodeManifest): number =>
  kinds.indexOf(a.category) - kinds.indexOf(b.category) ||
  (a.connector ?? "").localeCompare(b.connector ?? "") ||
  a.title.localeCompare(b.title);
