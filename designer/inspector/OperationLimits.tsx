import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { connectorQuery } from "../api/queries.ts";
import classes from "./inspector.module.css";
import { limitLines } from "./limitLines.ts";
import { say } from "./say.ts";

/** What a connector declares of how much its system takes. */
export function OperationLimits({ connector, operation }: { connector: string; operation: string }) {
  const { t } = useTranslation();
  const { data, error } = useQuery(connectorQuery(connector));
  if (!data) return <p className="ol-dim">{error ? say("limits.unread", { reason: error.message }) : t("common.loading")}</p>;
  return (
    <dl className={classes.facts} data-testid="operation-limits">
      {limitLines(data.connector, operation).map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
