import { Button, SegmentedControl, Select } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { CircleCheckBig, SearchX } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeadLetter } from "#schemas/deadLetter.ts";
import { outcomeClasses } from "#schemas/outcomeClass.ts";
import { deadLettersQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { Empty } from "../elements/Empty.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { NextPage } from "../elements/NextPage.tsx";
import { Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { SearchBox } from "../elements/SearchBox.tsx";
import { useDebounced } from "../elements/useDebounced.ts";
import { useFilter } from "../elements/useFilter.ts";
import { DeadLetterTable } from "./DeadLetterTable.tsx";
import { ResolveDialog } from "./ResolveDialog.tsx";
import { useDeadLetterCommands } from "./useDeadLetterCommands.ts";

const states = ["open", "retried", "resolved"] as const;

/** What waits for a person in one environment: each dead letter with its reason, to retry or to resolve. */
export function ExceptionList() {
  const { t } = useTranslation();
  const { id } = useEnvironment();
  const filter = useFilter();
  const [q, setQ] = useState(filter.get("q") ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [resolving, setResolving] = useState<string[]>([]);
  const [dialog, { open, close }] = useDisclosure(false);
  const state = filter.get("state") ?? "open";
  const letters = useInfiniteQuery(
    deadLettersQuery({
      environment: id,
      state,
      class: filter.get("class"),
      flow: filter.get("flow"),
      node: filter.get("node"),
      q: useDebounced(q.trim()) || undefined,
    }),
  );
  const { retry, resolve } = useDeadLetterCommands(() => {
    setChosen(new Set());
    close();
  });
  const filtered = q !== "" || filter.get("class") !== undefined || filter.get("flow") !== undefined || state !== "open";
  const askNote = (ids: string[]) => {
    setResolving(ids);
    open();
  };
  return (
    <Page title={t("exceptions.title")}>
      <Tools>
        <SearchBox label={t("exceptions.searchLabel")} value={q} onChange={setQ} />
        <Select
          aria-label={t("exceptions.class")}
          placeholder={t("exceptions.allClasses")}
          w={170}
          clearable
          clearButtonProps={{ "aria-label": t("exceptions.allClasses") }}
          data={outcomeClasses.map((value) => ({ value, label: t(`outcome.${value}`) }))}
          value={filter.get("class") ?? null}
          onChange={(value) => filter.set("class", value)}
        />
        <SegmentedControl
          size="xs"
          aria-label={t("exceptions.stateFilter")}
          data={states.map((value) => ({ value, label: t(`state.${value}`) }))}
          value={state}
          onChange={(value) => filter.set("state", value === "open" ? null : value)}
        />
        <span style={{ flex: 1 }} />
        {chosen.size > 0 && (
          <Bulk
            count={chosen.size}
            onRetry={() => retry.mutate([...chosen])}
            onResolve={() => askNote([...chosen])}
            busy={retry.isPending}
          />
        )}
      </Tools>
      <Loaded query={letters} skeleton={<RowsSkeleton rows={6} />}>
        {({ pages }) => {
          const rows: DeadLetter[] = pages.flatMap(({ items }) => items);
          if (rows.length > 0) {
            return (
              <DeadLetterTable
                letters={rows}
                chosen={chosen}
                onChoose={setChosen}
                onRetry={(one) => retry.mutate([one])}
                onResolve={(one) => askNote([one])}
                next={<NextPage query={letters} />}
              />
            );
          }
          return filtered ? (
            <Empty icon={SearchX} title={t("exceptions.noMatch")} text={t("runs.noMatchText")}>
              <Button
                variant="default"
                onClick={() => {
                  setQ("");
                  filter.clear();
                }}
              >
                {t("runs.clear")}
              </Button>
            </Empty>
          ) : (
            <Empty icon={CircleCheckBig} title={t("exceptions.emptyTitle")} text={t("exceptions.emptyText")} />
          );
        }}
      </Loaded>
      {dialog && (
        <ResolveDialog
          ids={resolving}
          busy={resolve.isPending}
          onClose={close}
          onResolve={(note) => resolve.mutate({ ids: resolving, note })}
        />
      )}
    </Page>
  );
}

function Bulk({ count, onRetry, onResolve, busy }: { count: number; onRetry: () => void; onResolve: () => void; busy: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <span className="ol-dim" role="status">
        {t("exceptions.selected", { count })}
      </span>
      <Button onClick={onRetry} loading={busy}>
        {t("exceptions.retry")}
      </Button>
      <Button variant="default" onClick={onResolve}>
        {t("exceptions.resolve")}
      </Button>
    </>
  );
}
