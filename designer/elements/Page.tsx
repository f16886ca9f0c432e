import { type ReactNode, useEffect } from "react";
import classes from "./elements.module.css";
import { PageBar, PageTitle } from "./PageBar.tsx";

interface PageProps {
  title: string;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page that is a list: its bar, and what scrolls below. */
export function Page({ title, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Orderloom`;
  }, [title]);
  return (
    <div className={classes.page}>
      <PageBar title={<PageTitle>{title}</PageTitle>}>{actions}</PageBar>
      <div className={classes.scroll}>{children}</div>
    </div>
  );
}

export const Tools = ({ children }: { children: ReactNode }) => <div className={classes.tools}>{children}</div>;

export const ListPanel = ({ children }: { children: ReactNode }) => (
  <div className={`${classes.panel} ${classes.table}`}>{children}</div>
);
