import { UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { Monitor, Moon, Sun } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { LateMenu } from "../elements/LateMenu.tsx";
import classes from "./app.module.css";

const fetch = () => import("./SchemeMenu.tsx");
const SchemeMenu = lazy(fetch);

const icons = { light: Sun, dark: Moon, auto: Monitor } as const;

export function SchemeToggle() {
  const { t } = useTranslation();
  const { colorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  return (
    <LateMenu fetch={fetch} menu={(place) => <SchemeMenu place={place} />}>
      {(button) => (
        <UnstyledButton {...button} className={classes.entry} aria-label={`${t("scheme.label")}: ${t(`scheme.${colorScheme}`)}`}>
          <Icon size={18} strokeWidth={1.75} aria-hidden />
        </UnstyledButton>
      )}
    </LateMenu>
  );
}
