import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CopyAction } from "./CopyText.tsx";
import classes from "./elements.module.css";

const openDepth = 2;
const shownAtOnce = 100;

interface JsonViewProps {
  value: unknown;
  /** What the value is, for those who hear the page. */
  label: string;
  maxHeight?: number | "none";
}

/** A JSON value as a tree that folds, with a button to copy the whole of it. Long lists open by the hundred. */
export function JsonView({ value, label, maxHeight = 420 }: JsonViewProps) {
  return (
    <div className={classes.panel} style={{ position: "relative" }}>
      <div style={{ position: "absolute", top: 4, right: 4, zIndex: 1 }}>
        <CopyAction value={JSON.stringify(value, null, 2) ?? ""} what={label} />
      </div>
      {/* Focusable, so that a keyboard can scroll it. */}
      <section className={classes.json} aria-label={label} style={{ maxHeight }} {...scrollable}>
        <ul>
          <Entry value={value} depth={0} />
        </ul>
      </section>
    </div>
  );
}

const scrollable = { tabIndex: 0 };

type Branch = [name: string, value: unknown][];

const branchesOf = (value: unknown): Branch | null => {
  if (Array.isArray(value)) return value.map((item, index) => [String(index), item]);
  return typeof value === "object" && value !== null ? Object.entries(value) : null;
};

function Entry({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  const branches = branchesOf(value);
  if (branches && branches.length > 0) return <Folding name={name} value={value} branches={branches} depth={depth} />;
  return (
    <li>
      <Key name={name} />
      <Leaf value={value} />
    </li>
  );
}

function Folding({
  name,
  value,
  branches,
  depth,
}: {
  name: string | undefined;
  value: unknown;
  branches: Branch;
  depth: number;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(depth < openDepth);
  const [shown, setShown] = useState(shownAtOnce);
  const [left, right] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return (
    <li>
      <button type="button" className={classes.jsonToggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Key name={name} />
        {left}
        {!open && ` … ${right} ${branches.length}`}
      </button>
      {open && (
        <>
          <ul>
            {branches.slice(0, shown).map(([branch, item]) => (
              <Entry key={branch} name={branch} value={item} depth={depth + 1} />
            ))}
          </ul>
          {branches.length > shown && (
            <button type="button" className={classes.jsonToggle} onClick={() => setShown(shown + shownAtOnce)}>
              {t("common.more")} ({branches.length - shown})
            </button>
          )}
          {right}
        </>
      )}
    </li>
  );
}

const Key = ({ name }: { name: string | undefined }) =>
  name === undefined ? null : <span className={classes.jsonKey}>{name}: </span>;

function Leaf({ value }: { value: unknown }) {
  const isText = typeof value === "string";
  return (
    <span className={classes[isText ? "jsonText" : "jsonOther"]}>
      {value === undefined ? "undefined" : JSON.stringify(value)}
    </span>
  );
}
