import type { ChaosReport } from "./run.ts";

const listed = (counts: object): string =>
  Object.entries(counts as Record<string, number>)
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "none";

const sum = (counts: object): number => Object.values(counts as Record<string, number>).reduce((total, each) => total + each, 0);

/** The report as a table, and what was found. */
export function tableOf(report: ChaosReport): string {
  const { verdict } = report;
  const rows: [string, string][] = [
    ["seed", String(report.seed)],
    ["hints on", report.backend],
    ["orders", `${report.orders} in ${report.deliveries} deliveries`],
    ["killed", `${sum(report.kills)}: ${listed(report.kills)}`],
    ["other faults", `${sum(report.faults)}: ${listed(report.faults)}`],
    ["duration", `${report.durationS} s, at rest ${report.settledInS} s after the last fault`],
    ["dead letters", listed(verdict.letters)],
    ["lost", String(verdict.lost.length)],
    ["duplicated", String(verdict.duplicated.length)],
    ["difference of money", verdict.moneyDifference],
    ["letters without a reason", String(verdict.unexplained.length)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const findings = [...verdict.lost, ...verdict.duplicated]
    .slice(0, 20)
    .map(({ system, document, why }) => `  ${system} ${document}: ${why}`);
  return [...rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`), ...findings].join("\n");
}
