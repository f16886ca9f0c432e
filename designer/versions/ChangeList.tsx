import { useTranslation } from "react-i18next";
import type { LockChange } from "#nodes/lockDiff.ts";
import type { Change, FlowDiff } from "#schemas/diff.ts";
import type { Flow } from "#schemas/flow.ts";
import { useCatalogue } from "../canvas/catalogue.ts";
import { nodeNames } from "../canvas/names.ts";
import { Label } from "../elements/Label.tsx";
import sides from "../elements/sides.module.css";
import type { Mark } from "./overlay.ts";
import classes from "./versions.module.css";
import "../exceptions/texts.ts";
import "./texts.ts";

/** Fields shown of one thing; whoever rewrites a mapping reads the mapping. */
const most = 20;

interface ChangeListProps {
  diff: FlowDiff;
  locks: LockChange[];
  before: Flow;
  after: Flow;
  /** Where there is a canvas that a node can be shown on. */
  onNode?: (node: string) => void;
}

/** Every field that differs between two versions, by node, edge, slot and connector. */
export function ChangeList({ diff, locks, before, after, onNode }: ChangeListProps) {
  const { t } = useTranslation();
  const { nodes, edges, slots, meta } = diff;
  const catalogue = useCatalogue();
  const nameOf = nodeNames([...before.nodes, ...after.nodes], catalogue.data?.manifests ?? new Map());
  const open = (id: string) => onNode && (() => onNode(id));
  const port = ({ node, port: name }: { node: string; port: string }) => `${nameOf(node)}.${name}`;
  return (
    <ul className={classes.changes} data-testid="version-changes">
      {meta.length > 0 && <Changed what={t("versions.flow")} mark="changed" changes={meta} />}
      {nodes.added.map(({ id }) => (
        <Changed key={id} what={nameOf(id)} sort={t("versions.node")} mark="added" onOpen={open(id)} />
      ))}
      {nodes.removed.map(({ id }) => (
        <Changed key={id} what={nameOf(id)} sort={t("versions.node")} mark="removed" onOpen={open(id)} />
      ))}
      {nodes.changed.map(({ id, changes }) => (
        <Changed key={id} what={nameOf(id)} sort={t("versions.node")} mark="changed" changes={changes} onOpen={open(id)} />
      ))}
      {edges.added.map(({ id, from, to }) => (
        <Changed key={id} what={`${port(from)} → ${port(to)}`} sort={t("versions.edge")} mark="added" />
      ))}
      {edges.removed.map(({ id, from, to }) => (
        <Changed key={id} what={`${port(from)} → ${port(to)}`} sort={t("versions.edge")} mark="removed" />
      ))}
      {slots.added.map(({ name }) => (
        <Changed key={name} what={name} sort={t("versions.slot")} mark="added" />
      ))}
      {slots.removed.map(({ name }) => (
        <Changed key={name} what={name} sort={t("versions.slot")} mark="removed" />
      ))}
      {slots.changed.map(({ id, changes }) => (
        <Changed key={id} what={id} sort={t("versions.slot")} mark="changed" changes={changes} />
      ))}
      {locks.map(({ kind, name, change, before: old, after: now, changes }) => (
        <Changed
          key={`${kind} ${name}`}
          what={[name, old === now ? now : [old, now].filter((text) => text !== null).join(" → ")].filter(Boolean).join(" ")}
          sort={t(`versions.lock.${kind}`)}
          mark={change}
          changes={changes}
        />
      ))}
    </ul>
  );
}

interface ChangedProps {
  what: string;
  sort?: string;
  mark: Mark;
  changes?: readonly Change[];
  onOpen?: (() => void) | undefined;
}

function Changed({ what, sort, mark, changes = [], onOpen }: ChangedProps) {
  const { t } = useTranslation();
  return (
    <li>
      <div className={classes.changeHead}>
        {onOpen ? (
          <button type="button" className={classes.changeName} onClick={onOpen}>
            {what}
          </button>
        ) : (
          <strong className={classes.changeName}>{what}</strong>
        )}
        {sort && <span className="ol-dim">{sort}</span>}
        <Label>{t(`publish.change.${mark}`)}</Label>
      </div>
      {changes.slice(0, most).map((change) => (
        <Field key={change.pointer} {...change} />
      ))}
      {changes.length > most && <p className="ol-dim ol-small">{t("letter.moreChanges", { count: changes.length - most })}</p>}
    </li>
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? ""));

/** A longer value does not fit its box: whoever uses no pointer scrolls it by the keys, and must get at it. */
const LINES_SEEN = 12;
const LETTERS_SEEN = 500;

const scrolls = (text: string) => (text.length > LETTERS_SEEN || text.split("\n").length > LINES_SEEN ? { tabIndex: 0 } : {});

/** One field, before and after. */
export function Field({ pointer, before, after }: Change) {
  return (
    <div className={classes.field}>
      <div className="ol-mono ol-dim">{pointer}</div>
      {before !== undefined && (
        <pre className={sides.value} data-side="before" {...scrolls(textOf(before))}>
          <del>{textOf(before)}</del>
        </pre>
      )}
      {after !== undefined && (
        <pre className={sides.value} data-side="after" {...scrolls(textOf(after))}>
          <ins>{textOf(after)}</ins>
        </pre>
      )}
    </div>
  );
}
