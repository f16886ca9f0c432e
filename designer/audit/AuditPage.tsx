import { Button, Menu, Select, Table, TextInput, UnstyledButton } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight, Download, ScrollText } from "lucide-react";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditRow } from "#schemas/audit.ts";
import { auditHeadQuery, auditQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { useMay } from "../app/session.ts";
import { CopyText } from "../elements/CopyText.tsx";
import { Empty } from "../elements/Empty.tsx";
import { JsonView } from "../elements/JsonView.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { NextPage } from "../elements/NextPage.tsx";
import { ListPanel, Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { startOfDay } from "../elements/time.ts";
import { useFilter } from "../elements/useFilter.ts";
import { useHeldText } from "../elements/useHeldText.ts";
import { Changes } from "../exceptions/Changes.tsx";
import "./texts.ts";

/** What an action is about: the part before its dot. */
const kinds = [
  "flow",
  "version",
  "deployment",
  "connection",
  "table",
  "run",
  "deadLetter",
  "environment",
  "person",
  "token",
  "promotion",
  "keys",
  "session",
  "signIn",
] as const;

/** Who did what, when, from where; what was before and after. */
export function AuditPage() {
  const { t } = useTranslation();
  const { id, title } = useEnvironment();
  const filter = useFilter();
  const everywhere = useMay("administer", null);
  const all = everywhere && filter.get("where") === "all";
  const narrowed: Record<string, string | undefined> = {
    environment: all ? undefined : id,
    actor: filter.get("actor"),
    subject: filter.get("subject"),
    action: filter.get("action"),
    since: startOfDay(filter.get("from")),
    until: startOfDay(filter.get("to"), 1),
  };
  const rows = useInfiniteQuery(auditQuery(narrowed));
  const named = Object.entries(narrowed).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const tableAddress = `/api/v1/audit/table?${new URLSearchParams(named)}`;
  const text = (name: "actor" | "subject") => (
    <SearchBox
      width={200}
      label={t(`audit.${name}`)}
      value={filter.get(name) ?? ""}
      onChange={(text) => filter.set(name, text)}
    />
  );
  const day = (name: "from" | "to") => (
    <DayField name={name} value={filter.get(name) ?? ""} onChange={(value) => filter.set(name, value)} />
  );
  return (
    <Page
      title={t("audit.title")}
      actions={
        <>
          {everywhere && <Head />}
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <Button variant="default" leftSection={<Download size={14} aria-hidden />} data-testid="audit-export">
                {t("audit.export")}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item component="a" href={tableAddress} download data-testid="audit-table">
                {t("audit.table")}
              </Menu.Item>
              {everywhere && (
                <Menu.Item component="a" href="/api/v1/audit/export" download>
                  {t("audit.chain")}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      <Tools>
        {everywhere && (
          <Select
            aria-label={t("audit.where")}
            w={200}
            data={[
              { value: "here", label: title },
              { value: "all", label: t("audit.everything") },
            ]}
            value={all ? "all" : "here"}
            onChange={(value) => filter.set("where", value === "all" ? value : null)}
            allowDeselect={false}
            data-testid="audit-where"
          />
        )}
        <Select
          aria-label={t("audit.about")}
          placeholder={t("audit.allKinds")}
          w={180}
          clearable
          clearButtonProps={{ "aria-label": t("audit.allKinds") }}
          data={kinds.map((value) => ({ value, label: t(`audit.kinds.${value}`) }))}
          value={filter.get("action") ?? null}
          onChange={(value) => filter.set("action", value)}
        />
        {text("actor")}
        {text("subject")}
        {day("from")}
        {day("to")}
      </Tools>
      <Loaded query={rows} skeleton={<RowsSkeleton rows={10} />}>
        {({ pages }) => {
          const found = pages.flatMap(({ items }) => items);
          if (found.length === 0) return <Empty icon={ScrollText} title={t("audit.emptyTitle")} text={t("audit.emptyText")} />;
          return <Rows rows={found} next={<NextPage query={rows} />} />;
        }}
      </Loaded>
    </Page>
  );
}

interface DayFieldProps {
  name: "from" | "to";
  value: string;
  onChange: (day: string) => void;
}

/** A first or last day; whole from the first digit of its year on. */
function DayField({ name, value, onChange }: DayFieldProps) {
  const { t } = useTranslation();
  const { text, type, flush } = useHeldText(value, onChange);
  return (
    <TextInput
      type="date"
      w={132}
      aria-label={t(`audit.${name}Day`)}
      title={t(`audit.${name}Day`)}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onBlur={flush}
      data-testid={`audit-${name}`}
    />
  );
}

/** The end of the chain, to be kept elsewhere. */
function Head() {
  const { t } = useTranslation();
  const head = useQuery(auditHeadQuery);
  return (
    head.data && (
      <span className="ol-dim ol-small" data-wide>
        {t("audit.head")} <CopyText value={head.data.hash}>{head.data.hash.slice(0, 12)}</CopyText>
      </span>
    )
  );
}

function Rows({ rows, next }: { rows: AuditRow[]; next: React.ReactNode }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<number | null>(null);
  return (
    <ListPanel>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("audit.action")}</Table.Th>
            <Table.Th>{t("audit.subject")}</Table.Th>
            <Table.Th>{t("audit.actor")}</Table.Th>
            <Table.Th data-wide>{t("audit.from")}</Table.Th>
            <Table.Th data-end>{t("audit.when")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Fragment key={row.seq}>
              <Row row={row} open={open === row.seq} onToggle={() => setOpen(open === row.seq ? null : row.seq)} />
              {open === row.seq && (
                <Table.Tr>
                  <Table.Td colSpan={5}>
                    {(row.before !== null || row.after !== null) && <Changes before={row.before ?? {}} after={row.after ?? {}} />}
                    <JsonView label={row.action} value={told(row)} />
                  </Table.Td>
                </Table.Tr>
              )}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
      {next}
    </ListPanel>
  );
}

/** What stands in no column. */
const told = ({ detail, agent, previousHash, hash }: AuditRow) => ({
  detail,
  ...(agent ? { agent } : {}),
  previousHash,
  hash,
});

function Row({ row, open, onToggle }: { row: AuditRow; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation();
  const Icon = open ? ChevronDown : ChevronRight;
  return (
    <Table.Tr data-testid="audit-row">
      <Table.Td>
        <UnstyledButton onClick={onToggle} aria-expanded={open} style={{ display: "flex", gap: 6, alignItems: "center" }}>
          <Icon size={14} aria-hidden />
          <span className="ol-mono">{row.action}</span>
        </UnstyledButton>
      </Table.Td>
      <Table.Td>
        <span className="ol-mono">{row.subject}</span>
        {row.environment && <span className="ol-dim"> {t("audit.in", { environment: row.environment })}</span>}
      </Table.Td>
      <Table.Td>{row.actor}</Table.Td>
      <Table.Td className="ol-dim" data-wide>
        {row.address ?? t("audit.server")}
      </Table.Td>
      <Table.Td className="ol-dim" data-end>
        <TimeText iso={row.at} />
      </Table.Td>
    </Table.Tr>
  );
}
