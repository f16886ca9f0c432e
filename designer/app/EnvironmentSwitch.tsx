import { Menu, UnstyledButton } from "@mantine/core";
import { Check, ChevronsUpDown, Lock, Settings2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation, useNavigate } from "react-router";
import { address, useEnvironment, useEnvironments } from "./address.ts";
import classes from "./app.module.css";
import { useMaySomewhere } from "./session.ts";

/** Says in which environment one is, and leads to the same page of another. */
export function EnvironmentSwitch() {
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
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <UnstyledButton
          className={classes.environment}
          data-protected={here.protected || undefined}
          aria-label={t("environment.choose", { title: here.title })}
          data-testid="environment-switch"
        >
          {here.protected && <Lock size={12} aria-hidden />}
          <span className="ol-clip">{here.title}</span>
          <ChevronsUpDown size={12} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
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
      </Menu.Dropdown>
    </Menu>
  );
}
