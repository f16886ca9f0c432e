import { Button, Checkbox, Group, Table } from "@mantine/core";
import type { KeyboardEvent, MouseEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import type { DeadLetter } from "#schemas/deadLetter.ts";
import { CopyAction } from "../elements/CopyText.tsx";
import { Label } from "../elements/Label.tsx";
import { type Names, useNames } from "../elements/names.ts";
import { ListPanel } from "../elements/Page.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import "./texts.ts";

interface RowCommands {
  onRetry: (id: string) => void;
  onResolve: (id: string) => void;
}

interface DeadLetterTableProps extends RowCommands {
  letters: readonly DeadLetter[];
  /** The one that is read beside the list; the rows are short then. */
  open: string | undefined;
  chosen: ReadonlySet<string>;
  onChoose: (ids: ReadonlySet<string>) => void;
  /** Whether the person may do something about them; who may not sees no buttons in every row. */
  may: boolean;
  next: ReactNode;
}

/** Moves to the row before or after, and reads it where one is being read already. */
function moveByKey(event: KeyboardEvent<HTMLElement>, open: boolean): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !(event.target instanceof HTMLAnchorElement)) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>("a[data-row]")];
  const next = links[links.indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (open) next.click();
}

export function DeadLetterTable({ letters, open, chosen, onChoose, may, next, ...commands }: DeadLetterTableProps) {
  const { t } = useTranslation();
  const names = useNames(letters.map(({ flow }) => flow));
  const still = letters.filter(({ state }) => state === "open");
  const all = still.length > 0 && still.every(({ id }) => chosen.has(id));
  const toggle = (id: string) => {
    const after = new Set(chosen);
    if (!after.delete(id)) after.add(id);
    onChoose(after);
  };
  const short = open !== undefined;
  return (
    <ListPanel>
      <Table layout={short ? "fixed" : "auto"} aria-label={t("exceptions.list")} onKeyDown={(event) => moveByKey(event, short)}>
        <Table.Thead>
          <Table.Tr>
            {may && (
              <Table.Th w={40}>
                <Checkbox
                  aria-label={t("exceptions.selectAll")}
                  checked={all}
                  indeterminate={!all && chosen.size > 0}
                  disabled={still.length === 0}
                  onChange={() => onChoose(all ? new Set() : new Set(still.map(({ id }) => id)))}
                />
              </Table.Th>
            )}
            <Table.Th>{t("exceptions.document")}</Table.Th>
            {!short && <Table.Th>{t("exceptions.class")}</Table.Th>}
            {!short && <Table.Th>{t("exceptions.reason")}</Table.Th>}
            {!short && (
              <Table.Th data-end data-wide>
                {t("exceptions.attempts")}
              </Table.Th>
            )}
            <Table.Th data-end w={short ? 104 : undefined}>
              {t("exceptions.since")}
            </Table.Th>
            {!short && (
              <Table.Th data-end data-wide>
                {t(may ? "common.actions" : "exceptions.stateFilter")}
              </Table.Th>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {letters.map((letter) => (
            <Row
              key={letter.id}
              letter={letter}
              names={names}
              short={short}
              open={letter.id === open}
              may={may}
              chosen={chosen.has(letter.id)}
              onToggle={toggle}
              {...commands}
            />
          ))}
        </Table.Tbody>
      </Table>
      {next}
    </ListPanel>
  );
}

interface RowProps extends RowCommands {
  letter: DeadLetter;
  names: Names;
  short: boolean;
  open: boolean;
  may: boolean;
  chosen: boolean;
  onToggle: (id: string) => void;
}

/** A click anywhere on a row opens its letter, as Enter on its link does; what can be pressed in it keeps its own meaning. */
function openByRow({ target, currentTarget }: MouseEvent<HTMLElement>): void {
  if (!(target instanceof Element) || target.closest("a, button, label, td:has(input)")) return;
  // Who marks words to copy them wants to stay.
  if (document.getSelection()?.isCollapsed === false) return;
  currentTarget.querySelector<HTMLElement>("[data-row]")?.click();
}

function Row({ letter, names, short, open, may, chosen, onToggle, onRetry, onResolve }: RowProps) {
  const { t } = useTranslation();
  const { id, documentKey, state, reason } = letter;
  const key = documentKey ?? t("runs.noKey");
  return (
    <Table.Tr
      data-testid="dead-letter-row"
      onClick={openByRow}
      style={{ cursor: "pointer" }}
      aria-current={open || undefined}
      {...(chosen || open ? { bg: "var(--ol-accent-soft)" } : {})}
    >
      {may && (
        <Table.Td>
          <Checkbox
            aria-label={t("exceptions.select", { key })}
            checked={chosen}
            disabled={state !== "open"}
            onChange={() => onToggle(id)}
          />
        </Table.Td>
      )}
      <Table.Td>
        <Document letter={letter} names={names} short={short} />
      </Table.Td>
      {!short && (
        <Table.Td>
          <Label tone="failed">{t(`outcome.${letter.class}`)}</Label>
        </Table.Td>
      )}
      {!short && (
        <Table.Td style={{ minWidth: 220 }}>
          <ReasonText reason={reason} />
          <Handled letter={letter} />
        </Table.Td>
      )}
      {!short && (
        <Table.Td data-end data-wide className="ol-number">
          {letter.attempts}
        </Table.Td>
      )}
      <Table.Td data-end className="ol-dim">
        <TimeText iso={letter.createdAt} />
      </Table.Td>
      {!short && (
        <Table.Td data-end data-wide>
          {may && state === "open" ? (
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
      )}
    </Table.Tr>
  );
}

function Document({ letter, names, short }: { letter: DeadLetter; names: Names; short: boolean }) {
  const { t } = useTranslation();
  const [search] = useSearchParams();
  const { id, documentKey, node, flow, reason } = letter;
  const key = documentKey ?? t("runs.noKey");
  const to = new URLSearchParams(search);
  to.set("letter", id);
  return (
    <div style={short ? undefined : { maxWidth: 208 }}>
      <div style={{ display: "flex", gap: 4, alignItems: "center" }}>
        <Link className="ol-link ol-number ol-clip" to={{ search: `${to}` }} title={key} data-row={id} data-testid="open-letter">
          {key}
        </Link>
        {documentKey !== null && <CopyAction value={documentKey} what={key} />}
        {short && <Label tone="failed">{t(`outcome.${letter.class}`)}</Label>}
      </div>
      <div className="ol-dim ol-small ol-clip" title={`${flow} · ${node}`}>
        {names.node(flow, node)} · {names.flow(flow)}
      </div>
      {short && (
        <div className="ol-small ol-clip" title={reason.message}>
          {reason.message}
        </div>
      )}
    </div>
  );
}

/** Who has it in hand, its tags and its note. */
function Handled({ letter: { assignee, tags, note } }: { letter: DeadLetter }) {
  if (assignee === null && tags.length === 0 && note === null) return null;
  return (
    <div className="ol-small" style={{ display: "flex", flexWrap: "wrap", marginTop: 4, alignItems: "center", gap: 6 }}>
      {assignee && <span style={{ fontWeight: 500 }}>{assignee}</span>}
      {tags.map((tag) => (
        <Label key={tag}>{tag}</Label>
      ))}
      {note && <span className="ol-dim">{note}</span>}
    </div>
  );
}
