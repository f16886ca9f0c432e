import type { Connector } from "#schemas/connector.ts";
import { operationManifest } from "./manifest.ts";

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

/** The operations of one kind; of those that another stands for, that. */
const named = (connector: Connector, kind: Operation["kind"]): string =>
  Object.entries(connector.operations)
    .filter(([, operation]) => operation.kind === kind)
    .map(([name, { title, lifecycle }]) => {
      const { replacedBy } = operationManifest(connector, name).lifecycle ?? {};
      const ends = lifecycle?.sunset && `until ${lifecycle.sunset}`;
      const notes = [replacedBy && "deprecated", ends].filter(Boolean);
      return notes.length > 0 ? `${title} _(${notes.join(", ")})_` : title;
    })
    .join(", ");

/** Whether the simulator refuses what comes too fast or at once, as its system says that it does. */
const hasRate = ({ limit, limits, concurrency, routes }: NonNullable<Connector["simulator"]>): boolean =>
  [limit, limits, concurrency].some((each) => each !== undefined) || routes.some((route) => route.limit !== undefined);

function cells(connector: Connector): string[] {
  const { id, title, lifecycle, simulator } = connector;
  const { apiVersion, sunset, state } = lifecycle;
  return [
    `[${title}](../nodes/connectors/${id}.README.md)`,
    [apiVersion, sunset && `until ${sunset}`, state === "live" ? undefined : state].filter(Boolean).join(", "),
    named(connector, "source"),
    named(connector, "lookup"),
    named(connector, "sink"),
    simulator ? (hasRate(simulator) ? "with its rates" : "yes") : "",
  ];
}

/** Rows of one width, as the formatter leaves them. */
function table(rows: string[][]): string {
  const widths = columns.map((_, column) => Math.max(...[columns, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [columns, widths.map((width) => "-".repeat(width)), ...rows].map(line).join("\n");
}

const rates =
  "A simulator _with its rates_ answers 429 (or as its system does) where the system's own documents say that it would. The others know no rate, since none is published or it is the installation's own: " +
  "they take whatever comes, and a limit that such a connector keeps to is ours, chosen to be gentle. Ask the system's owner, and set the connection's limit to what they say.";

/**
 * The guide `docs/systems.md`: every system that a flow can reach, and what it can be asked, from the connectors alone.
 * Written by `npm run generate`.
 */
export function systemsPage(connectors: readonly Connector[]): string {
  const sections = Object.entries(kinds).map(([kind, heading]) => {
    const of = connectors.filter(({ system }) => system === kind).sort((a, b) => a.title.localeCompare(b.title, "en"));
    return `## ${heading}\n\n${table(of.map(cells))}\n`;
  });
  return `# Systems\n\nWhat a flow can reach. Each is data, declared in [the connector language](connectors.md); a simulator plays it in the sandbox.\n\n${rates}\n\n${sections.join("\n")}`;
}
