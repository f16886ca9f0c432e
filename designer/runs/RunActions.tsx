import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { RunDetail } from "#schemas/api.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useSelection } from "../canvas/useSelection.ts";
import { Label } from "../elements/Label.tsx";

const CancelDialog = lazy(async () => ({ default: (await import("./CancelDialog.tsx")).CancelDialog }));
const ReplayDialog = lazy(async () => ({ default: (await import("./ReplayDialog.tsx")).ReplayDialog }));

/** What a person does with a run: cancel it while it goes on, replay it. */
export function RunActions({ detail }: { detail: RunDetail }) {
  const { t } = useTranslation();
  const [cancelling, cancel] = useDisclosure(false);
  const [replaying, replay] = useDisclosure(false);
  const { node } = useSelection();
  const { run } = detail;
  const operating = { permission: "operate", environment: run.environment, variant: "default" } as const;
  const goesOn = run.state === "RUNNING";
  return (
    <>
      {goesOn && run.cancelledBy !== null && <Label tone="waiting">{t("cancel.pending")}</Label>}
      {goesOn && run.cancelledBy === null && (
        <RoleButton {...operating} onClick={cancel.open} data-testid="cancel-run">
          {t("cancel.do")}
        </RoleButton>
      )}
      <RoleButton {...operating} onClick={replay.open} data-testid="replay-run">
        {t("replay.do")}
      </RoleButton>
      <Suspense>
        {cancelling && <CancelDialog run={run.id} onClose={cancel.close} />}
        {replaying && <ReplayDialog detail={detail} node={node} onClose={replay.close} />}
      </Suspense>
    </>
  );
}
