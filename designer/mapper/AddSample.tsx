import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { selectFlow, useDraft } from "../canvas/draft.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { usePreviewStore } from "../preview/preview.ts";
import { useMappingPlace } from "./place.ts";

const SampleDialog = lazy(() => import("../preview/SampleDialog.tsx"));

/** The way on where no sample brings fields: the wide mapper covers the preview, where samples are added otherwise. */
export function AddSample() {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const preview = usePreviewStore();
  const place = useMappingPlace();
  const readOnly = useReadOnly();
  const [open, setOpen] = useState(false);
  if (!preview || !place || readOnly) return null;
  return (
    <>
      <Button
        variant="default"
        size="xs"
        style={{ alignSelf: "start" }}
        onClick={() => setOpen(true)}
        data-testid="mapper-sample"
      >
        {t("preview.add")}
      </Button>
      {open && (
        <Suspense>
          <SampleDialog preview={preview} flow={flow} catalogue={place.catalogue} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
