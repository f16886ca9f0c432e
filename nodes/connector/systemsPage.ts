import type { Connector } from "#schemas/connector.ts";

type Operation = Connector["operations"][string];

/** The kinds of system, in the order in which an order meets them, as headings. */
const kinds: Record<Connector["system"], string> = {
  marketplace: "Marketplaces and shops",
  erp: "ERP",
  wms: "Warehouses and carriers",
  tax: "Tax",
  payment: "Payment",
  general: "General",
};

const columns = ["system", "API", "begins runs", "looks up", "sends", "simulator"];

const named = (operations: Operation[], kind: Operation["kind"]): string =>
  operations
    .filter((operation) => operation.kind === kind)
    .map(({ title }) => title)
    .join(", ");

function cells({ id, title, lifecycle, operations, simulator }: Connector): string[] {
  const all = Object.values(operations);
  return [
    `[${title}](../nodes/connectors/${id}.README.md)`,
    lifecycle.apiVersion ?? "",
    named(all, "source"),
    named(all, "lookup"),
    named(all, "sink"),
    simulator ? "yes" : "",
  ];
}

/** Rows of one width, as the formatter leaves them. */
function table(rows: string[][]): string {
  const widths = columns.map((_, column) => Math.max(...[columns, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [columns, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

/**
 * The guide `docs/systems.md`: every system that a flow can reach, and what it can be asked, from the connectors alone.
 * Written by `npm run generate`.
 */
export function systemsPage(connectors: readonly Connector[]): string {
  const sections = Object.entries(kinds).map(([kind, heading]) => {
    const of = connectors.filter(({ system }) => system === kind).sort((a, b) => a.title.localeCompare(b.title, "en"));
    return `## ${heading}\n\n${table(of.map(cells))}\n`;
  });
  return `# Systems\n\nWhat a flow can reach. Each is data, declared in [the connector language](connectors.md); a simulator plays it in the sandbox.\n\n${sections.join("\n")}`;
}
