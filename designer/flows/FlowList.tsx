import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Archive, FileUp, Plus, SearchX, Workflow } from "lucide-react";
import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlowSummary } from "#schemas/api.ts";
import type { Environment } from "#schemas/environment.ts";
import { flowsQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useMaySomewhere } from "../app/session.ts";
import { Empty } from "../elements/Empty.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { Page, Tools } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { useFilter } from "../elements/useFilter.ts";
import { FlowFilter } from "./FlowFilter.tsx";
import { FlowTable } from "./FlowTable.tsx";
import classes from "./flows.module.css";
import { say } from "./say.ts";
import { byName, fitsFlow, type Wanted } from "./search.ts";
import { useBrought } from "./useBrought.ts";

const NewFlow = lazy(() => import("./NewFlow.tsx"));
const ImportFlow = lazy(() => import("./ImportFlow.tsx"));
const TakeOutDialog = lazy(() => import("./TakeOutDialog.tsx"));

/** What a new flow begins with: to be chosen, a copy of one there is, or a text that was brought. */
type Beginning = { copyOf: FlowSummary | null } | { text: string };

/** All flows, with what runs of them in each environment. */
export function FlowList() {
  const { t } = useTranslation();
  const filter = useFilter();
  const { id: environment } = useEnvironment();
  const archived = filter.get("show") === "archived";
  const flows = useQuery({ ...flowsQuery(environment, archived), refetchInterval: 10_000 });
  const [beginning, setBeginning] = useState<Beginning | null>(null);
  const { set } = filter;
  const onTag = useCallback((tag: string) => set("tag", tag), [set]);
  const onDuplicate = useCallback((flow: FlowSummary) => setBeginning({ copyOf: flow }), []);
  const [ending, setEnding] = useState<{ flow: FlowSummary; environment: Environment } | null>(null);
  const onTakeOut = useCallback((flow: FlowSummary, from: Environment) => setEnding({ flow, environment: from }), []);
  const wanted: Wanted = { q: filter.get("q") ?? "", tag: filter.get("tag"), owner: filter.get("owner") };
  const all = flows.data?.items ?? [];
  const found = all.filter((flow) => fitsFlow(flow, wanted)).sort((a, b) => byName(a.name, b.name));
  const over = useBrought(useMaySomewhere("design") && beginning === null, (text) => setBeginning({ text }));
  const create = (
    <>
      <RoleButton
        permission="design"
        variant="default"
        leftSection={<FileUp size={14} aria-hidden />}
        hint={say("import.hint")}
        onClick={() => setBeginning({ text: "" })}
        data-testid="import-flow"
      >
        {say("import.open")}
      </RoleButton>
      <RoleButton
        permission="design"
        leftSection={<Plus size={14} aria-hidden />}
        onClick={() => setBeginning({ copyOf: null })}
        data-testid="new-flow"
      >
        {t("flows.create")}
      </RoleButton>
    </>
  );
  return (
    <Page title={t("flows.title")} actions={create}>
      <Tools>
        <FlowFilter flows={all} found={flows.data && found.length} wanted={wanted} archived={archived} onSet={filter.set} />
      </Tools>
      <Loaded query={flows} skeleton={<RowsSkeleton />}>
        {() => {
          if (found.length > 0) return <FlowTable flows={found} onTag={onTag} onDuplicate={onDuplicate} onTakeOut={onTakeOut} />;
          return <None any={all.length > 0} archived={archived} q={wanted.q} create={create} onClear={filter.clear} />;
        }}
      </Loaded>
      {over && (
        <div className={classes.over} role="status">
          {say("import.over")}
        </div>
      )}
      {ending && (
        <Suspense>
          <TakeOutDialog {...ending} onClose={() => setEnding(null)} />
        </Suspense>
      )}
      {beginning && (
        <Suspense>
          {"text" in beginning ? (
            <ImportFlow text={beginning.text} taken={new Set(all.map(({ id }) => id))} onClose={() => setBeginning(null)} />
          ) : (
            <NewFlow copyOf={beginning.copyOf} onClose={() => setBeginning(null)} />
          )}
        </Suspense>
      )}
    </Page>
  );
}

interface NoneProps {
  /** Whether there are flows that the filter leaves out. */
  any: boolean;
  archived: boolean;
  q: string;
  create: React.ReactNode;
  onClear: () => void;
}

/** Why the list is empty, and the way on. */
function None({ any, archived, q, create, onClear }: NoneProps) {
  const { t } = useTranslation();
  if (any) {
    const [title, text] =
      q === "" ? [say("list.noneFit"), say("list.noneFitText")] : [t("flows.noMatch", { query: q }), t("flows.noMatchText")];
    return (
      <Empty icon={SearchX} title={title} text={text}>
        <Button variant="default" onClick={onClear}>
          {say("list.clear")}
        </Button>
      </Empty>
    );
  }
  if (archived) return <Empty icon={Archive} title={say("list.noneArchived")} text={say("list.noneArchivedText")} />;
  return (
    <Empty icon={Workflow} title={t("flows.emptyTitle")} text={t("flows.emptyText")}>
      {create}
    </Empty>
  );
}
