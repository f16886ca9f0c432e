import { Modal, Switch } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeManifest } from "#schemas/manifest.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import type { Category } from "../canvas/kinds.tsx";
import { byKind, NodeChoice } from "../canvas/NodeChoice.tsx";
import { ChooseList } from "../elements/ChooseList.tsx";
import { say } from "./say.ts";

interface AddDialogProps {
  catalogue: Catalogue;
  /** The name of the node behind which the new one is to come; null where none lets anything out. */
  behind: string | null;
  onAdd: (manifest: NodeManifest, behind: boolean) => void;
  onClose: () => void;
}

const kinds = ["source", "transform", "control", "sink"] as const;

/** A node type to add, found by what it is called and what it says of itself. */
export function AddDialog({ catalogue, behind, onAdd, onClose }: AddDialogProps) {
  const { t } = useTranslation();
  const [follows, setFollows] = useState(true);
  const items = useMemo(() => {
    const all = [...catalogue.manifests.values()];
    // What comes first is what is meant most often: sources where there is nothing to follow, else what can follow.
    const order: readonly Category[] = behind === null ? kinds : [...kinds.slice(1), "source"];
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
  }, [catalogue, behind, t]);
  return (
    <Modal
      opened
      onClose={onClose}
      title={say("outline.addTitle")}
      closeButtonProps={{ "aria-label": t("common.close") }}
      returnFocus={false}
    >
      <ChooseList
        label={say("outline.addSearch")}
        items={items}
        none={(query) => say("outline.addNone", { query })}
        onChoose={(type) => {
          const manifest = catalogue.manifests.get(type);
          if (manifest) onAdd(manifest, follows);
        }}
        testId="type"
      />
      {behind !== null && (
        <Switch
          mt={12}
          label={say("outline.addBehind", { name: behind })}
          description={say("outline.addBehindHint")}
          checked={follows}
          onChange={(event) => setFollows(event.currentTarget.checked)}
        />
      )}
    </Modal>
  );
}
