import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Static } from "typebox";
import type {
  Connections,
  Connectors,
  DeadLetters,
  FlowDetail,
  FlowStatus,
  Flows,
  FlowTemplates,
  MaskedMessage,
  NodePage,
  NodeTypes,
  RunDetail,
  Runs,
  RunTasks,
  Samples,
  VersionDetail,
  Versions,
} from "#schemas/api.ts";
import type { AuditHead, AuditPage } from "#schemas/audit.ts";
import type { FlowFiles, ImportReport } from "#schemas/bundle.ts";
import type { CanaryProgress } from "#schemas/canary.ts";
import type { Connector } from "#schemas/connector.ts";
import type { DeadLetterCounts, DeadLetterDetail } from "#schemas/deadLetter.ts";
import type { Environments } from "#schemas/environment.ts";
import type { ApiTokens, People, Session } from "#schemas/people.ts";
import type { PromotionReview, Promotions } from "#schemas/promotion.ts";
import type { Tables, WholeTable } from "#schemas/referenceTable.ts";
import type { Trace } from "#schemas/run.ts";
import type { FlowSample } from "#schemas/sample.ts";
import type { WebhookSubscriptions } from "#schemas/webhookSubscription.ts";
import { query, request } from "./client.ts";
import type { ImportWish } from "./commands.ts";

/** Every read of the management API, as react-query options: one key, one address, one shape each. */

const seldom = 5 * 60_000;

/** Who sits here; asked again when one comes back to the page, for it may have ended elsewhere. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => request<Session>("GET", "/session", undefined, signal),
  staleTime: 60_000,
});

export const peopleQuery = queryOptions({
  queryKey: ["people"],
  queryFn: ({ signal }) => request<Static<typeof People>>("GET", "/people", undefined, signal),
});

export const tokensQuery = queryOptions({
  queryKey: ["tokens"],
  queryFn: ({ signal }) => request<Static<typeof ApiTokens>>("GET", "/tokens", undefined, signal),
});

export const auditHeadQuery = queryOptions({
  queryKey: ["audit", "head"],
  queryFn: ({ signal }) => request<AuditHead>("GET", "/audit/head", undefined, signal),
});

interface AuditFilter {
  environment?: string | undefined;
  actor?: string | undefined;
  subject?: string | undefined;
  /** An action, or what comes before its dot. */
  action?: string | undefined;
  /** ISO 8601; `until` itself is not within. */
  since?: string | undefined;
  until?: string | undefined;
}

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", filter],
    queryFn: ({ pageParam, signal }) =>
      request<AuditPage>("GET", `/audit${query({ ...filter, limit: pageSize, cursor: pageParam })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });

export const environmentsQuery = queryOptions({
  queryKey: ["environments"],
  queryFn: ({ signal }) => request<Static<typeof Environments>>("GET", "/environments", undefined, signal),
  staleTime: seldom,
});

export const nodeTypesQuery = queryOptions({
  queryKey: ["node-types"],
  queryFn: ({ signal }) => request<Static<typeof NodeTypes>>("GET", "/node-types", undefined, signal),
  staleTime: seldom,
});

export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: ({ signal }) => request<Static<typeof Connectors>>("GET", "/connectors", undefined, signal),
  staleTime: seldom,
});

export const connectionsQuery = (environment: string) =>
  queryOptions({
    queryKey: ["connections", environment],
    queryFn: ({ signal }) =>
      request<Static<typeof Connections>>("GET", `/environments/${environment}/connections`, undefined, signal),
  });

export const subscriptionsQuery = (environment: string) =>
  queryOptions({
    queryKey: ["subscriptions", environment],
    queryFn: ({ signal }) =>
      request<WebhookSubscriptions>("GET", `/environments/${environment}/subscriptions`, undefined, signal),
  });

export const tablesQuery = (environment: string) =>
  queryOptions({
    queryKey: ["tables", environment],
    queryFn: ({ signal }) => request<Static<typeof Tables>>("GET", `/environments/${environment}/tables`, undefined, signal),
  });

export const tableQuery = (environment: string, table: string) =>
  queryOptions({
    queryKey: ["tables", environment, table],
    queryFn: ({ signal }) => request<WholeTable>("GET", `/environments/${environment}/tables/${table}`, undefined, signal),
  });

/** All flows in use, or all archived ones; their runs and dead letters are counted in the environment given. */
export const flowsQuery = (environment: string, archived = false) =>
  queryOptions({
    queryKey: archived ? ["flows", environment, "archived"] : ["flows", environment],
    queryFn: ({ signal }) =>
      request<Static<typeof Flows>>(
        "GET",
        `/flows${query({ environment, archived: archived ? "true" : undefined })}`,
        undefined,
        signal,
      ),
  });

/** Ready flows to begin with. */
export const templatesQuery = queryOptions({
  queryKey: ["flow-templates"],
  queryFn: ({ signal }) => request<Static<typeof FlowTemplates>>("GET", "/flow-templates", undefined, signal),
  staleTime: seldom,
});

export const flowQuery = (flow: string) =>
  queryOptions({
    queryKey: ["flow", flow],
    queryFn: ({ signal }) => request<FlowDetail>("GET", `/flows/${flow}`, undefined, signal),
  });

export const versionQuery = (flow: string, number: number) =>
  queryOptions({
    queryKey: ["version", flow, number],
    queryFn: ({ signal }) => request<VersionDetail>("GET", `/flows/${flow}/versions/${number}`, undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The window of the live numbers on the canvas, in minutes. */
export const statusMinutes = 60;

export const statusQuery = (environment: string, flow: string) =>
  queryOptions({
    queryKey: ["status", environment, flow],
    queryFn: ({ signal }) =>
      request<FlowStatus>("GET", `/environments/${environment}/flows/${flow}/status?minutes=${statusMinutes}`, undefined, signal),
    refetchInterval: 1_000,
    retry: false,
  });

export const samplesQuery = (flow: string) =>
  queryOptions({
    queryKey: ["samples", flow],
    queryFn: ({ signal }) => request<Static<typeof Samples>>("GET", `/flows/${flow}/samples`, undefined, signal),
    staleTime: seldom,
  });

/** A sample with its message, as the file has it; of one that is kept with the flow the revision that is listed. */
export const sampleQuery = (flow: string, name: string, revision = 0) =>
  queryOptions({
    queryKey: ["sample", flow, name, revision],
    queryFn: ({ signal }) => request<FlowSample>("GET", `/flows/${flow}/samples/${encodeURIComponent(name)}`, undefined, signal),
    staleTime: seldom,
  });

/** A connector with its mappings: the server has checked it against its schema. */
export const connectorQuery = (id: string) =>
  queryOptions({
    queryKey: ["connectors", id],
    queryFn: ({ signal }) => request<InstalledConnector>("GET", `/connectors/${id}`, undefined, signal),
    staleTime: seldom,
  });

/** The message of a run without personal data; `keep` takes the role of an operator. */
export const maskedMessageQuery = (run: string, rules: { mask: string[]; keep: string[] }) =>
  queryOptions({
    queryKey: ["masked-message", run, rules],
    queryFn: ({ signal }) => request<MaskedMessage>("POST", `/runs/${run}/masked-message`, rules, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    // What was added or kept shows in place, without a jump.
    placeholderData: (before, query) => (query?.queryKey[1] === run ? before : undefined),
  });

/** What is written of a node type for people. */
export const nodePageQuery = (type: string) =>
  queryOptions({
    queryKey: ["node-types", type, "page"],
    queryFn: ({ signal }) => request<NodePage>("GET", `/node-types/${encodeURIComponent(type)}/page`, undefined, signal),
    staleTime: seldom,
  });

export interface InstalledConnector {
  connector: Connector;
  mappings: Record<string, string>;
}

export interface RunFilter {
  environment: string;
  flow?: string | undefined;
  state?: string | undefined;
  node?: string | undefined;
  q?: string | undefined;
}

const pageSize = 50;

export const runsQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: ["runs", filter],
    queryFn: ({ pageParam, signal }) =>
      request<Runs>("GET", `/runs${query({ ...filter, limit: pageSize, cursor: pageParam })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    // Live while the reader is at the top; whoever has paged down wants the rows to hold still.
    refetchInterval: (running) => ((running.state.data?.pages.length ?? 0) > 1 ? false : 2_000),
  });

export const runQuery = (run: string) =>
  queryOptions({
    queryKey: ["run", run],
    queryFn: ({ signal }) => request<RunDetail>("GET", `/runs/${run}`, undefined, signal),
    refetchInterval: (running) => (running.state.data?.run.state === "RUNNING" ? 1_000 : false),
  });

/** Tasks of a run at one node, page by page; `goesOn` while more may come of the run. */
export const runTasksQuery = (run: string, node: string, goesOn: boolean) =>
  infiniteQueryOptions({
    // Tasks read while the run went on are not all: its end asks again.
    queryKey: ["run", run, "tasks", node, goesOn],
    queryFn: ({ pageParam, signal }) =>
      request<RunTasks>("GET", `/runs/${run}/tasks${query({ node, limit: pageSize, cursor: pageParam })}`, undefined, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: (running) => (goesOn && (running.state.data?.pages.length ?? 0) <= 1 ? 1_000 : false),
  });

export const traceQuery = (run: string, finished: boolean) =>
  queryOptions({
    // A trace taken while the run went on is not the whole one: its end asks again.
    queryKey: ["trace", run, finished],
    queryFn: ({ signal }) => request<Trace>("GET", `/runs/${run}/trace`, undefined, signal),
    refetchInterval: finished ? false : 1_000,
  });

export interface DeadLetterFilter {
  environment: string;
  flow?: string | undefined;
  /** Of the flow, by its number. */
  version?: string | undefined;
  class?: string | undefined;
  /** Empty for those of no system; so with the next for those that nobody has. */
  connector?: string | undefined;
  assignee?: string | undefined;
  tag?: string | undefined;
  state?: string | undefined;
  node?: string | undefined;
  q?: string | undefined;
}

/** As a query: unlike the other lists' filters, one that is empty means something here. */
const deadLetterQuery = (values: object): string =>
  `?${new URLSearchParams(Object.entries(values).filter(([, value]) => value !== undefined && value !== null))}`;

export const deadLettersQuery = (filter: DeadLetterFilter) =>
  infiniteQueryOptions({
    queryKey: ["dead-letters", filter],
    queryFn: ({ pageParam, signal }) =>
      request<DeadLetters>(
        "GET",
        `/dead-letters${deadLetterQuery({ ...filter, limit: pageSize, cursor: pageParam })}`,
        undefined,
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    refetchInterval: (running) => ((running.state.data?.pages.length ?? 0) > 1 ? false : 5_000),
  });

export const deadLetterCountsQuery = (filter: DeadLetterFilter) =>
  queryOptions({
    queryKey: ["dead-letters", "counts", filter],
    queryFn: ({ signal }) =>
      request<DeadLetterCounts>("GET", `/dead-letters/counts${deadLetterQuery(filter)}`, undefined, signal),
    refetchInterval: 5_000,
    // The rail stands still while another filter is counted.
    placeholderData: keepPreviousData,
  });

export const deadLetterDetailQuery = (id: string) =>
  queryOptions({
    queryKey: ["dead-letters", "one", id],
    queryFn: ({ signal }) => request<DeadLetterDetail>("GET", `/dead-letters/${id}`, undefined, signal),
    // Whoever has retried wants to see what comes of it.
    refetchInterval: ({ state: { data } }) => (data?.letter.state === "retried" && data.runState === "RUNNING" ? 1_000 : false),
  });

export const versionsQuery = (flow: string) =>
  queryOptions({
    queryKey: ["versions", flow],
    queryFn: ({ signal }) => request<Static<typeof Versions>>("GET", `/flows/${flow}/versions`, undefined, signal),
  });

/** Which version is to be promoted, and on whose messages it is tried. */
export interface PromotionWish {
  version: number;
  messages: number;
  messagesFrom: string;
  /** Slot name to connection name, where it is not to be found out. */
  slots?: Record<string, string>;
}

/** Tries both versions; what it finds stays until the version that runs is another. */
export const promotionReviewQuery = (environment: string, flow: string, wish: PromotionWish, running: number[]) =>
  queryOptions({
    queryKey: ["promotion-review", environment, flow, wish, running],
    queryFn: ({ signal }) =>
      request<PromotionReview>("POST", `/environments/${environment}/flows/${flow}/promotion-review`, wish, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

/** What an import would change; `stamp` tells one chosen file from another. */
export const importReviewQuery = (wish: ImportWish, stamp: number) =>
  queryOptions({
    queryKey: ["import", wish.origin?.name, stamp, wish.publish, wish.force],
    queryFn: ({ signal }) => request<ImportReport>("POST", "/imports", { ...wish, dryRun: true }, signal),
    enabled: wish.bundle !== null,
    retry: false,
    gcTime: 0,
  });

/** How a flow stands to the files it was pushed from. */
export const flowFilesQuery = (flow: string) =>
  queryOptions({
    queryKey: ["flow", flow, "files"],
    queryFn: ({ signal }) => request<{ files: FlowFiles | null }>("GET", `/flows/${flow}/files`, undefined, signal),
  });

/** How a canary does; it goes on while it is looked at. */
export const canaryQuery = (environment: string, promotion: string) =>
  queryOptions({
    queryKey: ["canary", environment, promotion],
    queryFn: ({ signal }) =>
      request<CanaryProgress>("GET", `/environments/${environment}/promotions/${promotion}/canary`, undefined, signal),
    refetchInterval: 2_000,
  });

export const promotionsQuery = (environment: string, flow: string) =>
  queryOptions({
    queryKey: ["promotions", environment, flow],
    queryFn: ({ signal }) =>
      request<Static<typeof Promotions>>("GET", `/environments/${environment}/flows/${flow}/promotions`, undefined, signal),
    refetchInterval: 5_000,
  });
