import { type MantineColorScheme, Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { Check, Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import classes from "./app.module.css";

const icons = { light: Sun, dark: Moon, auto: Monitor } as const;
const schemes: MantineColorScheme[] = ["light", "dark", "auto"];

export function SchemeToggle() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  return (
    <Menu position="right-end" width={180}>
      <Menu.Target>
        <UnstyledButton className={classes.entry} aria-label={`${t("scheme.label")}: ${t(`scheme.${colorScheme}`)}`}>
          <Icon size={18} strokeWidth={1.75} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("scheme.label")}</Menu.Label>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            leftSection={<Check size={14} opacity={scheme === colorScheme ? 1 : 0} aria-hidden />}
          >
            {t(`scheme.${scheme}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
