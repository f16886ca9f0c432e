import { Alert, Anchor, Button, Group, Skeleton, Stack, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FlowDetail } from "#schemas/api.ts";
import type { Deployment } from "#schemas/deployment.ts";
import { publish } from "../api/commands.ts";
import { versionQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { useMay } from "../app/session.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { failed, tell } from "../elements/tell.ts";
import { useCatalogue } from "./catalogue.ts";
import { type ChangeLine, changeLines } from "./changes.ts";
import { selectFlow, useDraft } from "./draft.ts";
import classes from "./editor.module.css";

interface PublishDialogProps {
  detail: FlowDetail;
  deployment: Deployment | undefined;
  onClose: () => void;
  onProblems: () => void;
}

/**
 * Shows what changed since the version that runs here, asks for a note, makes the version, and deploys it where the person
 * may deploy; elsewhere those do who operate the environment.
 */
export function PublishDialog({ detail, deployment, onClose, onProblems }: PublishDialogProps) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  // Where versions come by promotion, publishing is all that happens here.
  const deploys = useMay("operate", environment.id) && !environment.protected;
  const flow = useDraft(selectFlow);
  const revision = useDraft((state) => state.revision);
  const changed = useDraft((state) => state.changed);
  const errors = useDraft((state) => state.problems.filter(({ severity }) => severity === "error").length);
  const [note, setNote] = useState("");
  const latest = detail.latestVersion?.number ?? 0;
  const base = deployment?.versions[0]?.number ?? (latest || null);
  const next = t("common.version", { number: changed || latest === 0 ? latest + 1 : latest });
  // What runs here is what would be made and deployed: there is nothing to do.
  const nothing = !changed && latest > 0 && (!deploys || (deployment?.versions.length === 1 && base === latest));
  const submit = usePublish(flow.id, environment, deploys, onClose);
  const what = nothing ? "nothing" : changed || latest === 0 ? "version" : "deployment";
  return (
    <Dialog onClose={onClose} title={t(deploys ? "publish.title" : "publish.do")} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit.mutate({ revision, note });
        }}
      >
        <Stack gap={16}>
          <p style={{ margin: 0 }} data-testid="publish-text">
            {t(deploys ? deployTexts[what] : publishTexts[what], { version: next, environment: environment.title })}
          </p>
          {!nothing && <Changes base={base} flowId={flow.id} />}
          {errors > 0 && (
            <Alert color="red" variant="light" icon={<CircleAlert size={16} />}>
              {t("publish.blocked", { count: errors })}{" "}
              <Anchor
                component="button"
                type="button"
                inherit
                onClick={() => {
                  onClose();
                  onProblems();
                }}
                data-testid="publish-problems"
              >
                {t("publish.showProblems")}
              </Anchor>
            </Alert>
          )}
          <Textarea
            label={t("publish.note")}
            placeholder={t("publish.notePlaceholder")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            minRows={2}
            autosize
            data-autofocus
            disabled={nothing}
            data-testid="publish-note"
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={submit.isPending} disabled={errors > 0 || nothing} data-testid="publish-confirm">
              {t(deploys ? "publish.submit" : "publish.do", { environment: environment.title })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What is about to happen: a new version, a deployment of the one there is, or nothing. */
const deployTexts = { version: "publish.text", deployment: "publish.unchanged", nothing: "publish.nothing" } as const;
const publishTexts = { version: "publish.textOnly", deployment: "publish.nothingNew", nothing: "publish.nothingNew" } as const;

function usePublish(flow: string, environment: { id: string; title: string }, deploys: boolean, onDone: () => void) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { revision: number; note: string }) =>
      publish(flow, deploys ? { ...body, deployTo: [environment.id] } : body),
    onSuccess: async ({ number }) => {
      const named = { version: t("common.version", { number }), environment: environment.title };
      const title = t(deploys ? "publish.done" : "publish.doneOnly", named);
      tell({ title, message: t(deploys ? "publish.doneText" : "publish.doneOnlyText", named), color: "green" });
      onDone();
      await Promise.all(
        ["flow", "flows"].map((name) => queries.invalidateQueries({ queryKey: name === "flow" ? [name, flow] : [name] })),
      );
    },
    onError: failed,
  });
}

function Changes({ base, flowId }: { base: number | null; flowId: string }) {
  const { t } = useTranslation();
  const flow = useDraft(selectFlow);
  const catalogue = useCatalogue();
  const before = useQuery({ ...versionQuery(flowId, base ?? 0), enabled: base !== null });
  if (base === null) return <p className="ol-dim">{t("publish.first")}</p>;
  const version = t("common.version", { number: base });
  const error = before.error ?? catalogue.error;
  if (error) return <p className="ol-dim">{error.message}</p>;
  if (!before.data || !catalogue.data) return <Skeleton height={64} />;
  const lines = changeLines(before.data.flow, flow, catalogue.data.manifests);
  return (
    <section>
      <h2 style={{ margin: "0 0 8px", fontSize: 13, fontWeight: 600 }}>{t("publish.changes", { version })}</h2>
      {lines.length === 0 ? (
        <p className="ol-dim" style={{ margin: 0 }}>
          {t("canvas.draftSame", { version })}
        </p>
      ) : (
        <ul className={classes.changes} data-testid="publish-changes">
          {lines.map((line) => (
            <Line key={`${line.subject} ${line.id}`} {...line} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Line({ subject, kind, title, parts }: ChangeLine) {
  const { t } = useTranslation();
  return (
    <li>
      <span className="ol-dim">{t(`publish.change.${kind}`)}</span>
      <span>
        <strong style={{ fontWeight: 500 }}>{title}</strong>
        <span className="ol-dim"> {parts.length > 0 ? parts.join(", ") : t(`publish.subject.${subject}`)}</span>
      </span>
    </li>
  );
}
