import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./expression.module.css";
import type { Fix } from "./findings.ts";
import type { Remark } from "./remarks.ts";

const icons = { error: CircleAlert, warning: TriangleAlert, info: Info } as const;
/** What is listed below the text unless one asks for all; the rest is marked in it. */
const SHOWN = 4;
/** A fix longer than this is described, not shown, on its button. */
const LONGEST_FIX = 48;

interface RemarkListProps {
  remarks: readonly Remark[];
  /** Absent where the text is only to be read. */
  onFix: ((fix: Fix) => void) | undefined;
  onPlace: (from: number) => void;
}

/** What there is to say of the text, each with its place and, where there is one, its fix. */
export function RemarkList({ remarks, onFix, onPlace }: RemarkListProps) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const told = remarks.filter(({ severity }) => severity !== "info");
  const listed = all ? remarks : (told.length > 0 ? told : remarks).slice(0, SHOWN);
  const left = remarks.length - listed.length;
  if (listed.length === 0) return null;
  return (
    <ul className={classes.remarks} aria-label={t("expression.remarks")}>
      {listed.map((remark) => (
        <RemarkLine key={`${remark.from} ${remark.text}`} remark={remark} onFix={onFix} onPlace={onPlace} />
      ))}
      {(left > 0 || all) && (
        <li>
          <button type="button" className={`ol-dim ${classes.place}`} aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? t("expression.fewer") : t("expression.more", { count: left })}
          </button>
        </li>
      )}
    </ul>
  );
}

function RemarkLine({ remark, onFix, onPlace }: { remark: Remark } & Pick<RemarkListProps, "onFix" | "onPlace">) {
  const { t } = useTranslation();
  const { severity, text, fix, from } = remark;
  const Icon = icons[severity];
  return (
    <li className={classes.remark} data-severity={severity} data-testid={`remark-${severity}`}>
      <Icon size={13} aria-hidden />
      <button type="button" className={classes.place} onClick={() => onPlace(from)}>
        {text}
      </button>
      {fix && onFix && (
        <button type="button" className={classes.fix} onClick={() => onFix(fix)}>
          {fix.insert === "" ? t("expression.fixRemove") : t("expression.fixBy", { insert: shorten(fix.insert) })}
        </button>
      )}
    </li>
  );
}

const shorten = (text: string): string => (text.length > LONGEST_FIX ? `${text.slice(0, LONGEST_FIX - 1)}…` : text);
