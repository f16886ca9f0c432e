import { Menu } from "@mantine/core";
import { KeyRound, LogOut, ScrollText, ShieldCheck, Users } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ButtonMenu } from "../elements/ButtonMenu.tsx";
import type { MenuPlace } from "../elements/LateMenu.tsx";
import { useSignOut } from "../people/useSignOut.ts";
import { address } from "./address.ts";
import { useMay, useSession } from "./session.ts";

const PasswordDialog = lazy(async () => ({ default: (await import("../people/PasswordDialog.tsx")).PasswordDialog }));

/** Who one is, and what concerns people: their rights, what they did, and the way out. */
export default function AccountMenu({ place, environment }: { place: MenuPlace; environment: string }) {
  const { t } = useTranslation();
  const { person, signIn } = useSession();
  const [changing, setChanging] = useState(false);
  const [seesAudit, seesPeople] = [useMay("administer", environment), useMay("administer", null)];
  const leave = useSignOut();
  return (
    <>
      <ButtonMenu place={place} position="right-end" width={220}>
        <Menu.Label>{person ? `${person.title} (${person.name})` : t("account.local")}</Menu.Label>
        {!signIn && (
          <Menu.Item component={Link} to="/set-up" leftSection={<ShieldCheck size={14} aria-hidden />}>
            {t("account.setUp")}
          </Menu.Item>
        )}
        {seesPeople && signIn && (
          <Menu.Item component={Link} to={address.people(environment)} leftSection={<Users size={14} aria-hidden />}>
            {t("people.title")}
          </Menu.Item>
        )}
        {seesAudit && (
          <Menu.Item component={Link} to={address.audit(environment)} leftSection={<ScrollText size={14} aria-hidden />}>
            {t("nav.audit")}
          </Menu.Item>
        )}
        {person?.hasPassword && (
          <Menu.Item onClick={() => setChanging(true)} leftSection={<KeyRound size={14} aria-hidden />}>
            {t("account.password")}
          </Menu.Item>
        )}
        {person && (
          <Menu.Item onClick={() => leave.mutate()} leftSection={<LogOut size={14} aria-hidden />} data-testid="sign-out">
            {t("account.signOut")}
          </Menu.Item>
        )}
      </ButtonMenu>
      {changing && (
        <Suspense>
          <PasswordDialog onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  );
}
