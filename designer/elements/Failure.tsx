import { Button } from "@mantine/core";
import { CloudAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ApiFailure } from "../api/client.ts";
import { Empty } from "./Empty.tsx";

/** A read that failed, in the server's words, with a way out. */
export function Failure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Empty icon={CloudAlert} title={error.message} text={error instanceof ApiFailure ? error.hint : t("common.unknownFault")}>
        <Button onClick={onRetry} variant="default">
          {t("common.retry")}
        </Button>
      </Empty>
    </div>
  );
}
