import { useTranslation } from "react-i18next";
import { type Change, changesBetween } from "../elements/changes.ts";
import classes from "./exceptions.module.css";
import "./texts.ts";

/** Changes shown; somebody who rewrites an item reads the item, not its changes. */
const most = 20;

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "";
  return text.length > 200 ? `${text.slice(0, 200)} …` : text;
};

/** What a person changed in an item, before and after. */
export function Changes({ before, after }: { before: unknown; after: unknown }) {
  const { t } = useTranslation();
  const changes = changesBetween(before, after);
  if (changes.length === 0) return <p className="ol-dim ol-small">{t("letter.editSame")}</p>;
  return (
    <div data-testid="changes">
      <ul className={classes.changes} aria-label={t("letter.changes", { count: changes.length })}>
        {changes.slice(0, most).map((change) => (
          <OneChange key={`${change.type} ${change.pointer}`} {...change} />
        ))}
      </ul>
      {changes.length > most && <p className="ol-dim ol-small">{t("letter.moreChanges", { count: changes.length - most })}</p>}
    </div>
  );
}

function OneChange({ type, pointer, before, after }: Change) {
  const { t } = useTranslation();
  return (
    <li>
      <span className="ol-mono">{pointer || t("letter.wholeItem")}</span>{" "}
      <span className="ol-dim">{t(`letter.change.${type}`)}</span>
      <div className="ol-mono">
        {type !== "CREATE" && <del>{short(before)}</del>} {type !== "REMOVE" && <ins>{short(after)}</ins>}
      </div>
    </li>
  );
}
