import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Catalogue } from "../canvas/catalogue.ts";
import { selectFlow, useDraft } from "../canvas/draft.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { usePreviewStore } from "./preview.ts";

const SampleDialog = lazy(() => import("./SampleDialog.tsx"));

/** The way on where there is no sample, and no preview bar at hand in which samples are added otherwise. */
export function AddSample({ catalogue }: { catalogue: Catalogue }) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const preview = usePreviewStore();
  const readOnly = useReadOnly();
  const [open, setOpen] = useState(false);
  if (!preview || readOnly) return null;
  return (
    <>
      <Button variant="default" size="xs" style={{ alignSelf: "start" }} onClick={() => setOpen(true)} data-testid="add-sample">
        {t("preview.add")}
      </Button>
      {open && (
        <Suspense>
          <SampleDialog preview={preview} flow={flow} catalogue={catalogue} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
