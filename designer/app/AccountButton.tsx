import { UnstyledButton } from "@mantine/core";
import { UserRound } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { LateMenu } from "../elements/LateMenu.tsx";
import classes from "./app.module.css";
import { useSession } from "./session.ts";

const fetch = () => import("./AccountMenu.tsx");
const AccountMenu = lazy(fetch);

/** Who one is, and what concerns people. */
export function AccountButton({ environment }: { environment: string }) {
  const { t } = useTranslation();
  const { person } = useSession();
  const name = person?.title ?? t("account.local");
  return (
    <LateMenu fetch={fetch} menu={(place) => <AccountMenu place={place} environment={environment} />}>
      {(button) => (
        <UnstyledButton {...button} className={classes.entry} aria-label={t("account.menu", { name })} data-testid="account">
          <UserRound size={18} strokeWidth={1.75} aria-hidden />
        </UnstyledButton>
      )}
    </LateMenu>
  );
}
