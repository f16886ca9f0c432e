import { Button } from "@mantine/core";
import { CloudAlert } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiFailure } from "../api/client.ts";
import { Empty } from "./Empty.tsx";

interface FailureProps {
  error: Error;
  onRetry: () => void;
  /** Another way out, for what is not there at all. */
  children?: ReactNode;
}

/** A read that failed, in the server's words, with a way out. */
export function Failure({ error, onRetry, children }: FailureProps) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Empty icon={CloudAlert} title={error.message} text={error instanceof ApiFailure ? error.hint : t("common.unknownFault")}>
        {children}
        <Button onClick={onRetry} variant="default">
          {t("common.retry")}
        </Button>
      </Empty>
    </div>
  );
}
