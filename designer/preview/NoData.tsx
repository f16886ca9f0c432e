import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Catalogue } from "../canvas/catalogue.ts";
import { AddSample } from "./AddSample.tsx";
import { chosenOf, selectRun, usePreview } from "./preview.ts";

/** Why nothing stands here: there is no sample yet, no result yet, or nothing comes this way. */
export function NoData({ catalogue }: { catalogue: Catalogue }) {
  const { t } = useTranslation();
  const run = usePreview(selectRun);
  const loaded = usePreview((state) => state.ground !== undefined);
  const hasSample = usePreview((state) => chosenOf(state) !== undefined);
  if (run) return <p className="ol-dim">{t("preview.nothingHere")}</p>;
  if (loaded && !hasSample)
    return (
      <>
        <p className="ol-dim">
          {t("preview.noSamples")}. {t("preview.noSamplesHint")}
        </p>
        <AddSample catalogue={catalogue} />
      </>
    );
  return (
    <div role="status">
      <p className="ol-dim">{t(loaded ? "preview.running" : "preview.loading")}</p>
      <Skeleton height={12} mb={8} width="80%" />
      <Skeleton height={12} width="60%" />
    </div>
  );
}
