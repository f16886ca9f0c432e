import type { ReactNode } from "react";
import { EnvironmentSwitch } from "../app/EnvironmentSwitch.tsx";
import classes from "./PageBar.module.css";

interface PageBarProps {
  /** The page's heading, or the way to it. */
  title: ReactNode;
  children?: ReactNode;
}

/** The bar on top of every page: where one is, in which environment, and what can be done here. */
export function PageBar({ title, children }: PageBarProps) {
  return (
    <header className={classes.bar}>
      <EnvironmentSwitch />
      <div className={classes.title}>{title}</div>
      <div className={classes.actions}>{children}</div>
    </header>
  );
}

export const PageTitle = ({ children }: { children: ReactNode }) => <h1 className={classes.heading}>{children}</h1>;
