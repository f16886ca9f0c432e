import { Button, Checkbox, Group, Table } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { DeadLetter } from "#schemas/deadLetter.ts";
import { address } from "../app/address.ts";
import { CopyAction } from "../elements/CopyText.tsx";
import { Label } from "../elements/Label.tsx";
import { type Names, useNames } from "../elements/names.ts";
import { ListPanel } from "../elements/Page.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";

interface DeadLetterTableProps {
  letters: readonly DeadLetter[];
  chosen: ReadonlySet<string>;
  onChoose: (ids: ReadonlySet<string>) => void;
  onRetry: (id: string) => void;
  onResolve: (id: string) => void;
  next: ReactNode;
}

export function DeadLetterTable({ letters, chosen, onChoose, onRetry, onResolve, next }: DeadLetterTableProps) {
  const { t } = useTranslation();
  const names = useNames(letters.map(({ flow }) => flow));
  const open = letters.filter(({ state }) => state === "open");
  const all = open.length > 0 && open.every(({ id }) => chosen.has(id));
  const toggle = (id: string) => {
    const after = new Set(chosen);
    if (!after.delete(id)) after.add(id);
    onChoose(after);
  };
  return (
    <ListPanel>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40}>
              <Checkbox
                aria-label={t("exceptions.selectAll")}
                checked={all}
                indeterminate={!all && chosen.size > 0}
                disabled={open.length === 0}
                onChange={() => onChoose(all ? new Set() : new Set(open.map(({ id }) => id)))}
              />
            </Table.Th>
            <Table.Th>{t("exceptions.document")}</Table.Th>
            <Table.Th>{t("exceptions.class")}</Table.Th>
            <Table.Th>{t("exceptions.reason")}</Table.Th>
            <Table.Th data-end data-wide>
              {t("exceptions.attempts")}
            </Table.Th>
            <Table.Th data-end>{t("exceptions.since")}</Table.Th>
            <Table.Th data-end>{t("common.actions")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {letters.map((letter) => (
            <Row
              key={letter.id}
              letter={letter}
              names={names}
              chosen={chosen.has(letter.id)}
              onToggle={toggle}
              onRetry={onRetry}
              onResolve={onResolve}
            />
          ))}
        </Table.Tbody>
      </Table>
      {next}
    </ListPanel>
  );
}

interface RowProps {
  letter: DeadLetter;
  names: Names;
  chosen: boolean;
  onToggle: (id: string) => void;
  onRetry: (id: string) => void;
  onResolve: (id: string) => void;
}

function Row({ letter, names, chosen, onToggle, onRetry, onResolve }: RowProps) {
  const { t } = useTranslation();
  const { id, environment, runId, documentKey, node, flow, state, reason, note, closedBy } = letter;
  const key = documentKey ?? t("runs.noKey");
  return (
    <Table.Tr data-testid="dead-letter-row" {...(chosen ? { bg: "var(--ol-accent-soft)" } : {})}>
      <Table.Td>
        <Checkbox
          aria-label={t("exceptions.select", { key })}
          checked={chosen}
          disabled={state !== "open"}
          onChange={() => onToggle(id)}
        />
      </Table.Td>
      <Table.Td>
        <div style={{ display: "flex", maxWidth: 208, gap: 4, alignItems: "center" }}>
          <Link className="ol-link ol-number ol-clip" to={address.run(environment, runId, node)} title={key}>
            {key}
          </Link>
          {documentKey !== null && <CopyAction value={documentKey} what={key} />}
        </div>
        <div className="ol-dim ol-small ol-clip" style={{ maxWidth: 208 }} title={`${flow} · ${node}`}>
          {names.node(flow, node)} · {names.flow(flow)}
        </div>
      </Table.Td>
      <Table.Td>
        <Label tone="failed">{t(`outcome.${letter.class}`)}</Label>
      </Table.Td>
      <Table.Td style={{ minWidth: 220 }}>
        <ReasonText reason={reason} />
        {note && <div className="ol-small">{t("exceptions.closedNote", { who: closedBy ?? "", note })}</div>}
      </Table.Td>
      <Table.Td data-end data-wide className="ol-number">
        {letter.attempts}
      </Table.Td>
      <Table.Td data-end className="ol-dim">
        <TimeText iso={letter.createdAt} />
      </Table.Td>
      <Table.Td data-end>
        {state === "open" ? (
          <Group gap={8} justify="flex-end" wrap="nowrap">
            <Button variant="default" onClick={() => onRetry(id)} data-testid="retry">
              {t("exceptions.retry")}
            </Button>
            <Button variant="default" onClick={() => onResolve(id)} data-testid="resolve">
              {t("exceptions.resolve")}
            </Button>
          </Group>
        ) : (
          <StateChip state={state} />
        )}
      </Table.Td>
    </Table.Tr>
  );
}
