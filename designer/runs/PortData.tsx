import { useTranslation } from "react-i18next";
import type { Port } from "#schemas/manifest.ts";
import { JsonView } from "../elements/JsonView.tsx";
import classes from "./runs.module.css";

interface PortDataProps {
  node: string;
  ports: readonly Port[];
  /** Items by port name. */
  data: Readonly<Record<string, readonly unknown[]>>;
  empty: string;
}

/** What each port carried: one value, or a list of them where a port carried several items. */
export function PortData({ node, ports, data, empty }: PortDataProps) {
  const titles = new Map(ports.map(({ name, title }) => [name, title]));
  const carried = Object.entries(data).filter(([, items]) => items.length > 0);
  if (carried.length === 0) return <p className="ol-dim">{empty}</p>;
  return carried.map(([port, items]) => (
    <OnePort key={port} node={node} port={port} title={titles.get(port) ?? port} items={items} />
  ));
}

export function OnePort({ node, port, title, items }: { node: string; port: string; title: string; items: readonly unknown[] }) {
  const { t } = useTranslation();
  const heading = `${title}${items.length > 1 ? ` · ${t("inspector.items", { count: items.length })}` : ""}`;
  return (
    <section className={classes.section} style={{ marginTop: 0, marginBottom: 16 }} data-testid={`trace-port-${node}-${port}`}>
      <h3>{heading}</h3>
      <JsonView value={items.length === 1 ? items[0] : items} label={t("inspector.port", { name: title })} maxHeight={560} />
    </section>
  );
}
