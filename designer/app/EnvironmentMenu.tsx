import { Menu } from "@mantine/core";
import { Check, Lock, Settings2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { ButtonMenu } from "../elements/ButtonMenu.tsx";
import type { MenuPlace } from "../elements/LateMenu.tsx";
import { address, useEnvironment, useEnvironments } from "./address.ts";
import { useMaySomewhere } from "./session.ts";

/** All environments, and the way to where they are set up. */
export default function EnvironmentMenu({ place }: { place: MenuPlace }) {
  const { t } = useTranslation();
  const all = useEnvironments();
  const here = useEnvironment();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const administers = useMaySomewhere("administer");
  // A run belongs to one environment; from there the switch leads to the other's list.
  const go = (id: string) => {
    const [, , section = "flows", ...rest] = pathname.split("/");
    void navigate(`/${[id, section, ...(section === "runs" ? [] : rest)].join("/")}`);
  };
  return (
    <ButtonMenu place={place} position="bottom-start" width={220}>
      {all.map(({ id, title, protected: guarded }) => (
        <Menu.Item
          key={id}
          onClick={() => go(id)}
          leftSection={<Check size={14} opacity={id === here.id ? 1 : 0} aria-hidden />}
          rightSection={guarded && <Lock size={12} aria-label={t("environment.protected")} />}
          aria-current={id === here.id || undefined}
        >
          {title}
        </Menu.Item>
      ))}
      {administers && (
        <>
          <Menu.Divider />
          <Menu.Item
            component={Link}
            to={address.environments(here.id)}
            leftSection={<Settings2 size={14} aria-hidden />}
            data-testid="environments-open"
          >
            {t("environments.manage")}
          </Menu.Item>
        </>
      )}
    </ButtonMenu>
  );
}
