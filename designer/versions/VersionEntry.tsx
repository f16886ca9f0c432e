import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { Archive, CircleCheck, CircleSlash, Ellipsis, Rocket, Undo2, Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionState, VersionSummary } from "#schemas/api.ts";
import { address, useEnvironment, useEnvironments } from "../app/address.ts";
import { useMaySomewhere } from "../app/session.ts";
import { Label } from "../elements/Label.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { useVersionCommands } from "./useVersionCommands.ts";
import classes from "./versions.module.css";

interface VersionEntryProps {
  version: VersionSummary;
  detail: FlowDetail;
  picked: boolean;
  onPick: () => void;
}

/** One version: what is new in it, who made it, where it runs, and what can be done with it. */
export function VersionEntry({ version, detail, picked, onPick }: VersionEntryProps) {
  const { t } = useTranslation();
  const { number, note, createdAt, createdBy, state, hash } = version;
  const { id: environment } = useEnvironment();
  const draws = useMaySomewhere("design");
  const runsIn = useEnvironments().filter(({ id }) =>
    detail.deployments.some((one) => one.environment === id && one.versions.some((each) => each.number === number)),
  );
  return (
    <li className={classes.entry} data-picked={picked || undefined} data-testid={`version-${number}`}>
      <button type="button" className={classes.pick} aria-pressed={picked} onClick={onPick}>
        <span className={classes.head}>
          {t("common.version", { number })}
          {runsIn.map(({ id, title }) => (
            <Label key={id}>{title}</Label>
          ))}
          {state !== "live" && <Label tone="waiting">{t(`versions.state.${state}`)}</Label>}
        </span>
        <p>{note || <span className="ol-dim">{t("versions.noNote")}</span>}</p>
        <span className="ol-dim ol-small">
          {createdBy}, <TimeText iso={createdAt} />
          <span className="ol-mono" title={hash}>
            {" "}
            {hash.slice(0, 8)}
          </span>
        </span>
      </button>
      <div className={classes.menu}>
        <Tooltip label={t("versions.openOne", { number })}>
          <ActionIcon
            component={Link}
            to={address.version(environment, detail.flow.id, number)}
            aria-label={t("versions.openOne", { number })}
            data-testid={`version-open-${number}`}
          >
            <Workflow size={16} />
          </ActionIcon>
        </Tooltip>
        {draws && <Actions version={version} detail={detail} deployed={runsIn.length > 0} />}
      </div>
    </li>
  );
}

const icons = { live: CircleCheck, deprecated: CircleSlash, retired: Archive } as const;
const states = Object.keys(icons) as VersionState[];

function Actions({ version, detail, deployed }: { version: VersionSummary; detail: FlowDetail; deployed: boolean }) {
  const { t } = useTranslation();
  const { restore, setState } = useVersionCommands(detail);
  const { number, state } = version;
  const environments = useEnvironments();
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <ActionIcon aria-label={t("versions.actions", { number })} data-testid={`version-menu-${number}`}>
          <Ellipsis size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<Undo2 size={14} aria-hidden />}
          onClick={() => restore.mutate(number)}
          data-testid="version-restore"
        >
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
      </Menu.Dropdown>
    </Menu>
  );
}
