import { ActionIcon } from "@mantine/core";
import { PanelLeftClose } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeManifest } from "#schemas/manifest.ts";
import { SearchBox } from "../elements/SearchBox.tsx";
import { AgeLabel } from "./AgeLabel.tsx";
import { dragType } from "./Board.tsx";
import type { Catalogue } from "./catalogue.ts";
import classes from "./editor.module.css";
import { type Category, kindIcons, NodeIcon } from "./kinds.tsx";

const categories: Category[] = ["source", "transform", "control", "sink"];

/** True when every word of the search is found in what the node type says of itself. */
export function matches(manifest: NodeManifest, search: string): boolean {
  const { type, title, summary, keywords, connector = "" } = manifest;
  const text = [type, title, summary, connector, ...keywords].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The product's own types first, then each system's; by title. */
const inOrder = (a: NodeManifest, b: NodeManifest): number =>
  (a.connector ?? "").localeCompare(b.connector ?? "") || a.title.localeCompare(b.title);

interface PaletteProps {
  catalogue: Catalogue;
  onAdd: (type: string) => void;
  onClose: () => void;
  focus: PaletteFocus;
}

/** Where the keyboard is to go, and how often that was asked: the same wish twice is two wishes. */
export interface PaletteFocus {
  on: "search" | "source" | null;
  asked: number;
}

/** The node types by kind, to drag onto the canvas or to add with a click. */
export function Palette({ catalogue, onAdd, onClose, focus }: PaletteProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useState("");
  const found = [...catalogue.manifests.values()].filter((manifest) => matches(manifest, search)).sort(inOrder);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (focus.on === null || focus.asked === 0) return;
    if (focus.on === "source") setSearch("");
    const place = focus.on === "search" ? "input" : "[data-category=source] button";
    // A frame later, when a search that hid the sources is gone.
    const frame = requestAnimationFrame(() => panel.current?.querySelector<HTMLElement>(place)?.focus());
    return () => cancelAnimationFrame(frame);
  }, [focus]);
  return (
    <aside ref={panel} data-palette className={classes.palette} aria-label={t("canvas.palette")}>
      <div className={classes.paletteHead}>
        <h2>{t("canvas.palette")}</h2>
        <ActionIcon aria-label={t("canvas.closePalette")} onClick={onClose}>
          <PanelLeftClose size={16} />
        </ActionIcon>
      </div>
      <div style={{ padding: "0 16px" }}>
        <SearchBox label={t("canvas.paletteSearch")} value={search} onChange={setSearch} width="100%" />
      </div>
      <div className={classes.paletteList}>
        {found.length === 0 && <p className="ol-dim ol-small">{t("canvas.paletteNone", { query: search })}</p>}
        {categories.map((category) => (
          <Group
            key={category}
            category={category}
            catalogue={catalogue}
            onAdd={onAdd}
            types={found.filter((one) => one.category === category)}
          />
        ))}
      </div>
    </aside>
  );
}

interface GroupProps {
  category: Category;
  types: NodeManifest[];
  catalogue: Catalogue;
  onAdd: (type: string) => void;
}

function Group({ category, types, catalogue, onAdd }: GroupProps) {
  const { t } = useTranslation();
  if (types.length === 0) return null;
  const Icon = kindIcons[category];
  return (
    <section aria-label={t(`kind.${category}`)} data-category={category}>
      <h3 className={classes.group} data-kind={category}>
        <Icon size={13} aria-hidden />
        {t(`kind.${category}`)}
      </h3>
      <ul>
        {types.map((manifest) => (
          <li key={manifest.type}>
            <TypeButton manifest={manifest} catalogue={catalogue} onAdd={onAdd} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function TypeButton({
  manifest,
  catalogue,
  onAdd,
}: {
  manifest: NodeManifest;
  catalogue: Catalogue;
  onAdd: (type: string) => void;
}) {
  const { t } = useTranslation();
  const connector = manifest.connector === undefined ? undefined : catalogue.connectors.get(manifest.connector);
  return (
    <button
      type="button"
      className={classes.type}
      draggable
      title={t("canvas.paletteHint")}
      data-testid={`palette-${manifest.type}`}
      onClick={() => onAdd(manifest.type)}
      onDragStart={(event) => {
        event.dataTransfer.setData(dragType, manifest.type);
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <NodeIcon manifest={manifest} connector={connector} />
      <span className={classes.typeWords}>
        <span className={classes.typeTitle}>
          {manifest.title} <AgeLabel manifest={manifest} connector={connector} />
        </span>
        <span className={classes.typeSummary}>{manifest.summary}</span>
      </span>
    </button>
  );
}
