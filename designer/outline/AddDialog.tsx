import { Radio, Stack } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeManifest } from "#schemas/manifest.ts";
import { fits, type Spot } from "../canvas/adding.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import type { Category } from "../canvas/kinds.tsx";
import { byKind, NodeChoice } from "../canvas/NodeChoice.tsx";
import { ChooseList } from "../elements/ChooseList.tsx";
import { Dialog } from "../elements/Dialog.tsx";
import type { Joining } from "./add.ts";
import { say } from "./say.ts";

interface AddDialogProps {
  catalogue: Catalogue;
  /** How the new node may stand to the current row; the first is meant unless another is chosen. */
  joinings: readonly Joining[];
  /** What the current row is called. */
  name: string;
  onAdd: (manifest: NodeManifest, spot: Spot) => void;
  onClose: () => void;
}

const kinds = ["source", "transform", "control", "sink"] as const;

/** A node type to add, found by what it is called and what it says of itself; only what fits there. */
export function AddDialog({ catalogue, joinings, name, onAdd, onClose }: AddDialogProps) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const { way, spot } = joinings[at] ?? { way: "alone", spot: { kind: "free" as const } };
  const items = useMemo(() => {
    // Behind a node a source may be meant all the same: it stands on its own.
    const all = [...catalogue.manifests.values()].filter((one) => way === "behind" || fits(one, spot));
    // What comes first is what is meant most often: sources where there is nothing to follow, else what can follow.
    const order: readonly Category[] = way === "alone" ? kinds : [...kinds.slice(1), "source"];
    return all.sort(byKind(order)).map((manifest) => {
      const connector = catalogue.connectors.get(manifest.connector ?? "");
      const { type, title, summary, keywords, category } = manifest;
      return {
        value: type,
        text: [title, type, summary, connector?.title ?? "", ...keywords].join(" "),
        group: t(`kind.${category}`),
        content: <NodeChoice manifest={manifest} connector={connector} />,
      };
    });
  }, [catalogue, way, spot, t]);
  return (
    <Dialog onClose={onClose} title={say("outline.addTitle")} returnFocus={false}>
      <ChooseList
        label={say("outline.addSearch")}
        items={items}
        none={(query) => say("outline.addNone", { query })}
        onChoose={(type) => {
          const manifest = catalogue.manifests.get(type);
          if (manifest) onAdd(manifest, spot);
        }}
        testId="type"
      />
      {joinings.length > 1 && (
        <Radio.Group
          mt={12}
          label={say("outline.addWhere")}
          value={`${at}`}
          onChange={(value) => setAt(Number(value))}
          data-testid="add-where"
        >
          <Stack gap={8} mt={4}>
            {joinings.map((one, index) => (
              <Radio
                key={one.way}
                value={`${index}`}
                label={say(`joining.${one.way}`, { name })}
                {...(one.way === "behind" ? { description: say("outline.addBehindHint") } : {})}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
    </Dialog>
  );
}
