import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import type { RunDetail } from "#schemas/api.ts";
import { useSelection } from "../canvas/useSelection.ts";
import { Label } from "../elements/Label.tsx";
import { CancelDialog } from "./CancelDialog.tsx";
import { ReplayDialog } from "./ReplayDialog.tsx";

/** What a person does with a run: cancel it while it goes on, replay it. */
export function RunActions({ detail }: { detail: RunDetail }) {
  const { t } = useTranslation();
  const [cancelling, cancel] = useDisclosure(false);
  const [replaying, replay] = useDisclosure(false);
  const { node } = useSelection();
  const { run } = detail;
  const goesOn = run.state === "RUNNING";
  return (
    <>
      {goesOn && run.cancelledBy !== null && <Label tone="waiting">{t("cancel.pending")}</Label>}
      {goesOn && run.cancelledBy === null && (
        <Button variant="default" onClick={cancel.open} data-testid="cancel-run">
          {t("cancel.do")}
        </Button>
      )}
      <Button variant="default" onClick={replay.open} data-testid="replay-run">
        {t("replay.do")}
      </Button>
      {cancelling && <CancelDialog run={run.id} onClose={cancel.close} />}
      {replaying && <ReplayDialog detail={detail} node={node} onClose={replay.close} />}
    </>
  );
}
