import { Table } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Plus, SearchX, Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowSummary } from "#schemas/api.ts";
import type { Deployment } from "#schemas/deployment.ts";
import { flowsQuery } from "../api/queries.ts";
import { address, useEnvironment, useEnvironments } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { Empty } from "../elements/Empty.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { count } from "../elements/numbers.ts";
import { ListPanel, Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { useFilter } from "../elements/useFilter.ts";
import { NewFlow } from "./NewFlow.tsx";
import { matchesFlow } from "./search.ts";

/** All flows, with what runs of them in each environment. */
export function FlowList() {
  const { t } = useTranslation();
  const filter = useFilter();
  const { id: environment } = useEnvironment();
  const flows = useQuery({ ...flowsQuery(environment), refetchInterval: 10_000 });
  const [creating, { open, close }] = useDisclosure(false);
  const q = filter.get("q") ?? "";
  const create = (
    <RoleButton permission="design" leftSection={<Plus size={14} aria-hidden />} onClick={open} data-testid="new-flow">
      {t("flows.create")}
    </RoleButton>
  );
  return (
    <Page title={t("flows.title")} actions={create}>
      <Tools>
        <SearchBox label={t("flows.searchLabel")} value={q} onChange={(text) => filter.set("q", text)} />
      </Tools>
      <Loaded query={flows} skeleton={<RowsSkeleton />}>
        {({ items }) => <Rows all={items} found={items.filter((flow) => matchesFlow(flow, q))} q={q} create={create} />}
      </Loaded>
      {creating && <NewFlow onClose={close} />}
    </Page>
  );
}

interface RowsProps {
  all: FlowSummary[];
  found: FlowSummary[];
  q: string;
  create: React.ReactNode;
}

function Rows({ all, found, q, create }: RowsProps) {
  const { t } = useTranslation();
  if (all.length === 0) {
    return (
      <Empty icon={Workflow} title={t("flows.emptyTitle")} text={t("flows.emptyText")}>
        {create}
      </Empty>
    );
  }
  if (found.length === 0) return <Empty icon={SearchX} title={t("flows.noMatch", { query: q })} text={t("flows.noMatchText")} />;
  return (
    <ListPanel>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("flows.name")}</Table.Th>
            <Table.Th>{t("flows.owner")}</Table.Th>
            <Table.Th>{t("flows.deployed")}</Table.Th>
            <Table.Th data-end>{t("flows.runs24h")}</Table.Th>
            <Table.Th data-end>{t("flows.deadLetters")}</Table.Th>
            <Table.Th data-end>{t("flows.lastRun")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.map((flow) => (
            <Row key={flow.id} flow={flow} />
          ))}
        </Table.Tbody>
      </Table>
    </ListPanel>
  );
}

function Row({ flow }: { flow: FlowSummary }) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  return (
    <Table.Tr data-testid="flow-row">
      <Table.Td>
        <Link className="ol-link" to={address.flow(environment, flow.id)}>
          {flow.name}
        </Link>
        <div style={{ display: "flex", gap: 4, marginTop: 3, alignItems: "center" }}>
          <span className="ol-dim ol-small">{flow.id}</span>
          {flow.tags.map((tag) => (
            <Label key={tag}>{tag}</Label>
          ))}
        </div>
      </Table.Td>
      <Table.Td>{flow.owner ?? <span className="ol-dim">{t("flows.noOwner")}</span>}</Table.Td>
      <Table.Td>
        <Deployments deployments={flow.deployments} />
      </Table.Td>
      <Table.Td data-end className="ol-number">
        <Link className="ol-link" to={address.runs(environment, flow.id)}>
          {count(flow.runs24h)}
        </Link>
      </Table.Td>
      <Table.Td data-end className="ol-number">
        {flow.openDeadLetters > 0 ? (
          <Link className="ol-link" style={{ color: "var(--ol-failed)" }} to={address.exceptions(environment, flow.id)}>
            {count(flow.openDeadLetters)}
          </Link>
        ) : (
          <span className="ol-dim">0</span>
        )}
      </Table.Td>
      <Table.Td data-end className="ol-dim">
        {flow.lastRunAt ? <TimeText iso={flow.lastRunAt} /> : t("common.never")}
      </Table.Td>
    </Table.Tr>
  );
}

function Deployments({ deployments }: { deployments: Deployment[] }) {
  const { t } = useTranslation();
  const environments = useEnvironments();
  if (deployments.length === 0) return <span className="ol-dim">{t("flows.notDeployed")}</span>;
  return (
    <div style={{ display: "flex", gap: 12, flexWrap: "wrap" }}>
      {environments.flatMap(({ id, title }) => {
        const deployment = deployments.find(({ environment }) => environment === id);
        if (!deployment) return [];
        return (
          <span key={id} style={{ whiteSpace: "nowrap" }}>
            <span className="ol-dim">{title}</span>{" "}
            {deployment.versions.map(({ number }) => t("common.version", { number })).join(" + ")}
            {deployment.state === "paused" && <span style={{ color: "var(--ol-waiting)" }}> {t("flows.paused")}</span>}
          </span>
        );
      })}
    </div>
  );
}
