import { Button, Center, Table, VisuallyHidden } from "@mantine/core";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowSummary } from "#schemas/api.ts";
import type { Environment } from "#schemas/environment.ts";
import { address, useEnvironment, useEnvironments } from "../app/address.ts";
import { Hint } from "../elements/Hint.tsx";
import { Label } from "../elements/Label.tsx";
import { count } from "../elements/numbers.ts";
import { ListPanel } from "../elements/Page.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { FlowMenu } from "./FlowMenu.tsx";
import classes from "./flows.module.css";
import { say } from "./say.ts";

/** Rows that are drawn at once: the list is read whole, and a browser draws a few hundred at ease. */
const SHOWN_AT_ONCE = 100;

interface FlowTableProps {
  flows: readonly FlowSummary[];
  onTag: (tag: string) => void;
  onDuplicate: (flow: FlowSummary) => void;
  onTakeOut: (flow: FlowSummary, environment: Environment) => void;
}

/** The flows found, a hundred at a time. */
export function FlowTable({ flows, onTag, onDuplicate, onTakeOut }: FlowTableProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(SHOWN_AT_ONCE);
  return (
    <ListPanel>
      <Table className={classes.flows}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("flows.name")}</Table.Th>
            <Table.Th data-wide data-column="owner">
              {t("flows.owner")}
            </Table.Th>
            <Table.Th data-column="deployed">{t("flows.deployed")}</Table.Th>
            <Table.Th data-end>{t("flows.runs24h")}</Table.Th>
            <Table.Th data-end data-column="failures">
              <Hint label={say("list.failuresHint")}>
                <span>{say("list.failures")}</span>
              </Hint>
            </Table.Th>
            <Table.Th data-end>{t("flows.deadLetters")}</Table.Th>
            <Table.Th data-end>{t("flows.lastRun")}</Table.Th>
            <Table.Th data-column="menu">
              <VisuallyHidden>{t("common.actions")}</VisuallyHidden>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {flows.slice(0, shown).map((flow) => (
            <Row key={flow.id} flow={flow} onTag={onTag} onDuplicate={onDuplicate} onTakeOut={onTakeOut} />
          ))}
        </Table.Tbody>
      </Table>
      {flows.length > shown && (
        <Center p={12}>
          <Button variant="default" onClick={() => setShown(shown + SHOWN_AT_ONCE)} data-testid="flows-more">
            {t("common.more")} ({count(flows.length - shown)})
          </Button>
        </Center>
      )}
    </ListPanel>
  );
}

interface RowProps extends Omit<FlowTableProps, "flows"> {
  flow: FlowSummary;
}

/** Drawn again only where its flow changes, not at each word that narrows the list. */
const Row = memo(function Row({ flow, onTag, onDuplicate, onTakeOut }: RowProps) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  return (
    <Table.Tr data-testid="flow-row" data-flow={flow.id}>
      <Table.Td>
        <Link className={`ol-link ${classes.name}`} title={flow.name} to={address.flow(environment, flow.id)}>
          {flow.name}
        </Link>
        <div className={classes.under}>
          <span className="ol-dim ol-small">{flow.id}</span>
          {flow.tags.map((tag) => (
            <button key={tag} type="button" className={classes.tag} onClick={() => onTag(tag)}>
              <Label>{tag}</Label>
            </button>
          ))}
        </div>
      </Table.Td>
      <Table.Td data-wide className={classes.owner} title={flow.owner ?? undefined}>
        {flow.owner ?? <span className="ol-dim">{t("flows.noOwner")}</span>}
      </Table.Td>
      <Table.Td>
        <Standing flow={flow} />
        <FailedPromotions flow={flow} />
      </Table.Td>
      <Table.Td data-end className="ol-number">
        {flow.runs24h > 0 ? (
          <Link className="ol-link" to={address.runs(environment, flow.id)}>
            {count(flow.runs24h)}
          </Link>
        ) : (
          <span className="ol-dim">0</span>
        )}
      </Table.Td>
      <Table.Td data-end className="ol-number">
        <Failures flow={flow} />
      </Table.Td>
      <Table.Td data-end className="ol-number">
        {flow.openDeadLetters > 0 ? (
          <Link className="ol-link" style={{ color: "var(--ol-failed)" }} to={address.exceptions(environment, flow.id)}>
            {say("list.open", { count: flow.openDeadLetters })}
          </Link>
        ) : (
          <span className="ol-dim">0</span>
        )}
      </Table.Td>
      <Table.Td data-end className="ol-dim">
        {flow.lastRunAt ? <TimeText iso={flow.lastRunAt} /> : t("common.never")}
      </Table.Td>
      <Table.Td data-end>
        <FlowMenu flow={flow} onDuplicate={() => onDuplicate(flow)} onTakeOut={(environment) => onTakeOut(flow, environment)} />
      </Table.Td>
    </Table.Tr>
  );
});

function Failures({ flow: { failures1h: hour, failures24h: day } }: { flow: FlowSummary }) {
  if (day === 0) return <span className="ol-dim">0</span>;
  return (
    <span className={classes.failures} data-fresh={hour > 0 || undefined}>
      {say("list.failuresOf", { hour: count(hour), day: count(day) })}
    </span>
  );
}

/** Which version runs where. */
function Standing({ flow: { deployments, latestVersion } }: { flow: FlowSummary }) {
  const { t } = useTranslation();
  const environments = useEnvironments();
  if (deployments.length === 0)
    return <span className="ol-dim">{latestVersion === null ? say("list.draftOnly") : t("flows.notDeployed")}</span>;
  return (
    <div className={classes.standing}>
      {environments.flatMap(({ id, title }) => {
        const deployment = deployments.find(({ environment }) => environment === id);
        if (!deployment) return [];
        return (
          <span key={id}>
            <span className="ol-dim">{title}</span>{" "}
            {deployment.versions.map(({ number }) => t("common.version", { number })).join(" + ")}
            {deployment.state === "paused" && <span style={{ color: "var(--ol-waiting)" }}> {t("flows.paused")}</span>}
          </span>
        );
      })}
    </div>
  );
}

/** Promotions that ended by themselves, while nobody looked. */
function FailedPromotions({ flow: { id, failedPromotions } }: { flow: FlowSummary }) {
  const environments = useEnvironments();
  return failedPromotions.map(({ environment, version, reason }) => {
    const title = environments.find((each) => each.id === environment)?.title ?? environment;
    return (
      <Link key={environment} className={classes.failed} to={address.promote(environment, id)} title={reason}>
        <Label tone="failed">{say("list.promotionFailed", { version, environment: title })}</Label>
      </Link>
    );
  });
}
