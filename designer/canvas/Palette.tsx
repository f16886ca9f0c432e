import { ActionIcon } from "@mantine/core";
import { PanelLeftClose } from "lucide-react";
import { type KeyboardEvent, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeManifest } from "#schemas/manifest.ts";
import { SearchField } from "../elements/SearchBox.tsx";
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
  useLayoutEffect(() => {
    if (focus.on === null || focus.asked === 0) return;
    // At once: what is typed before the search has the focus would go to the canvas.
    if (focus.on === "search") return panel.current?.querySelector("input")?.focus();
    setSearch("");
    // A frame later, when a search that hid the sources is gone.
    const frame = requestAnimationFrame(() =>
      panel.current?.querySelector<HTMLElement>("[data-category=source] button")?.focus(),
    );
    return () => cancelAnimationFrame(frame);
  }, [focus]);
  const first = categories.flatMap((category) => found.filter((one) => one.category === category))[0];
  return (
    <aside
      ref={panel}
      data-palette
      data-keys="own"
      className={classes.palette}
      aria-label={t("canvas.palette")}
      onKeyDown={(event) => {
        if (isSearched(event)) {
          event.preventDefault();
          setSearch(search + event.key);
          panel.current?.querySelector("input")?.focus();
        } else if (event.key !== "Enter") walk(event, panel.current);
        else if (event.target instanceof HTMLInputElement && search.trim() !== "" && first) onAdd(first.type);
      }}
    >
      <div className={classes.paletteHead}>
        <h2>{t("canvas.palette")}</h2>
        <ActionIcon aria-label={t("canvas.closePalette")} onClick={onClose}>
          <PanelLeftClose size={16} />
        </ActionIcon>
      </div>
      <div style={{ padding: "0 16px" }}>
        <SearchField label={t("canvas.paletteSearch")} value={search} onChange={setSearch} width="100%" />
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
            first={first}
          />
        ))}
      </div>
    </aside>
  );
}

/** What one types while a node type has the focus is meant for the search. */
const isSearched = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey && !(target instanceof HTMLInputElement);

/** Down from the search into the node types, on from one to the next, and back. */
function walk(event: KeyboardEvent, panel: HTMLElement | null): void {
  const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const stops = [...(panel?.querySelectorAll<HTMLElement>("input, [data-category] button") ?? [])];
  const at = stops.indexOf(event.target as HTMLElement);
  if (by === 0 || at < 0) return;
  event.preventDefault();
  stops[at + by]?.focus();
}

interface GroupProps {
  category: Category;
  types: NodeManifest[];
  /** The one at which Tab stops: from there on the arrow keys go. */
  first: NodeManifest | undefined;
  catalogue: Catalogue;
  onAdd: (type: string) => void;
}

function Group({ category, types, first, catalogue, onAdd }: GroupProps) {
  const { t } = useTranslation();
  if (types.length === 0) return null;
  const Icon = kindIcons[category];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields, and a region for what one looks for on a page
    <div role="group" aria-label={t(`kind.${category}`)} data-category={category}>
      <h3 className={classes.group} data-kind={category}>
        <Icon size={13} aria-hidden />
        {t(`kind.${category}`)}
      </h3>
      <ul>
        {types.map((manifest) => (
          <li key={manifest.type}>
            <TypeButton manifest={manifest} catalogue={catalogue} onAdd={onAdd} stop={manifest === first} />
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TypeButtonProps {
  manifest: NodeManifest;
  catalogue: Catalogue;
  onAdd: (type: string) => void;
  stop: boolean;
}

function TypeButton({ manifest, catalogue, onAdd, stop }: TypeButtonProps) {
  const { t } = useTranslation();
  const connector = manifest.connector === undefined ? undefined : catalogue.connectors.get(manifest.connector);
  return (
    <button
      type="button"
      className={classes.type}
      tabIndex={stop ? 0 : -1}
      draggable
      title={`${manifest.summary}\n\n${t("canvas.paletteHint")}`}
      data-testid={`palette-${manifest.type}`}
      onClick={() => onAdd(manifest.type)}
      onDragStart={(event) => {
        event.dataTransfer.setData(dragType, manifest.type);
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <NodeIcon manifest={manifest} connector={connector} />
      <span className={classes.typeWords}>
        {connector && <span className={classes.typeSystem}>{connector.title}</span>}
        <span className={classes.typeTitle}>
          {manifest.title} <AgeLabel manifest={manifest} connector={connector} />
        </span>
        <span className={classes.typeSummary}>{manifest.summary}</span>
      </span>
    </button>
  );
}
