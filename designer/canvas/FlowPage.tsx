import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail } from "#schemas/api.ts";
import { saveDraft } from "../api/commands.ts";
import { flowQuery } from "../api/queries.ts";
import { address, useEnvironment, useParam } from "../app/address.ts";
import { Failure } from "../elements/Failure.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { CanvasGround } from "./CanvasGround.tsx";
import { type Catalogue, useCatalogue } from "./catalogue.ts";
import { createDraft, selectFlow } from "./draft.ts";
import { FlowBar } from "./FlowBar.tsx";
import { DraftGuard } from "./late.ts";
import { Opening } from "./Opening.tsx";

/** Asked for at once, so that it comes while the flow is read. */
const editor = import("./OnCanvas.tsx");
let drawn: typeof import("./OnCanvas.tsx").default | undefined;
editor.then(
  (module) => {
    drawn = module.default;
  },
  // Told where it is drawn.
  () => {},
);
const Later = lazy(() => editor);

/** The canvas of one flow: reads its draft, and gives it to the editor. */
export function FlowPage() {
  const id = useParam("flow");
  const detail = useQuery(flowQuery(id));
  const catalogue = useCatalogue();
  const error = detail.data ? catalogue.error : (detail.error ?? catalogue.error);
  if (detail.data && catalogue.data) return <Opened key={id} detail={detail.data} catalogue={catalogue.data} />;
  if (error) return <Unopened onRetry={() => void Promise.all([detail.refetch(), catalogue.refetch()])} error={error} />;
  return <Opening />;
}

function Unopened({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  return (
    <>
      <PageBar title={<PageTitle>{t("flows.title")}</PageTitle>} />
      <Failure error={error} onRetry={onRetry}>
        <Button component={Link} to={address.flows(environment)}>
          {t("flows.toList")}
        </Button>
      </Failure>
    </>
  );
}

function Opened({ detail, catalogue }: { detail: FlowDetail; catalogue: Catalogue }) {
  // What is there is drawn at once: React's own way would put its placeholder before it.
  const [OnCanvas] = useState(() => drawn ?? Later);
  const queries = useQueryClient();
  const [draft] = useState(() =>
    createDraft(detail, saveDraft, (flow, saved) => {
      const { queryKey } = flowQuery(flow.id);
      queries.setQueryData(queryKey, (before) => before && { ...before, ...saved, flow });
    }),
  );

  useEffect(() => {
    const { revision, save, adopt } = draft.getState();
    if (save.kind !== "saved") return;
    // Someone else's save appears by itself as long as nothing of ours could be lost by it.
    if (detail.revision > revision) adopt(detail);
    else if (detail.revision === revision) draft.setState({ problems: detail.problems, changed: detail.changed });
  }, [draft, detail]);

  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (draft.getState().save.kind !== "saved") event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => {
      window.removeEventListener("beforeunload", ask);
      draft.getState().flush();
    };
  }, [draft]);

  useEffect(() => {
    document.title = `${selectFlow(draft.getState()).name} · Orderloom`;
  }, [draft]);

  return (
    <CanvasGround draft={draft}>
      {(preview) => (
        <>
          <Suspense>
            <DraftGuard />
          </Suspense>
          <Suspense fallback={<Opening />}>
            <OnCanvas
              detail={detail}
              catalogue={catalogue}
              preview={preview}
              bar={(ways) => <FlowBar detail={detail} {...ways} />}
              runs
            />
          </Suspense>
        </>
      )}
    </CanvasGround>
  );
}
