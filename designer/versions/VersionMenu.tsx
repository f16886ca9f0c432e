import { Menu } from "@mantine/core";
import { Archive, CircleCheck, CircleSlash, Rocket, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionState, VersionSummary } from "#schemas/api.ts";
import { address, useEnvironments } from "../app/address.ts";
import { ButtonMenu } from "../elements/ButtonMenu.tsx";
import type { MenuPlace } from "../elements/LateMenu.tsx";
import { useRestore } from "./useRestore.tsx";
import { useVersionState } from "./useVersionState.ts";
import "../promotion/texts.ts";
import "./texts.ts";

const icons = { live: CircleCheck, deprecated: CircleSlash, retired: Archive } as const;
const states = Object.keys(icons) as VersionState[];

interface VersionMenuProps {
  place: MenuPlace;
  version: VersionSummary;
  detail: FlowDetail;
  deployed: boolean;
}

/** What can be done with a version: restored, promoted, set out of use. */
export default function VersionMenu({ place, version, detail, deployed }: VersionMenuProps) {
  const { t } = useTranslation();
  const { restore, question } = useRestore(detail);
  const setState = useVersionState(detail);
  const { number, state } = version;
  const environments = useEnvironments();
  return (
    <>
      <ButtonMenu place={place} position="bottom-end" width={280}>
        <Menu.Item leftSection={<Undo2 size={14} aria-hidden />} onClick={() => restore(number)} data-testid="version-restore">
          {t("versions.restore")}
        </Menu.Item>
        {environments.map(({ id, title }) => (
          <Menu.Item
            key={id}
            component={Link}
            to={address.promote(id, detail.flow.id, number)}
            leftSection={<Rocket size={14} aria-hidden />}
            data-testid={`version-promote-${id}`}
          >
            {t("promotion.title", { environment: title })}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {states
          .filter((one) => one !== state)
          .map((one) => {
            const Icon = icons[one];
            return (
              <Menu.Item
                key={one}
                leftSection={<Icon size={14} aria-hidden />}
                disabled={one === "retired" && deployed}
                onClick={() => setState.mutate({ number, state: one })}
                data-testid={`version-set-${one}`}
              >
                {t(`versions.set.${one}`)}
                <div className="ol-dim ol-small">
                  {t(one === "retired" && deployed ? "versions.retireDeployed" : `versions.setHint.${one}`)}
                </div>
              </Menu.Item>
            );
          })}
      </ButtonMenu>
      {question}
    </>
  );
}
