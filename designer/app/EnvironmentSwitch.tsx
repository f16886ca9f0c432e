import { UnstyledButton } from "@mantine/core";
import { ChevronsUpDown, Lock } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { LateMenu } from "../elements/LateMenu.tsx";
import { useEnvironment } from "./address.ts";
import classes from "./app.module.css";

const fetch = () => import("./EnvironmentMenu.tsx");
const EnvironmentMenu = lazy(fetch);

/** Says in which environment one is, and leads to the same page of another. */
export function EnvironmentSwitch() {
  const { t } = useTranslation();
  const here = useEnvironment();
  return (
    <LateMenu fetch={fetch} menu={(place) => <EnvironmentMenu place={place} />}>
      {(button) => (
        <UnstyledButton
          {...button}
          className={classes.environment}
          data-protected={here.protected || undefined}
          aria-label={t("environment.choose", { title: here.title })}
          data-testid="environment-switch"
        >
          {here.protected && <Lock size={12} aria-hidden />}
          <span className="ol-clip">{here.title}</span>
          <ChevronsUpDown size={12} aria-hidden />
        </UnstyledButton>
      )}
    </LateMenu>
  );
}
