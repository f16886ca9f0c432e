import { Button } from "@mantine/core";
import { useStore as useFlowStore } from "@xyflow/react";
import type { Action } from "../actions/actions.ts";
import { KeyCaps } from "../actions/KeyCaps.tsx";
import { type ActionId, say } from "../actions/say.ts";
import { Separator } from "../elements/Separator.tsx";
import panel from "../inspector/inspector.module.css";
import { PanelHead } from "../inspector/PanelHead.tsx";
import { useDraft } from "./draft.ts";
import { sayBeside } from "./sayBeside.ts";

interface SelectedPanelProps {
  actions: readonly Action[];
  width: number;
  onWidth: (width: number) => void;
  bounds: { least: number; most: number };
  onClose: () => void;
}

/** What is done to everything selected at once; the rest is in the menu. */
const shared: ReadonlySet<ActionId> = new Set([
  ...(["cut", "copy", "duplicate", "remove", "disable", "enable", "group", "ungroup", "fold", "unfold", "arrange"] as const),
  ...(["alignLeft", "alignCentre", "alignRight", "alignTop", "alignMiddle", "alignBottom"] as const),
  ...(["distributeAcross", "distributeDown", "zoomTo"] as const),
]);

/** The panel of several that are selected: how many of what, and what can be done with all of them. */
export function SelectedPanel({ actions, width, onWidth, bounds, onClose }: SelectedPanelProps) {
  // What an action needs is the draft and what is selected: when either changes, all are asked again.
  useDraft((state) => state.history);
  const [cards = 0, notes = 0, edges = 0] = useFlowStore(counts).split(" ").map(Number);
  const count = cards + notes + edges;
  if (count < 2) return null;
  const parts = [
    cards > 0 && sayBeside("selected.card", { count: cards }),
    notes > 0 && sayBeside("selected.note", { count: notes }),
    edges > 0 && sayBeside("selected.edge", { count: edges }),
  ].filter((part) => part !== false);
  const offered = actions.filter(({ id, applies }) => shared.has(id) && applies());
  const title = sayBeside("selected.title", { count });
  return (
    <>
      <Separator width={width} onWidth={onWidth} {...bounds} />
      <aside className={panel.panel} style={{ width }} aria-label={title} data-testid="selected-panel">
        <PanelHead onClose={onClose}>
          <h2>{title}</h2>
          <div className="ol-dim ol-small">{parts.join(", ")}</div>
        </PanelHead>
        <div className={panel.body}>
          {(["edit", "arrange", "view"] as const).map((section) => (
            <section key={section} className={panel.section}>
              <h3>{say(`section.${section}`)}</h3>
              {offered
                .filter((action) => action.section === section)
                .map(({ id, keys: [key], run }) => (
                  <Button
                    key={id}
                    variant="subtle"
                    color={id === "remove" ? "red" : "gray"}
                    fullWidth
                    justify="space-between"
                    rightSection={key && <KeyCaps of={key} />}
                    onClick={() => run()}
                    data-testid={`selected-${id}`}
                  >
                    {say(`action.${id}`)}
                  </Button>
                ))}
            </section>
          ))}
        </div>
      </aside>
    </>
  );
}

interface Drawn {
  nodes: readonly { type?: string | undefined; selected?: boolean | undefined }[];
  edges: readonly { selected?: boolean | undefined }[];
}

/** How many cards (groups among them), notes and edges are selected, as text: the same while they are. */
function counts({ nodes, edges }: Drawn): string {
  const selected = nodes.filter((node) => node.selected);
  const notes = selected.filter(({ type }) => type === "note").length;
  return [selected.length - notes, notes, edges.filter((edge) => edge.selected).length].join(" ");
}
