import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import type { Catalog } from "#nodes/lock.ts";
import type { Binding } from "#nodes/plan.ts";
import type { PlanTables } from "#nodes/planTables.ts";
import type { FlowDetail } from "#schemas/api.ts";
import type { Connection } from "#schemas/connection.ts";
import type { Flow } from "#schemas/flow.ts";
import { tableNames } from "#schemas/tableUses.ts";
import {
  connectionsQuery,
  connectorQuery,
  type InstalledConnector,
  sampleQuery,
  samplesQuery,
  tableQuery,
  tablesQuery,
} from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import type { PreviewStore } from "./preview.ts";

/** How soon one sees the samples that another person keeps with the flow. */
const LOOK_AGAIN_MS = 10_000;

/** The connectors that a flow's slots and nodes speak to. */
const connectorsOf = (flow: Flow, { manifests }: Catalogue): string[] => {
  const ofNodes = flow.nodes.map(({ type }) => manifests.get(type)?.connector);
  const named = [...ofNodes, ...flow.slots.map(({ connector }) => connector)].filter((id) => id !== undefined);
  return [...new Set(named)].sort();
};

/**
 * Reads what a draft needs to run here (its samples, connectors and connections) as soon as anybody looks, and tells the
 * preview of it and of each change of the draft.
 */
export function usePreviewGround(preview: PreviewStore, flow: Flow, detail: FlowDetail, catalogue: Catalogue): void {
  const { id: environment } = useEnvironment();
  const enabled = useStore(preview, ({ wanted }) => wanted > 0);
  const ids = connectorsOf(flow, catalogue).join(" ");
  const connectors = useQueries({
    queries: (ids === "" ? [] : ids.split(" ")).map((id) => ({ ...connectorQuery(id), enabled })),
    combine: together,
  });
  const named = useQuery({ ...samplesQuery(flow.id), enabled, refetchInterval: LOOK_AGAIN_MS });
  const samples = useQueries({
    queries: (named.data?.items ?? []).map(({ name, kept }) => ({ ...sampleQuery(flow.id, name, kept?.revision), enabled })),
    combine: together,
  });
  const connections = useQuery({ ...connectionsQuery(environment), enabled });
  const tables = useTables(environment, flow, enabled);
  const slots = flow.slots;
  const bound = detail.deployments.find((one) => one.environment === environment)?.slots;
  const ground = useMemo(() => {
    if (!enabled || !connectors.data || !samples.data || !named.data || !connections.data || !tables.data) return undefined;
    return {
      environment,
      catalog: catalogOf(catalogue, connectors.data),
      bindings: bindingsOf(slots, bound ?? {}, connections.data.items),
      samples: samples.data.map((sample, index) => ({ ...sample, kept: named.data.items[index]?.kept ?? null })),
      tables: tables.data,
    };
  }, [enabled, connectors.data, samples.data, named.data, connections.data, tables.data, environment, catalogue, slots, bound]);
  const fault = connectors.error ?? samples.error ?? named.error ?? connections.error ?? tables.error;

  useEffect(() => preview.setGround(ground, fault?.message), [preview, ground, fault]);
  useEffect(() => preview.setFlow(flow), [preview, flow]);
}

/** The tables that the flow looks things up in, as far as the environment has them. */
function useTables(environment: string, flow: Flow, enabled: boolean): Read<PlanTables> {
  const used = tableNames(flow);
  const listed = useQuery({ ...tablesQuery(environment), enabled: enabled && used.length > 0 });
  const there = used.filter((name) => listed.data?.items.some((table) => table.name === name));
  const read = useQueries({
    queries: there.map((name) => ({ ...tableQuery(environment, name), enabled })),
    combine: together,
  });
  const known = used.length === 0 || listed.data !== undefined;
  const data = useMemo(
    () => (known && read.data ? Object.fromEntries(read.data.map((table) => [table.name, table])) : undefined),
    [known, read.data],
  );
  return { data, error: listed.error ?? read.error };
}

interface Read<Data> {
  data: Data | undefined;
  error: Error | null;
}

/** All of them, once every one is there. */
function together<Data>(reads: readonly Read<Data>[]): Read<Data[]> {
  const data = reads.flatMap((read) => (read.data === undefined ? [] : [read.data]));
  return { data: data.length === reads.length ? data : undefined, error: reads.find(({ error }) => error)?.error ?? null };
}

function catalogOf({ manifests }: Catalogue, installed: readonly InstalledConnector[]): Catalog {
  const mappings = installed.flatMap(({ connector, mappings: texts }) =>
    Object.entries(texts).map(([file, text]) => [`${connector.id}/${file}`, text] as const),
  );
  return {
    manifests: Object.fromEntries(manifests),
    connectors: Object.fromEntries(installed.map(({ connector }) => [connector.id, connector])),
    mappings: Object.fromEntries(mappings),
  };
}

/** The connection that each slot has here, else the first of its connector, else one that says nothing of itself. */
function bindingsOf(
  slots: Flow["slots"],
  bound: Readonly<Record<string, string>>,
  connections: readonly Connection[],
): Record<string, Binding> {
  return Object.fromEntries(
    slots.map(({ name, connector }) => {
      const fitting = connections.filter((one) => one.connector === connector);
      const found = fitting.find((one) => one.name === bound[name]) ?? fitting[0];
      return [
        name,
        { connectionId: found?.id ?? name, connector, account: found?.systemAccount ?? name, config: found?.config ?? {} },
      ];
    }),
  );
}
