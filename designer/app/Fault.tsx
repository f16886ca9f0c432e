import { Button } from "@mantine/core";
import { CloudAlert, Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useRouteError } from "react-router";
import { ApiFailure } from "../api/client.ts";
import { Empty } from "../elements/Empty.tsx";

/** The last net: a page that could not be shown says why and offers a way out. */
export function Fault() {
  const { t } = useTranslation();
  const error = useRouteError();
  const known = error instanceof ApiFailure ? error : null;
  const title = known?.message ?? t("common.unknownFault");
  const text = known?.hint ?? (error instanceof Error ? error.message : undefined);
  return (
    <main role="alert">
      <Empty icon={CloudAlert} title={title} text={text}>
        <Button variant="default" onClick={() => window.location.reload()}>
          {t("common.reload")}
        </Button>
      </Empty>
    </main>
  );
}

export function NoPage() {
  const { t } = useTranslation();
  return (
    <Empty icon={Compass} title={t("common.pageGone")} text={t("common.pageGoneText")}>
      <Button component={Link} to="/">
        {t("common.toStart")}
      </Button>
    </Empty>
  );
}
