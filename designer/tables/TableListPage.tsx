import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus, SearchX, Table2 } from "lucide-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { TableSummary } from "#schemas/referenceTable.ts";
import { tablesQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { Empty } from "../elements/Empty.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { ListPanel, Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { useFilter } from "../elements/useFilter.ts";
import { FormOfTable } from "./FormOfTable.tsx";
import { say } from "./say.ts";

/** The reference tables of one environment: how large each is, and who looks things up in it. */
export function TableListPage() {
  const { id: environment, title } = useEnvironment();
  const filter = useFilter();
  const navigate = useNavigate();
  const tables = useQuery(tablesQuery(environment));
  const [open, setOpen] = useState(false);
  const q = (filter.get("q") ?? "").toLowerCase();
  const create = (
    <RoleButton
      permission="operate"
      environment={environment}
      leftSection={<Plus size={14} aria-hidden />}
      onClick={() => setOpen(true)}
      data-testid="new-table"
    >
      {say("list.create")}
    </RoleButton>
  );
  return (
    <Page title={say("list.title")} actions={create}>
      <Tools>
        <SearchBox label={say("list.search")} value={filter.get("q") ?? ""} onChange={(text) => filter.set("q", text)} />
      </Tools>
      <Loaded query={tables} skeleton={<RowsSkeleton rows={4} />}>
        {({ items }) => {
          if (items.length === 0)
            return <Empty icon={Table2} title={say("list.emptyTitle", { environment: title })} text={say("list.emptyText")} />;
          const found = items.filter((table) => [table.name, table.title].some((text) => text.toLowerCase().includes(q)));
          if (found.length === 0)
            return <Empty icon={SearchX} title={say("list.noMatch", { query: q })} text={say("list.noMatchText")} />;
          return <Rows environment={environment} tables={found} />;
        }}
      </Loaded>
      {open && (
        <FormOfTable
          table={null}
          onDone={(name) => void navigate(address.table(environment, name))}
          onClose={() => setOpen(false)}
        />
      )}
    </Page>
  );
}

function Rows({ environment, tables }: { environment: string; tables: readonly TableSummary[] }) {
  return (
    <ListPanel>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{say("list.name")}</Table.Th>
            <Table.Th>{say("list.key")}</Table.Th>
            <Table.Th data-end>{say("list.rows")}</Table.Th>
            <Table.Th>{say("list.flows")}</Table.Th>
            <Table.Th>{say("list.changed")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tables.map(({ name, title, key, rows, flows, changedAt, changedBy }) => (
            <Table.Tr key={name} data-testid="table-row">
              <Table.Td>
                <Link to={address.table(environment, name)} style={{ fontWeight: 500 }}>
                  {name}
                </Link>
                <div className="ol-dim ol-small">{title}</div>
              </Table.Td>
              <Table.Td>{key.join(", ")}</Table.Td>
              <Table.Td data-end className="ol-number">
                {rows}
              </Table.Td>
              <Table.Td className={flows.length === 0 ? "ol-dim" : ""}>{flows.join(", ") || say("list.nobody")}</Table.Td>
              <Table.Td className="ol-dim">
                <TimeText iso={changedAt} /> · {changedBy}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ListPanel>
  );
}
