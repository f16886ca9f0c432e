import { ChevronRight } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import classes from "./elements.module.css";
import { PageBar, PageTitle } from "./PageBar.tsx";

interface PageProps {
  title: string;
  /** The list in which it stands. */
  within?: { title: string; to: string };
  actions?: ReactNode;
  children: ReactNode;
}

/** A page that is a list: its bar, and what scrolls below. */
export function Page({ title, within, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Orderloom`;
  }, [title]);
  return (
    <div className={classes.page}>
      <PageBar
        title={
          <>
            {within && (
              <>
                <Link className={classes.crumb} to={within.to}>
                  {within.title}
                </Link>
                <ChevronRight size={14} color="var(--ol-dim)" aria-hidden style={{ flex: "none" }} />
              </>
            )}
            <PageTitle>{title}</PageTitle>
          </>
        }
      >
        {actions}
      </PageBar>
      <div className={classes.scroll}>{children}</div>
    </div>
  );
}

export const Tools = ({ children }: { children: ReactNode }) => <div className={classes.tools}>{children}</div>;

export const ListPanel = ({ children }: { children: ReactNode }) => (
  <div className={`${classes.panel} ${classes.table}`}>{children}</div>
);
