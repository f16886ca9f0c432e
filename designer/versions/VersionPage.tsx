import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionDetail } from "#schemas/api.ts";
import { flowQuery, versionQuery } from "../api/queries.ts";
import { address, useEnvironment, useParam } from "../app/address.ts";
import { CanvasGround } from "../canvas/CanvasGround.tsx";
import { type Catalogue, useCatalogue } from "../canvas/catalogue.ts";
import { createFixed } from "../canvas/draft.ts";
import { Opening } from "../canvas/Opening.tsx";
import { Failure } from "../elements/Failure.tsx";
import { PageBar, PageTitle } from "../elements/PageBar.tsx";
import { VersionBar } from "./VersionBar.tsx";
import "./texts.ts";

const OnCanvas = lazy(() => import("../canvas/OnCanvas.tsx"));

/** One version on the canvas, to be looked at; with a run named in the address, how that run fared on it. */
export function VersionPage() {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const id = useParam("flow");
  const named = useParam("version");
  const flow = useQuery(flowQuery(id));
  const version = useQuery(versionQuery(id, Number(named)));
  const catalogue = useCatalogue();
  if (flow.data && version.data && catalogue.data) {
    const { number } = version.data;
    return <Opened key={`${id} ${number}`} detail={flow.data} version={version.data} catalogue={catalogue.data} />;
  }
  const error = flow.error ?? version.error ?? catalogue.error;
  if (!error) return <Opening />;
  return (
    <>
      <PageBar title={<PageTitle>{t("common.version", { number: named })}</PageTitle>} />
      <Failure error={error} onRetry={() => void Promise.all([flow.refetch(), version.refetch(), catalogue.refetch()])}>
        <Button component={Link} to={address.versions(environment, id)}>
          {t("versions.toList")}
        </Button>
      </Failure>
    </>
  );
}

interface OpenedProps {
  detail: FlowDetail;
  version: VersionDetail;
  catalogue: Catalogue;
}

function Opened({ detail, version, catalogue }: OpenedProps) {
  const [drawn] = useState(() => createFixed(version.flow));
  useEffect(() => {
    document.title = `v${version.number} · ${version.flow.name} · Orderloom`;
  }, [version]);
  return (
    <CanvasGround draft={drawn}>
      {(preview) => (
        <Suspense fallback={<Opening />}>
          <OnCanvas
            detail={detail}
            catalogue={catalogue}
            preview={preview}
            bar={() => <VersionBar detail={detail} version={version} />}
            runs={false}
          />
        </Suspense>
      )}
    </CanvasGround>
  );
}
