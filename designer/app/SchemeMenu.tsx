import { type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ButtonMenu } from "../elements/ButtonMenu.tsx";
import type { MenuPlace } from "../elements/LateMenu.tsx";

const schemes: MantineColorScheme[] = ["light", "dark", "auto"];

export default function SchemeMenu({ place }: { place: MenuPlace }) {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <ButtonMenu place={place} position="right-end" width={180}>
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
    </ButtonMenu>
  );
}
