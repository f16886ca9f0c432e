import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import type { Environment } from "#schemas/environment.ts";
import { query } from "../api/client.ts";
import { environmentsQuery } from "../api/queries.ts";

/** Every address of the designer. The environment comes first: it is where one is. */
export const address = {
  flows: (environment: string) => `/${environment}/flows`,
  flow: (environment: string, flow: string, node?: string) =>
    `/${environment}/flows/${flow}${node ? `?node=${encodeURIComponent(node)}` : ""}`,
  versions: (environment: string, flow: string) => `/${environment}/flows/${flow}/versions`,
  version: (environment: string, flow: string, version: number, at: { node?: string | null; run?: string } = {}) =>
    `/${environment}/flows/${flow}/versions/${version}${query({ node: at.node, run: at.run })}`,
  /** What differs between a version and the draft. */
  versionAndDraft: (environment: string, flow: string, version: number) =>
    `/${environment}/flows/${flow}/versions?from=${version}&to=draft`,
  promote: (environment: string, flow: string, version?: number) =>
    `/${environment}/flows/${flow}/promote${version === undefined ? "" : `?version=${version}`}`,
  runs: (environment: string, flow?: string) => `/${environment}/runs${flow ? `?flow=${encodeURIComponent(flow)}` : ""}`,
  run: (environment: string, run: string, node?: string) =>
    `/${environment}/runs/${run}${node ? `?node=${encodeURIComponent(node)}` : ""}`,
  exceptions: (environment: string, flow?: string, version?: number) => `/${environment}/exceptions${query({ flow, version })}`,
  letter: (environment: string, letter: string) => `/${environment}/exceptions?letter=${letter}`,
  connections: (environment: string) => `/${environment}/connections`,
  tables: (environment: string) => `/${environment}/tables`,
  table: (environment: string, table: string) => `/${environment}/tables/${table}`,
  environments: (environment: string) => `/${environment}/environments`,
  people: (environment: string) => `/${environment}/people`,
  audit: (environment: string) => `/${environment}/audit`,
};

/** Environments by their position. Suspends until they are known: without them no page can be shown. */
export function useEnvironments(): Environment[] {
  const { data } = useSuspenseQuery(environmentsQuery);
  return [...data.items].sort((a, b) => a.position - b.position);
}

/** The environment named in the address; only below the shell, which has checked that it exists. */
export function useEnvironment(): Environment {
  const { env } = useParams();
  const found = useEnvironments().find(({ id }) => id === env);
  if (!found) throw new Error(`The address names no known environment: ${env ?? "none"}.`);
  return found;
}

/** A parameter of the route that is always there. */
export function useParam(name: string): string {
  const value = useParams()[name];
  if (value === undefined) throw new Error(`The route has no parameter ${name}.`);
  return value;
}
