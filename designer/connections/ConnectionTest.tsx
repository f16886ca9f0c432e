import { Button, Group, Loader } from "@mantine/core";
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { CheckCircle2, CircleDashed, CircleHelp, OctagonAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ConnectionTestResult, ListedConnection } from "#schemas/connection.ts";
import { testConnection } from "../api/commands.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { Dialog } from "../elements/Dialog.tsx";
import { Refusal } from "../elements/Refusal.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { duration } from "../elements/time.ts";
import classes from "./connections.module.css";

type Outcome = ConnectionTestResult["outcome"];

const icons = { passed: CheckCircle2, failed: OctagonAlert, reached: CircleHelp, untested: CircleDashed };

/** A way to try a connection; the list is read again for what the server keeps of it. */
export function useConnectionTest({ environment, name }: ListedConnection) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => testConnection(environment, name),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["connections", environment] }),
  });
}

/** How the last test ended, as long as the connection is what it was; pressed, it says all. */
export function LastTest({ tested, onOpen }: Pick<ListedConnection, "tested"> & { onOpen: () => void }) {
  const { t } = useTranslation();
  if (!tested) return <span className={`ol-dim ol-small ${classes.never}`}>{t("connectionTest.never")}</span>;
  const Icon = icons[tested.outcome];
  return (
    <button type="button" className={classes.last} data-outcome={tested.outcome} onClick={onOpen} data-testid="last-test">
      <Icon size={12} aria-hidden />
      {t(`connectionTest.short.${tested.outcome}`)} <TimeText iso={tested.at} />
    </button>
  );
}

interface TestDialogProps {
  connection: ListedConnection;
  /** What the connection speaks to. */
  system: string;
  test: UseMutationResult<ConnectionTestResult, Error, void>;
  onEdit: () => void;
  onClose: () => void;
}

/** A test while it goes, and what came of it: what it means and what to do. */
export function TestDialog({ connection, system, test, onEdit, onClose }: TestDialogProps) {
  const { t } = useTranslation();
  const { name, environment, tested } = connection;
  const result = test.data ?? tested;
  return (
    <Dialog onClose={onClose} title={t("connectionTest.title", { name })} size="md">
      <div role="status" data-testid="test-result">
        {test.isPending ? (
          <p className={classes.asking}>
            <Loader size={14} />
            {t("connectionTest.asking", { system })}
          </p>
        ) : test.error ? (
          <Refusal error={test.error} />
        ) : (
          result && <Result result={result} />
        )}
      </div>
      {!test.isPending && !test.error && tested && (
        <p className="ol-dim ol-small" style={{ margin: "12px 0 0" }}>
          {t("connectionTest.by", { who: tested.by })} <TimeText iso={tested.at} />
        </p>
      )}
      <Group justify="flex-end" gap={8} mt={16}>
        {result?.outcome === "failed" && !test.isPending && (
          <RoleButton permission="administer" environment={environment} variant="default" onClick={onEdit}>
            {t("connectionTest.edit")}
          </RoleButton>
        )}
        <RoleButton
          permission="operate"
          environment={environment}
          variant="default"
          loading={test.isPending}
          onClick={() => test.mutate()}
          data-testid="test-again"
        >
          {t("connectionTest.again")}
        </RoleButton>
        <Button onClick={onClose}>{t("common.close")}</Button>
      </Group>
    </Dialog>
  );
}

function Result({ result }: { result: ConnectionTestResult }) {
  const { t } = useTranslation();
  const { outcome, message, hint, status, ms } = result;
  return (
    <>
      <Headline outcome={outcome} />
      <p style={{ margin: "8px 0", overflowWrap: "anywhere" }}>{message}</p>
      {hint && <p style={{ margin: "8px 0" }}>{hint}</p>}
      {ms !== null && (
        <p className="ol-dim ol-small" style={{ margin: 0 }}>
          {status === null ? t("connectionTest.noStatus") : t("connectionTest.status", { status })} · {duration(ms)}
        </p>
      )}
    </>
  );
}

function Headline({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const Icon = icons[outcome];
  return (
    <strong className={classes.headline} data-outcome={outcome}>
      <Icon size={16} aria-hidden />
      {t(`connectionTest.outcome.${outcome}`)}
    </strong>
  );
}
