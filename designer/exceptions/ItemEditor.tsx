import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Changes } from "./Changes.tsx";
import classes from "./exceptions.module.css";
import { readItem } from "./readItem.ts";
import "./texts.ts";

const Editor = lazy(() => import("../expression/JsonEditor.tsx"));

interface ItemEditorProps {
  /** The item as it was. */
  original: unknown;
  text: string;
  onChange: (text: string) => void;
}

/** An item as JSON to change, with what is changed so far or what keeps it from being read. */
export function ItemEditor({ original, text, onChange }: ItemEditorProps) {
  const { t } = useTranslation();
  const read = readItem(text);
  return (
    <>
      <div className={classes.editor} data-testid="item-editor">
        <Suspense fallback={<Skeleton height={180} />}>
          <Editor label={t("letter.editLabel")} value={text} onChange={onChange} />
        </Suspense>
      </div>
      <div aria-live="polite">
        {"item" in read ? (
          <Changes before={original} after={read.item} />
        ) : (
          <p className="ol-small" style={{ color: "var(--ol-failed)" }}>
            {"fault" in read ? read.fault : t("letter.editNumber", read)}
          </p>
        )}
      </div>
    </>
  );
}

/** An item as the editor begins with it. */
export const asText = (item: unknown): string => JSON.stringify(item, null, 2) ?? "null";
