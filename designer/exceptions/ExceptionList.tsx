import { Button, SegmentedControl } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { CircleCheckBig, SearchX } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { deadLetterCountsQuery, deadLettersQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { useMay } from "../app/session.ts";
import { Empty } from "../elements/Empty.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { NextPage } from "../elements/NextPage.tsx";
import { Tools } from "../elements/Page.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { Separator, usePanelWidth } from "../elements/Separator.tsx";
import { Bulk } from "./Bulk.tsx";
import { CloseDialog } from "./CloseDialog.tsx";
import { DeadLetterTable } from "./DeadLetterTable.tsx";
import classes from "./exceptions.module.css";
import { FilterRail } from "./FilterRail.tsx";
import { HandleDialog } from "./HandleDialog.tsx";
import { LetterPanel } from "./LetterPanel.tsx";
import { useDeadLetterCommands } from "./useDeadLetterCommands.ts";
import { type LetterFilter, useLetterFilter } from "./useLetterFilter.ts";
import "./texts.ts";

const states = ["open", "retried", "resolved"] as const;
const bounds = { least: 360, most: 900 };

/** What is asked before it is done. */
type Asking = { action: "retry" | "resolve"; ids: string[] | "all" } | { action: "handle"; ids: string[] };

/** What waits for a person in one environment, narrowed by what stands in the address; one is read beside the list. */
export function ExceptionList() {
  const { t } = useTranslation();
  const filter = useLetterFilter();
  const { get, set } = filter;
  const may = useMay("operate", useEnvironment().id);
  const [chosen, choose] = useChosen(JSON.stringify(filter.values));
  const [asking, setAsking] = useState<Asking | null>(null);
  const [editing, setEditing] = useState(false);
  const [width, setWidth] = usePanelWidth("letter", 520, bounds);
  const commands = useDeadLetterCommands(() => {
    choose(new Set());
    setAsking(null);
  });
  const open = get("letter");
  const edit = (on: boolean) => {
    commands.retryEdited.reset();
    setEditing(on);
  };
  const close = () => {
    edit(false);
    set("letter", null);
  };
  useEffect(() => {
    document.title = `${t("exceptions.title")} · Orderloom`;
  }, [t]);
  const retry = (id: string) => commands.retry.mutate([id]);
  const resolve = (id: string) => setAsking({ action: "resolve", ids: [id] });
  const key = (act: (id: string) => void) => () => {
    if (open !== undefined && asking === null) act(open);
  };
  useHotkeys([
    ["Escape", key(close)],
    ["r", key((id) => may && !editing && retry(id))],
    ["e", key(() => may && edit(true))],
  ]);
  return (
    <div className={classes.page}>
      <PageBar title={<PageTitle>{t("exceptions.title")}</PageTitle>} />
      <div className={classes.row} data-open={open !== undefined || undefined}>
        <FilterRail filter={filter} />
        <div className={classes.list}>
          <Head
            filter={filter}
            may={may}
            chosen={chosen}
            busy={commands.retry.isPending}
            onAsk={setAsking}
            onRetry={(ids) => commands.retry.mutate(ids)}
          />
          <Letters
            filter={filter}
            onClear={filter.clear}
            open={open}
            may={may}
            chosen={chosen}
            onChoose={choose}
            onRetry={retry}
            onResolve={resolve}
          />
          <p className="ol-dim ol-small">{t(may ? "exceptions.keys" : "exceptions.keysRead")}</p>
        </div>
        {open !== undefined && (
          <>
            <Separator width={width} onWidth={setWidth} {...bounds} />
            <aside className={classes.panel} style={{ width }} aria-label={t("letter.panel")} data-testid="letter">
              <LetterPanel
                key={open}
                id={open}
                editing={editing}
                onEdit={edit}
                onRetry={retry}
                onResolve={resolve}
                onClose={close}
                commands={commands}
              />
            </aside>
          </>
        )}
      </div>
      {asking && <Ask asking={asking} filter={filter} commands={commands} onClose={() => setAsking(null)} />}
    </div>
  );
}

/** What is chosen among what a filter shows; another filter begins with nothing. */
function useChosen(shown: string): [ReadonlySet<string>, (ids: ReadonlySet<string>) => void] {
  const [chosen, setChosen] = useState<{ shown: string; ids: ReadonlySet<string> }>({ shown, ids: nothing });
  return [chosen.shown === shown ? chosen.ids : nothing, (ids) => setChosen({ shown, ids })];
}

const nothing: ReadonlySet<string> = new Set();

interface HeadProps {
  filter: LetterFilter;
  may: boolean;
  chosen: ReadonlySet<string>;
  busy: boolean;
  onAsk: (asking: Asking) => void;
  onRetry: (ids: string[]) => void;
}

function Head({ filter, may, chosen, busy, onAsk, onRetry }: HeadProps) {
  const { t } = useTranslation();
  const counts = useQuery(deadLetterCountsQuery(filter.values));
  const { state } = filter.values;
  return (
    <Tools>
      <SearchBox
        label={t("exceptions.searchLabel")}
        value={filter.get("q") ?? ""}
        onChange={(text) => filter.set("q", text)}
        width={280}
      />
      <SegmentedControl
        size="xs"
        aria-label={t("exceptions.stateFilter")}
        data={states.map((value) => ({ value, label: t(`state.${value}`) }))}
        value={state}
        onChange={(value) => filter.set("state", value === "open" ? null : value)}
      />
      {filter.values.version !== undefined && <Label>{t("common.version", { number: filter.values.version })}</Label>}
      {filter.narrowed && (
        <Button variant="subtle" onClick={filter.clear}>
          {t("exceptions.clearFilters")}
        </Button>
      )}
      <span style={{ flex: 1 }} />
      {may && (
        <Bulk
          chosen={chosen.size}
          fitting={state === "open" ? (counts.data?.total ?? 0) : 0}
          busy={busy}
          onChosen={(action) => (action === "retry" ? onRetry([...chosen]) : onAsk({ action, ids: [...chosen] }))}
          onAll={(action) => onAsk({ action, ids: "all" })}
        />
      )}
    </Tools>
  );
}

interface LettersProps {
  filter: LetterFilter;
  onClear: () => void;
  may: boolean;
  open: string | undefined;
  chosen: ReadonlySet<string>;
  onChoose: (ids: ReadonlySet<string>) => void;
  onRetry: (id: string) => void;
  onResolve: (id: string) => void;
}

function Letters({ filter, onClear, ...table }: LettersProps) {
  const { t } = useTranslation();
  const letters = useInfiniteQuery(deadLettersQuery(filter.values));
  const filtered = filter.narrowed || filter.values.q !== undefined || filter.values.state !== "open";
  return (
    <Loaded query={letters} skeleton={<RowsSkeleton rows={6} />}>
      {({ pages }) => {
        const rows = pages.flatMap(({ items }) => items);
        if (rows.length > 0) return <DeadLetterTable letters={rows} next={<NextPage query={letters} />} {...table} />;
        return filtered ? (
          <Empty icon={SearchX} title={t("exceptions.noMatch")} text={t("exceptions.noMatchText")}>
            <Button variant="default" onClick={onClear}>
              {t("exceptions.clearFilters")}
            </Button>
          </Empty>
        ) : (
          <Empty icon={CircleCheckBig} title={t("exceptions.emptyTitle")} text={t("exceptions.emptyText")} />
        );
      }}
    </Loaded>
  );
}

interface AskProps {
  asking: Asking;
  filter: LetterFilter;
  commands: ReturnType<typeof useDeadLetterCommands>;
  onClose: () => void;
}

function Ask({ asking, filter, commands, onClose }: AskProps) {
  const counts = useQuery(deadLetterCountsQuery(filter.values));
  const { retry, resolve, closeAll, annotate } = commands;
  if (asking.action === "handle") {
    const { ids } = asking;
    return (
      <HandleDialog
        count={ids.length}
        busy={annotate.isPending}
        onClose={onClose}
        onConfirm={(change) => annotate.mutate({ ids, change }, { onSuccess: onClose })}
      />
    );
  }
  const { action, ids } = asking;
  const confirm = (note: string) => {
    if (ids === "all") closeAll.mutate({ action, filter: filter.values, ...(action === "resolve" ? { note } : {}) });
    else if (action === "resolve") resolve.mutate({ ids, note });
    else retry.mutate(ids);
  };
  return (
    <CloseDialog
      action={action}
      count={ids === "all" ? (counts.data?.total ?? 0) : ids.length}
      all={ids === "all"}
      busy={retry.isPending || resolve.isPending || closeAll.isPending}
      onClose={onClose}
      onConfirm={confirm}
    />
  );
}
