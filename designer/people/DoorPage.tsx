import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import classes from "./people.module.css";

/** A page before the designer itself: one card in the middle. */
export function DoorPage({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("product")}`;
  }, [title, t]);
  return (
    <main className={classes.door}>
      <div className={classes.card}>
        <img src="/mark.svg" alt="" width={32} height={32} />
        <h1>{title}</h1>
        {text && <p className="ol-dim">{text}</p>}
        {children}
      </div>
    </main>
  );
}
