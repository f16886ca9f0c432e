import { Table } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Cable, FlaskConical, Pause, Play, PlugZap, Plus, SearchX } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ConnectorSummary } from "#schemas/api.ts";
import type { Connection, ListedConnection } from "#schemas/connection.ts";
import { setConnection } from "../api/commands.ts";
import { connectionsQuery, connectorsQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { CopyText } from "../elements/CopyText.tsx";
import { Empty } from "../elements/Empty.tsx";
import { Hint } from "../elements/Hint.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { ListPanel, Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { SystemBadge } from "../elements/SystemBadge.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { failed, tell } from "../elements/tell.ts";
import { useFilter } from "../elements/useFilter.ts";
import { ConnectionLoad, ConnectionState } from "./ConnectionHealth.tsx";
import { LastTest, TestDialog, useConnectionTest } from "./ConnectionTest.tsx";
import classes from "./connections.module.css";
import { WebhookList } from "./WebhookList.tsx";

const ConnectionDialog = lazy(async () => ({ default: (await import("./ConnectionDialog.tsx")).ConnectionDialog }));

/** The connections of one environment: whether they work, and a way to hold them. */
export function ConnectionList() {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const filter = useFilter();
  const connections = useQuery({ ...connectionsQuery(environment.id), refetchInterval: 5_000 });
  const connectors = useQuery(connectorsQuery);
  const q = (filter.get("q") ?? "").toLowerCase();
  const systemOf = (id: string) => connectors.data?.items.find((connector) => connector.id === id);
  const [open, setOpen] = useState<Connection | "new" | null>(null);
  return (
    <Page
      title={t("connections.title")}
      actions={
        <RoleButton
          permission="administer"
          environment={environment.id}
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setOpen("new")}
          data-testid="new-connection"
        >
          {t("connectionForm.create")}
        </RoleButton>
      }
    >
      <Tools>
        <SearchBox
          label={t("connections.searchLabel")}
          value={filter.get("q") ?? ""}
          onChange={(text) => filter.set("q", text)}
        />
      </Tools>
      <Loaded query={connections} skeleton={<RowsSkeleton rows={4} />}>
        {({ items }) => {
          if (items.length === 0) {
            return (
              <Empty
                icon={Cable}
                title={t("connections.emptyTitle", { environment: environment.title })}
                text={t("connections.emptyText")}
              />
            );
          }
          const found = items.filter(({ name, connector, systemAccount }) =>
            [name, connector, systemAccount, systemOf(connector)?.title ?? ""].some((text) => text.toLowerCase().includes(q)),
          );
          if (found.length === 0)
            return <Empty icon={SearchX} title={t("connections.noMatch", { query: q })} text={t("connections.noMatchText")} />;
          return <Rows connections={found} systemOf={systemOf} onEdit={setOpen} />;
        }}
      </Loaded>
      <WebhookList />
      {open && (
        <Suspense>
          <ConnectionDialog connection={open === "new" ? null : open} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </Page>
  );
}

interface RowsProps {
  connections: ListedConnection[];
  systemOf: (connector: string) => ConnectorSummary | undefined;
  onEdit: (connection: Connection) => void;
}

function Rows({ connections, systemOf, onEdit }: RowsProps) {
  const { t } = useTranslation();
  return (
    <ListPanel>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("connections.name")}</Table.Th>
            <Table.Th>{t("connections.account")}</Table.Th>
            <Table.Th>{t("connections.state")}</Table.Th>
            <Table.Th>{t("connections.load")}</Table.Th>
            <Table.Th data-wide>{t("connections.secrets")}</Table.Th>
            <Table.Th className={classes.updated ?? ""}>{t("connections.updated")}</Table.Th>
            <Table.Th data-end>{t("common.actions")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {connections.map((connection) => (
            <Row
              key={connection.id}
              connection={connection}
              system={systemOf(connection.connector)}
              onEdit={() => onEdit(connection)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </ListPanel>
  );
}

interface RowProps {
  connection: ListedConnection;
  system: ConnectorSummary | undefined;
  onEdit: () => void;
}

function Row({ connection, system, onEdit }: RowProps) {
  const { t } = useTranslation();
  const test = useConnectionTest(connection);
  const [testOpen, setTestOpen] = useState(false);
  return (
    <Table.Tr data-testid="connection-row">
      <Table.Td>
        <div style={{ display: "flex", gap: 10, alignItems: "center" }}>
          {system && <SystemBadge text={system.badge.text} color={system.badge.color} />}
          <div>
            <div style={{ display: "flex", gap: 8, alignItems: "center", fontWeight: 500, whiteSpace: "nowrap" }}>
              {connection.name}
              {connection.sandbox && (
                <Hint label={t("connections.sandboxHint")} width={260}>
                  <span style={{ display: "inline-flex" }}>
                    <Label>
                      <FlaskConical size={12} aria-hidden style={{ marginRight: 4 }} />
                      {t("connections.sandbox")}
                    </Label>
                  </span>
                </Hint>
              )}
            </div>
            <div className="ol-dim ol-small">
              {system?.title ?? connection.connector} {connection.connectorVersion}
            </div>
          </div>
        </div>
      </Table.Td>
      <Table.Td className={classes.account ?? ""}>
        <CopyText value={connection.systemAccount} />
      </Table.Td>
      <Table.Td>
        <ConnectionState connection={connection} />
        <div>
          <LastTest tested={connection.tested} onOpen={() => setTestOpen(true)} />
        </div>
        {testOpen && (
          <TestDialog
            connection={connection}
            system={system?.title ?? connection.connector}
            test={test}
            onEdit={() => {
              setTestOpen(false);
              onEdit();
            }}
            onClose={() => setTestOpen(false)}
          />
        )}
      </Table.Td>
      <Table.Td>
        <ConnectionLoad health={connection.health} />
      </Table.Td>
      <Table.Td className="ol-dim" data-wide>
        {connection.secretNames.join(", ") || t("common.none")}
      </Table.Td>
      <Table.Td className={`ol-dim ${classes.updated}`}>
        <TimeText iso={connection.updatedAt} />
      </Table.Td>
      <Table.Td data-end>
        <div className={classes.actions}>
          <RoleButton
            permission="operate"
            environment={connection.environment}
            variant="default"
            leftSection={<PlugZap size={14} aria-hidden />}
            onClick={() => {
              setTestOpen(true);
              test.mutate();
            }}
            data-testid={`test-connection-${connection.name}`}
          >
            {t("connectionTest.do")}
          </RoleButton>
          <PauseButton connection={connection} />
          <RoleButton
            permission="administer"
            environment={connection.environment}
            variant="default"
            onClick={onEdit}
            data-testid={`edit-connection-${connection.name}`}
          >
            {t("connectionForm.edit")}
          </RoleButton>
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

function PauseButton({ connection }: { connection: Connection }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { environment, name, state } = connection;
  const pausing = state === "active";
  const change = useMutation({
    mutationFn: () => setConnection(environment, name, pausing ? "pause" : "resume"),
    onSuccess: (after) => {
      tell({
        message: t(after.state === "paused" ? "connections.pausedDone" : "connections.resumedDone", { name }),
      });
      void queries.invalidateQueries({ queryKey: ["connections", environment] });
    },
    onError: failed,
  });
  return (
    <RoleButton
      permission="operate"
      environment={environment}
      variant="default"
      loading={change.isPending}
      onClick={() => change.mutate()}
      data-testid="pause-connection"
      leftSection={pausing ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
    >
      {t(pausing ? "connections.pause" : "connections.resume")}
    </RoleButton>
  );
}
