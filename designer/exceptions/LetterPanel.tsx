import { ActionIcon, Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { DeadLetterDetail } from "#schemas/deadLetter.ts";
import { deadLetterDetailQuery } from "../api/queries.ts";
import { address } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { CopyText } from "../elements/CopyText.tsx";
import { JsonView } from "../elements/JsonView.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { useNames } from "../elements/names.ts";
import { ReasonText } from "../elements/ReasonText.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { AttemptList } from "../runs/Attempts.tsx";
import runs from "../runs/runs.module.css";
import { Changes } from "./Changes.tsx";
import { EffectWords } from "./EffectWords.tsx";
import classes from "./exceptions.module.css";
import { Handling } from "./Handling.tsx";
import { asText, ItemEditor } from "./ItemEditor.tsx";
import { readItem } from "./readItem.ts";
import type { DeadLetterCommands } from "./useDeadLetterCommands.ts";
import "./texts.ts";

interface LetterPanelProps {
  id: string;
  editing: boolean;
  onEdit: (editing: boolean) => void;
  onRetry: (id: string) => void;
  onResolve: (id: string) => void;
  onClose: () => void;
  commands: DeadLetterCommands;
}

/** One dead letter beside the list: why, what was sent and tried, what a retry would do, and what a person does about it. */
export function LetterPanel(props: LetterPanelProps) {
  const { t } = useTranslation();
  const { id, onClose } = props;
  const detail = useQuery(deadLetterDetailQuery(id));
  return (
    <>
      <div className={classes.head}>
        <h2 className="ol-clip" style={{ flex: 1 }}>
          {detail.data ? (detail.data.letter.documentKey ?? t("runs.noKey")) : t("letter.panel")}
        </h2>
        {detail.data && <StateChip state={detail.data.letter.state} />}
        <ActionIcon aria-label={t("letter.close")} onClick={onClose}>
          <X size={16} />
        </ActionIcon>
      </div>
      <Loaded query={detail} skeleton={<RowsSkeleton rows={8} />}>
        {(data) => <Letter key={id} detail={data} {...props} />}
      </Loaded>
    </>
  );
}

function Letter({ detail, editing, onEdit, onRetry, onResolve, commands }: LetterPanelProps & { detail: DeadLetterDetail }) {
  const { letter } = detail;
  return (
    <>
      {letter.state === "open" && !editing && (
        <Actions
          environment={letter.environment}
          editable={detail.editable}
          onRetry={() => onRetry(letter.id)}
          onEdit={() => onEdit(true)}
          onResolve={() => onResolve(letter.id)}
          busy={commands.retry.isPending}
        />
      )}
      <div className={classes.body}>
        {editing && detail.editable ? (
          <Editing detail={detail} onDone={() => onEdit(false)} commands={commands} />
        ) : (
          <Reading detail={detail} commands={commands} />
        )}
      </div>
    </>
  );
}

interface ActionsProps {
  environment: string;
  editable: boolean;
  busy: boolean;
  onRetry: () => void;
  onEdit: () => void;
  onResolve: () => void;
}

function Actions({ environment, editable, busy, onRetry, onEdit, onResolve }: ActionsProps) {
  const { t } = useTranslation();
  const operating = { permission: "operate", environment } as const;
  return (
    <div className={classes.actions}>
      <RoleButton {...operating} onClick={onRetry} loading={busy} aria-keyshortcuts="r" data-testid="letter-retry">
        {t("exceptions.retry")}
      </RoleButton>
      {editable && (
        <RoleButton {...operating} variant="default" onClick={onEdit} aria-keyshortcuts="e" data-testid="letter-edit">
          {t("letter.edit")}
        </RoleButton>
      )}
      <RoleButton {...operating} variant="default" onClick={onResolve} data-testid="letter-resolve">
        {t("exceptions.resolve")}
      </RoleButton>
    </div>
  );
}

function Reading({ detail, commands }: { detail: DeadLetterDetail; commands: DeadLetterCommands }) {
  const { t } = useTranslation();
  const { letter, item, request, original, attempts } = detail;
  return (
    <>
      <div className={runs.reason}>
        <p style={{ display: "flex", alignItems: "center", marginBottom: 4, gap: 8 }}>
          <Label tone="failed">{t(`outcome.${letter.class}`)}</Label>
          <span className="ol-small ol-dim">
            <TimeText iso={letter.createdAt} />
          </span>
        </p>
        <ReasonText reason={letter.reason} />
      </div>
      {letter.state === "open" && detail.runState === "CANCELLED" && <p>{t("letter.cancelledRun")}</p>}
      <Facts detail={detail} />
      <EffectWords detail={detail} />
      <section className={runs.section}>
        <h3>{t("letter.attempts")}</h3>
        {attempts.length === 0 ? <p className="ol-dim">{t("letter.attemptsNone")}</p> : <AttemptList attempts={attempts} />}
      </section>
      {original && (
        <section className={runs.section} data-testid="edited">
          <h3>
            {t("letter.edited", { who: original.editedBy })}{" "}
            <span className="ol-dim" style={{ fontWeight: 400 }}>
              <TimeText iso={original.editedAt} />
            </span>
          </h3>
          <Changes before={original.item} after={item} />
        </section>
      )}
      <section className={runs.section}>
        <h3>{t("letter.item")}</h3>
        {detail.gone ? <p className="ol-dim">{t("letter.itemGone")}</p> : <JsonView value={item} label={t("letter.item")} />}
      </section>
      {request !== null && request !== undefined && (
        <section className={runs.section}>
          <h3>{t("letter.request")}</h3>
          <JsonView value={request} label={t("letter.request")} maxHeight={280} />
        </section>
      )}
      <Handling letter={letter} onChange={(change) => commands.annotate.mutate({ ids: [letter.id], change })} />
    </>
  );
}

function Facts({ detail: { letter, runState } }: { detail: DeadLetterDetail }) {
  const { t } = useTranslation();
  const names = useNames([letter.flow]);
  const { environment, flow, node, runId } = letter;
  return (
    <dl className={runs.facts} style={{ marginTop: 12 }}>
      <dt>{t("runs.flow")}</dt>
      <dd>
        {names.flow(flow)} {t("common.version", { number: letter.version })} · {names.node(flow, node)}
        <br />
        <Link className="ol-small" to={address.flow(environment, flow, node)}>
          {t("letter.openNode")}
        </Link>
      </dd>
      <dt>{t("letter.run")}</dt>
      <dd>
        <span style={{ display: "inline-flex", gap: 8 }} data-testid="letter-run-state">
          {runState && <StateChip state={runState} />}
          <CopyText value={runId}>{runId.slice(-12)}</CopyText>
        </span>
        <br />
        <Link className="ol-small" to={address.run(environment, runId, node)}>
          {t("letter.openRun")}
        </Link>
      </dd>
      {letter.closedBy && letter.closedAt && (
        <>
          <dt>{t(`state.${letter.state}`)}</dt>
          <dd>
            {letter.closedBy}, <TimeText iso={letter.closedAt} />
          </dd>
        </>
      )}
    </dl>
  );
}

function Editing({ detail, onDone, commands }: { detail: DeadLetterDetail; onDone: () => void; commands: DeadLetterCommands }) {
  const { t } = useTranslation();
  const { letter, item } = detail;
  const [text, setText] = useState(() => asText(item));
  const read = readItem(text);
  const { retryEdited } = commands;
  return (
    <section>
      <div className={runs.reason} style={{ marginBottom: 12 }}>
        <ReasonText reason={letter.reason} />
      </div>
      <ItemEditor original={item} text={text} onChange={setText} />
      {retryEdited.error && (
        <div className={runs.reason} role="alert" style={{ marginTop: 12 }}>
          <ReasonText reason={{ code: "refused", message: retryEdited.error.message, ...hintOf(retryEdited.error) }} />
        </div>
      )}
      <div style={{ display: "flex", marginTop: 12, gap: 8 }}>
        <Button
          disabled={!("item" in read)}
          loading={retryEdited.isPending}
          onClick={() => "item" in read && retryEdited.mutate({ id: letter.id, item: read.item }, { onSuccess: onDone })}
          data-testid="edit-retry"
        >
          {t("letter.editDo")}
        </Button>
        <Button variant="default" onClick={onDone}>
          {t("letter.editDiscard")}
        </Button>
      </div>
    </section>
  );
}

const hintOf = (error: Error): { hint?: string } =>
  "hint" in error && typeof error.hint === "string" ? { hint: error.hint } : {};
