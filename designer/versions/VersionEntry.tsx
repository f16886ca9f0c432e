import { ActionIcon } from "@mantine/core";
import { Ellipsis, Workflow } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail, VersionSummary } from "#schemas/api.ts";
import { address, useEnvironment, useEnvironments } from "../app/address.ts";
import { useMaySomewhere } from "../app/session.ts";
import { Hint } from "../elements/Hint.tsx";
import { Label } from "../elements/Label.tsx";
import { LateMenu } from "../elements/LateMenu.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import classes from "./versions.module.css";
import "./texts.ts";

const fetch = () => import("./VersionMenu.tsx");
const VersionMenu = lazy(fetch);

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
        <Hint label={t("versions.openOne", { number })}>
          <ActionIcon
            component={Link}
            to={address.version(environment, detail.flow.id, number)}
            aria-label={t("versions.openOne", { number })}
            data-testid={`version-open-${number}`}
          >
            <Workflow size={16} />
          </ActionIcon>
        </Hint>
        {draws && (
          <LateMenu
            fetch={fetch}
            menu={(place) => <VersionMenu place={place} version={version} detail={detail} deployed={runsIn.length > 0} />}
          >
            {(button) => (
              <ActionIcon {...button} aria-label={t("versions.actions", { number })} data-testid={`version-menu-${number}`}>
                <Ellipsis size={16} />
              </ActionIcon>
            )}
          </LateMenu>
        )}
      </div>
    </li>
  );
}
