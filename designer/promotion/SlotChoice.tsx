import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { connectionsQuery, connectorsQuery, versionQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { Failure } from "../elements/Failure.tsx";
import classes from "./promotion.module.css";
import "./texts.ts";

interface SlotChoiceProps {
  flow: string;
  version: number;
  /** Slot name to connection name: what a person chose, and what is taken where nobody did. */
  chosen: Readonly<Record<string, string>>;
  usual: Readonly<Record<string, string>>;
  onChoose: (slot: string, connection: string) => void;
}

/** Which connection of this environment each slot of the version is bound to; where there is only one, that one. */
export function SlotChoice({ flow, version, chosen, usual, onChoose }: SlotChoiceProps) {
  const { t } = useTranslation();
  const { id } = useEnvironment();
  const detail = useQuery(versionQuery(flow, version));
  const connections = useQuery(connectionsQuery(id));
  const connectors = useQuery(connectorsQuery).data?.items ?? [];
  const titleOf = (connector: string) => connectors.find((one) => one.id === connector)?.title ?? connector;
  const error = detail.error ?? connections.error;
  if (error) return <Failure error={error} onRetry={() => void Promise.all([detail.refetch(), connections.refetch()])} />;
  const slots = detail.data?.flow.slots ?? [];
  if (slots.length === 0 || !connections.data) return null;
  const { items } = connections.data;
  return (
    <section className={classes.section} data-testid="promotion-slots">
      <h2>{t("promotion.slots")}</h2>
      <div className={classes.slots}>
        {slots.map(({ name, connector, title }) => {
          const fitting = items.filter((each) => each.connector === connector).map((each) => each.name);
          return (
            <Select
              key={name}
              label={title ? `${title} (${name})` : name}
              data={fitting}
              value={chosen[name] ?? usual[name] ?? (fitting.length === 1 ? fitting[0] : undefined) ?? null}
              onChange={(connection) => connection !== null && onChoose(name, connection)}
              placeholder={t(fitting.length === 0 ? "promotion.noConnection" : "promotion.choose", {
                connector: titleOf(connector),
              })}
              readOnly={fitting.length === 1}
              disabled={fitting.length === 0}
              allowDeselect={false}
              data-testid={`slot-${name}`}
            />
          );
        })}
      </div>
    </section>
  );
}
