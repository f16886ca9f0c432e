import { Button, Menu } from "@mantine/core";
import { ChevronDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { count as inWords } from "../elements/numbers.ts";
import "./texts.ts";

interface BulkProps {
  /** How many are chosen, and how many open ones fit the filter. */
  chosen: number;
  fitting: number;
  busy: boolean;
  onChosen: (action: "retry" | "resolve" | "handle") => void;
  onAll: (action: "retry" | "resolve") => void;
}

/** What is done with several at once: with those chosen, or with all that fit. */
export function Bulk({ chosen, fitting, busy, onChosen, onAll }: BulkProps) {
  const { t } = useTranslation();
  if (chosen === 0) {
    if (fitting === 0) return null;
    return (
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<ChevronDown size={14} aria-hidden />} data-testid="bulk-all">
            {t("exceptions.all", { count: fitting, shown: inWords(fitting) })}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onAll("retry")} data-testid="bulk-all-retry">
            {t("exceptions.retryAll")}
          </Menu.Item>
          <Menu.Item onClick={() => onAll("resolve")} data-testid="bulk-all-resolve">
            {t("exceptions.resolveAll")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    );
  }
  return (
    <>
      <span className="ol-dim" role="status">
        {t("exceptions.selected", { count: chosen })}
      </span>
      <Button onClick={() => onChosen("retry")} loading={busy}>
        {t("exceptions.retry")}
      </Button>
      <Button variant="default" onClick={() => onChosen("resolve")}>
        {t("exceptions.resolve")}
      </Button>
      <Button variant="default" onClick={() => onChosen("handle")}>
        {t("exceptions.handle")}
      </Button>
    </>
  );
}
