import { Button, Group, Input, SegmentedControl, Select, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { RunDetail } from "#schemas/api.ts";
import { replayRun } from "../api/commands.ts";
import { flowQuery, nodeTypesQuery, traceQuery, versionsQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { tell } from "../elements/tell.ts";
import { asText, ItemEditor } from "../exceptions/ItemEditor.tsx";
import { readItem } from "../exceptions/readItem.ts";
import classes from "./runs.module.css";

interface ReplayDialogProps {
  detail: RunDetail;
  /** The node selected, offered as the one to begin from. */
  node: string | null;
  onClose: () => void;
}

/** The choice that is no node: node ids have no colon. */
const whole = ":whole";

/** A new run from the message of this one: from where, on which version, with which item. */
export function ReplayDialog({ detail, node, onClose }: ReplayDialogProps) {
  const { t } = useTranslation();
  const { run } = detail;
  const nodes = useNodesToBeginFrom(detail);
  const [picked, setFrom] = useState(node);
  const from = nodes.some(({ value }) => value === picked) ? picked : null;
  const [version, setVersion] = useState(run.version);
  const [edits, setEdits] = useState(false);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const taken = useTaken(detail, from);
  const text = texts[from ?? ""] ?? asText(taken.item);
  const read = edits ? readItem(text) : { item: undefined };
  const begin = useBegin(run.id, onClose);
  const ready = "item" in read && taken.count > 0;
  return (
    <Dialog onClose={onClose} title={t("replay.title")} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          begin.mutate({
            ...(from === null ? {} : { from }),
            ...(version === run.version ? {} : { version }),
            ...(edits ? { item: read.item } : {}),
          });
        }}
      >
        <Stack gap={16}>
          <p style={{ margin: 0 }}>{t("replay.text")}</p>
          <div style={{ display: "grid", gridTemplateColumns: "1fr 1fr", gap: 8 }}>
            <Select
              label={t("replay.from")}
              data={[{ value: whole, label: t("replay.whole") }, ...nodes]}
              value={from ?? whole}
              onChange={(value) => setFrom(value === whole ? null : value)}
              allowDeselect={false}
              data-testid="replay-from"
            />
            <VersionSelect detail={detail} value={version} onChange={setVersion} />
          </div>
          {taken.count === 1 ? (
            <Input.Wrapper label={t("replay.item")} labelElement="div">
              <SegmentedControl
                size="xs"
                mb={8}
                display="flex"
                style={{ width: "fit-content" }}
                aria-label={t("replay.item")}
                value={edits ? "edited" : "original"}
                onChange={(value) => setEdits(value === "edited")}
                data={[
                  { value: "original", label: t("replay.itemOriginal") },
                  { value: "edited", label: t("replay.itemEdited") },
                ]}
                data-testid="replay-item"
              />
              {edits && (
                <ItemEditor
                  key={from ?? ""}
                  original={taken.item}
                  text={text}
                  onChange={(next) => setTexts({ ...texts, [from ?? ""]: next })}
                />
              )}
            </Input.Wrapper>
          ) : (
            <p className="ol-dim" style={{ margin: 0 }}>
              {taken.count === 0 ? t("replay.itemNone") : t("replay.itemMany", { count: taken.count })}
            </p>
          )}
          {begin.error && (
            <div className={classes.reason} role="alert">
              <ReasonText reason={{ code: "refused", message: begin.error.message, ...hintOf(begin.error) }} />
            </div>
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" disabled={!ready} loading={begin.isPending} data-testid="replay-confirm">
              {t("replay.confirm")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

const hintOf = (error: Error): { hint?: string } =>
  "hint" in error && typeof error.hint === "string" ? { hint: error.hint } : {};

/** Nodes of the run's version into which something leads. */
function useNodesToBeginFrom({ flow }: RunDetail): { value: string; label: string }[] {
  const types = useQuery(nodeTypesQuery);
  const manifests = new Map(types.data?.items.map((manifest) => [manifest.type, manifest]));
  return flow.nodes.flatMap(({ id, name, type }) => {
    const manifest = manifests.get(type);
    return manifest && manifest.inputs.length > 0 ? [{ value: id, label: name ?? manifest.title }] : [];
  });
}

/** What the replay begins with: the message, or what the node took; the item where it is one. */
function useTaken({ run, message }: RunDetail, from: string | null): { count: number; item: unknown } {
  const trace = useQuery(traceQuery(run.id, run.endedAt !== null));
  if (from === null) return { count: 1, item: message.body };
  const items = Object.values(trace.data?.nodes[from]?.inputs ?? {}).flat();
  return { count: items.length, item: items[0] };
}

interface VersionSelectProps {
  detail: RunDetail;
  value: number;
  onChange: (version: number) => void;
}

function VersionSelect({ detail: { run }, value, onChange }: VersionSelectProps) {
  const { t } = useTranslation();
  const { id: environment, title } = useEnvironment();
  const versions = useQuery(versionsQuery(run.flow));
  const flow = useQuery(flowQuery(run.flow));
  const deployed =
    flow.data?.deployments.find((each) => each.environment === environment)?.versions.map(({ number }) => number) ?? [];
  const labelOf = (number: number) => {
    if (number === run.version) return t("replay.versionOwn", { number });
    if (deployed.includes(number)) return t("replay.versionDeployed", { number, environment: title });
    return t("replay.versionOther", { number });
  };
  const numbers = [...new Set([run.version, ...(versions.data?.items.map(({ number }) => number) ?? [])])].sort((a, b) => b - a);
  return (
    <Select
      label={t("replay.version")}
      data={numbers.map((number) => ({ value: String(number), label: labelOf(number) }))}
      value={String(value)}
      onChange={(next) => next && onChange(Number(next))}
      allowDeselect={false}
      data-testid="replay-version"
    />
  );
}

function useBegin(run: string, onClose: () => void) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (wish: Parameters<typeof replayRun>[1]) => replayRun(run, wish),
    onSuccess: ({ runId, held, waitsForDocument }) => {
      onClose();
      tell({ message: t(held ? "replay.doneHeld" : waitsForDocument ? "replay.doneWaits" : "replay.done") });
      for (const key of ["run", "runs"]) void queries.invalidateQueries({ queryKey: [key] });
      void navigate(address.run(environment, runId));
    },
  });
}
