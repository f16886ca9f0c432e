import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Cable, MapPinOff, OctagonAlert, PlayCircle, Table2, Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, NavLink, Outlet, useLocation, useParams } from "react-router";
import { ActionCenter } from "../actions/ActionCenter.tsx";
import { flowsQuery } from "../api/queries.ts";
import { Empty } from "../elements/Empty.tsx";
import { AccountButton } from "./AccountButton.tsx";
import { address, useEnvironments } from "./address.ts";
import classes from "./app.module.css";
import { SchemeToggle } from "./SchemeToggle.tsx";

const sections = ["flows", "runs", "exceptions", "connections", "tables", "people", "audit"];

/** The frame of every page: navigation at the left, the page beside it. */
export function Shell() {
  const { t } = useTranslation();
  const { env = "" } = useParams();
  const { pathname, search } = useLocation();
  const environments = useEnvironments();
  const first = environments[0];
  if (!environments.some(({ id }) => id === env)) {
    // An address without its environment, as people shorten it: /runs.
    if (first && sections.includes(env)) return <Navigate to={`/${first.id}${pathname}${search}`} replace />;
    return (
      <main>
        <Empty icon={MapPinOff} title={t("environment.unknownTitle", { id: env })} text={t("environment.unknownText")}>
          {first && (
            <Button component={Link} to={address.flows(first.id)}>
              {t("environment.goTo", { title: first.title })}
            </Button>
          )}
        </Empty>
      </main>
    );
  }
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        {t("nav.skip")}
      </a>
      <Navigation environment={env} />
      <main id="content" className={classes.main} tabIndex={-1}>
        <Outlet />
      </main>
      <ActionCenter environment={env} />
    </div>
  );
}

function Navigation({ environment }: { environment: string }) {
  const { t } = useTranslation();
  return (
    <nav className={classes.nav} aria-label={t("nav.label")}>
      <Link to="/" className={classes.mark} aria-label={t("product")} title={t("product")}>
        <img src="/mark.svg" alt="" width={28} height={28} />
      </Link>
      <ul>
        <Entry to={address.flows(environment)} icon={Workflow} label={t("nav.flows")} />
        <Entry to={address.runs(environment)} icon={PlayCircle} label={t("nav.runs")} />
        <Entry
          to={address.exceptions(environment)}
          icon={OctagonAlert}
          label={t("nav.exceptions")}
          badge={<OpenCount environment={environment} />}
        />
        <Entry to={address.connections(environment)} icon={Cable} label={t("nav.connections")} />
        <Entry to={address.tables(environment)} icon={Table2} label={t("nav.tables")} />
      </ul>
      <div style={{ flex: 1 }} />
      <AccountButton environment={environment} />
      <SchemeToggle />
    </nav>
  );
}

interface EntryProps {
  to: string;
  icon: typeof Workflow;
  label: string;
  badge?: React.ReactNode;
}

const Entry = ({ to, icon: Icon, label, badge }: EntryProps) => (
  <li>
    <NavLink to={to} className={classes.entry ?? ""}>
      <Icon size={18} strokeWidth={1.75} aria-hidden />
      {label}
      {badge}
    </NavLink>
  </li>
);

/** More than this is not told in the corner of an icon; the exact number stands behind it. */
const MOST_TOLD = 999;

/** Open dead letters of all flows in one environment. */
function OpenCount({ environment }: { environment: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({ ...flowsQuery(environment), refetchInterval: 10_000 });
  const open = data?.items.reduce((sum, { openDeadLetters }) => sum + openDeadLetters, 0) ?? 0;
  if (open === 0) return null;
  return (
    <span className={classes.count} title={t("nav.openExceptions", { count: open })}>
      {open > MOST_TOLD ? `${MOST_TOLD}+` : open}
    </span>
  );
}
