import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DoorPage } from "./DoorPage.tsx";
import { useSignOut } from "./useSignOut.ts";

/** For a person who has signed in and may do nothing yet: every other page would refuse to be shown. */
export function NoRolePage({ name }: { name: string }) {
  const { t } = useTranslation();
  const leave = useSignOut();
  return (
    <DoorPage title={t("people.noRoleTitle")} text={t("people.noRoleText", { name })}>
      <Button size="sm" variant="default" loading={leave.isPending} onClick={() => leave.mutate()} data-testid="sign-out">
        {t("account.signOut")}
      </Button>
    </DoorPage>
  );
}
