import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { RunDetail } from "#schemas/api.ts";
import { address } from "../app/address.ts";
import type { Catalogue } from "../canvas/catalogue.ts";
import { nodeNames } from "../canvas/names.ts";
import { CopyText } from "../elements/CopyText.tsx";
import { JsonView } from "../elements/JsonView.tsx";
import { Label } from "../elements/Label.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { RunDuration } from "./RunDuration.tsx";
import classes from "./runs.module.css";

interface RunSummaryProps {
  detail: RunDetail;
  catalogue: Catalogue;
  onNode: (id: string) => void;
}

/** The run as a whole: how it ended and why, and the message that began it. */
export function RunSummary({ detail, catalogue, onNode }: RunSummaryProps) {
  const { t } = useTranslation();
  const { run, message, deadLetters } = detail;
  const nameOf = nodeNames(detail.flow.nodes, catalogue.manifests);
  const unseen = detail.counts.deadLetters - deadLetters.length;
  return (
    <div className={classes.body}>
      {deadLetters.map((letter) => (
        <div key={letter.id} className={classes.reason} style={{ marginBottom: 12 }}>
          <p style={{ display: "flex", gap: 8, alignItems: "center", marginBottom: 4 }}>
            <button type="button" className={classes.crumb} style={plain} onClick={() => onNode(letter.node)}>
              {nameOf(letter.node)}
            </button>
            <Label tone="failed">{t(`outcome.${letter.class}`)}</Label>
            <span className="ol-small">{t(`state.${letter.state}`)}</span>
          </p>
          <ReasonText reason={letter.reason} />
          <Link className="ol-small" to={address.letter(run.environment, letter.id)} style={{ color: "inherit" }}>
            {t("run.openDeadLetter")}
          </Link>
        </div>
      ))}
      {unseen > 0 && (
        <p style={{ marginBottom: 12 }}>
          <Link to={`${address.exceptions(run.environment)}?q=${run.id}`}>{t("run.moreDeadLetters", { count: unseen })}</Link>
        </p>
      )}
      <h2 style={{ margin: "0 0 8px", fontSize: 13, fontWeight: 600 }}>{t("run.summary")}</h2>
      <dl className={classes.facts}>
        <dt>{t("run.runId")}</dt>
        <dd>
          <CopyText value={run.id} />
        </dd>
        <dt>{t("run.started")}</dt>
        <dd>
          <TimeText iso={run.startedAt} />
        </dd>
        <dt>{t("run.took")}</dt>
        <dd>
          <RunDuration run={run} />
        </dd>
        <Connected detail={detail} nameOf={nameOf} />
        <dt>{t("run.source")}</dt>
        <dd>{message.source}</dd>
        <dt>{t("run.dedupeKey")}</dt>
        <dd>
          <CopyText value={message.dedupeKey} />
        </dd>
        <dt>{t("run.messageId")}</dt>
        <dd>
          <CopyText value={message.id} />
          <br />
          <Link className="ol-small" to={`${address.runs(run.environment)}?q=${message.id}`}>
            {t("replay.allOfMessage")}
          </Link>
        </dd>
      </dl>
      <section className={classes.section}>
        <h2>{t("run.headers")}</h2>
        <Table verticalSpacing={4} horizontalSpacing={8} layout="fixed" className="ol-mono">
          <Table.Tbody>
            {Object.entries(message.headers).map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" style={{ fontWeight: 400, color: "var(--ol-dim)", overflowWrap: "anywhere" }}>
                  {name}
                </Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
      <section className={classes.section}>
        <h2>{t("run.body")}</h2>
        <JsonView value={message.body} label={t("run.body")} />
      </section>
    </div>
  );
}

/** Who cancelled the run, what it replays, and what replays it. */
function Connected({ detail: { run, replays }, nameOf }: { detail: RunDetail; nameOf: (node: string) => string }) {
  const { t } = useTranslation();
  return (
    <>
      {run.cancelledBy !== null && run.cancelledAt !== null && (
        <>
          <dt>{t("cancel.by")}</dt>
          <dd data-testid="cancelled-by">
            {run.cancelledBy}, <TimeText iso={run.cancelledAt} />
          </dd>
        </>
      )}
      {run.replayOf !== null && (
        <>
          <dt>{t("replay.of")}</dt>
          <dd data-testid="replay-of">
            <Link to={address.run(run.environment, run.replayOf)}>{run.replayOf.slice(-12)}</Link>{" "}
            {run.replayFrom !== null && t("replay.ofFrom", { node: nameOf(run.replayFrom) })}
          </dd>
        </>
      )}
      {replays.length > 0 && (
        <>
          <dt>{t("replay.replays")}</dt>
          <dd>
            {replays.map(({ id, state, startedAt }) => (
              <div key={id} style={{ display: "flex", gap: 8 }}>
                <Link to={address.run(run.environment, id)}>{id.slice(-12)}</Link>
                <StateChip state={state} />
                <span className="ol-dim">
                  <TimeText iso={startedAt} />
                </span>
              </div>
            ))}
          </dd>
        </>
      )}
    </>
  );
}

const plain = {
  border: 0,
  padding: 0,
  background: "none",
  font: "inherit",
  fontWeight: 600,
  color: "var(--ol-text)",
  cursor: "pointer",
} as const;
