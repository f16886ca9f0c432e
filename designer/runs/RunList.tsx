import { Button, Select, Table } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { PlayCircle, SearchX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Run, runStates } from "#schemas/run.ts";
import { flowsQuery, runsQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { CopyText } from "../elements/CopyText.tsx";
import { Empty } from "../elements/Empty.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { NextPage } from "../elements/NextPage.tsx";
import { type Names, useNames } from "../elements/names.ts";
import { ListPanel, Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { useFilter } from "../elements/useFilter.ts";
import { LiveMark } from "./LiveMark.tsx";
import { RunDuration } from "./RunDuration.tsx";

/** The runs of one environment, newest first; the top of the list is live. */
export function RunList() {
  const { t } = useTranslation();
  const { id, title } = useEnvironment();
  const filter = useFilter();
  const [q, state, flow] = [filter.get("q"), filter.get("state"), filter.get("flow")];
  const runs = useInfiniteQuery(runsQuery({ environment: id, state, flow, q: q?.trim() || undefined }));
  const flows = useQuery(flowsQuery(id));
  const filtered = state !== undefined || flow !== undefined || q !== undefined;
  return (
    <Page title={t("runs.title")} actions={<LiveMark live={(runs.data?.pages.length ?? 0) <= 1} />}>
      <Tools>
        <SearchBox label={t("runs.searchLabel")} value={q ?? ""} onChange={(text) => filter.set("q", text)} />
        <Select
          aria-label={t("runs.state")}
          placeholder={t("runs.allStates")}
          w={150}
          clearable
          clearButtonProps={{ "aria-label": t("runs.allStates") }}
          data={runStates.map((value) => ({ value, label: t(`state.${value}`) }))}
          value={state ?? null}
          onChange={(value) => filter.set("state", value)}
          data-testid="run-state-filter"
        />
        <Select
          aria-label={t("runs.flowFilter")}
          placeholder={t("runs.allFlows")}
          w={220}
          clearable
          searchable
          clearButtonProps={{ "aria-label": t("runs.allFlows") }}
          data={(flows.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          value={flow ?? null}
          onChange={(value) => filter.set("flow", value)}
        />
      </Tools>
      <Loaded query={runs} skeleton={<RowsSkeleton rows={10} />}>
        {({ pages }) => {
          const rows = pages.flatMap(({ items }) => items);
          if (rows.length > 0) return <Rows runs={rows} next={<NextPage query={runs} />} />;
          return filtered ? (
            <Empty icon={SearchX} title={t("runs.noMatch")} text={t("runs.noMatchText")}>
              <Button variant="default" onClick={filter.clear}>
                {t("runs.clear")}
              </Button>
            </Empty>
          ) : (
            <Empty icon={PlayCircle} title={t("runs.emptyTitle", { environment: title })} text={t("runs.emptyText")}>
              <Button component={Link} to={address.flows(id)}>
                {t("runs.emptyDo")}
              </Button>
            </Empty>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Rows({ runs, next }: { runs: Run[]; next: React.ReactNode }) {
  const { t } = useTranslation();
  const names = useNames(runs.flatMap(({ flow, failedNode }) => (failedNode ? [flow] : [])));
  return (
    <ListPanel>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("runs.document")}</Table.Th>
            <Table.Th data-wide>{t("run.title")}</Table.Th>
            <Table.Th>{t("runs.state")}</Table.Th>
            <Table.Th>{t("runs.failedAt")}</Table.Th>
            <Table.Th>{t("runs.flow")}</Table.Th>
            <Table.Th data-end>{t("runs.duration")}</Table.Th>
            <Table.Th data-end>{t("runs.started")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {runs.map((run) => (
            <Row key={run.id} run={run} names={names} />
          ))}
        </Table.Tbody>
      </Table>
      {next}
    </ListPanel>
  );
}

function Row({ run, names }: { run: Run; names: Names }) {
  const { t } = useTranslation();
  return (
    <Table.Tr data-testid="run-row" data-run={run.id}>
      <Table.Td>
        <Link
          className="ol-link ol-number ol-clip"
          style={{ display: "block", maxWidth: 208 }}
          to={address.run(run.environment, run.id)}
          title={run.documentKey ?? undefined}
        >
          {run.documentKey ?? t("runs.noKey")}
        </Link>
      </Table.Td>
      <Table.Td className="ol-dim" data-wide title={run.id}>
        {/* The end of the id is what tells runs apart: it begins with the time. */}
        <CopyText value={run.id}>{run.id.slice(-12)}</CopyText>
      </Table.Td>
      <Table.Td>
        <span style={{ display: "inline-flex", gap: 8, alignItems: "center" }}>
          <StateChip state={run.held ? "held" : run.state} />
          {run.kind !== "live" && <Label>{t(`runs.kind.${run.kind}`)}</Label>}
        </span>
      </Table.Td>
      <Table.Td>
        {run.failedNode && (
          <span style={{ display: "inline-flex", gap: 8, alignItems: "center" }}>
            <span title={run.failedNode}>{names.node(run.flow, run.failedNode)}</span>
            {run.failedClass && <Label tone="failed">{t(`outcome.${run.failedClass}`)}</Label>}
          </span>
        )}
      </Table.Td>
      <Table.Td className="ol-dim" title={run.flow}>
        {names.flow(run.flow)} {t("common.version", { number: run.version })}
      </Table.Td>
      <Table.Td data-end className="ol-number ol-dim">
        <RunDuration run={run} />
      </Table.Td>
      <Table.Td data-end className="ol-dim">
        <TimeText iso={run.startedAt} />
      </Table.Td>
    </Table.Tr>
  );
}
