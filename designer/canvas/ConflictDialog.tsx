import { Button, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { use } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { createFlow } from "../api/commands.ts";
import { flowQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { nobody } from "../app/session.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { useNow } from "../elements/TimeText.tsx";
import { failed } from "../elements/tell.ts";
import { relative } from "../elements/time.ts";
import { DraftContext, type SaveState, selectFlow, useDraft } from "./draft.ts";

/** The flow was changed in two places: says by whom, and leaves the choice to the person. */
export function ConflictDialog({ putOff, onLater }: ConflictDialogProps) {
  const save = useDraft((state) => state.save);
  if (save.kind !== "conflict" || putOff === save) return null;
  return <Choices by={save.by} at={save.at} onLater={() => onLater(save)} />;
}

interface ConflictDialogProps {
  /** The conflict that a person has put off; the bar's "Not saved" brings it back. */
  putOff: SaveState | null;
  onLater: (conflict: SaveState) => void;
}

function Choices({ by, at, onLater }: { by: string; at: string; onLater: () => void }) {
  const { t } = useTranslation();
  const store = use(DraftContext);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id: environment } = useEnvironment();
  const now = useNow();
  const flow = useDraft(selectFlow);
  const reload = useMutation({
    mutationFn: () => queries.fetchQuery({ ...flowQuery(flow.id), staleTime: 0 }),
    onSuccess: (detail) => store?.getState().adopt(detail),
    onError: failed,
  });
  const copy = useMutation({
    mutationFn: () => {
      const suffix = `-${Date.now().toString(36)}`;
      return createFlow({
        ...flow,
        id: `${flow.id.slice(0, 63 - suffix.length)}${suffix}`,
        name: t("conflict.copyName", { name: flow.name }).slice(0, 120),
      });
    },
    onSuccess: async (made) => {
      await reload.mutateAsync();
      await navigate(address.flow(environment, made.flow.id));
    },
    onError: failed,
  });
  const when = relative(Date.parse(at), now, t("time.now"));
  return (
    <Dialog onClose={onLater} title={t("conflict.title")} size="md" closeLabel={t("conflict.later")}>
      <Stack gap={12}>
        <p style={{ margin: 0 }}>{by === nobody ? t("conflict.textTab", { when }) : t("conflict.text", { who: by, when })}</p>
        <Choice
          label={t("conflict.reload")}
          hint={t("conflict.reloadHint")}
          onClick={() => reload.mutate()}
          busy={reload.isPending}
        />
        <Choice
          label={t("conflict.overwrite")}
          hint={t("conflict.overwriteHint")}
          onClick={() => store?.getState().overwrite()}
        />
        <Choice label={t("conflict.copy")} hint={t("conflict.copyHint")} onClick={() => copy.mutate()} busy={copy.isPending} />
      </Stack>
    </Dialog>
  );
}

function Choice({ label, hint, onClick, busy = false }: { label: string; hint: string; onClick: () => void; busy?: boolean }) {
  return (
    <div style={{ display: "grid", gridTemplateColumns: "152px 1fr", gap: 12, alignItems: "center" }}>
      <Button variant="default" onClick={onClick} loading={busy}>
        {label}
      </Button>
      <span className="ol-dim">{hint}</span>
    </div>
  );
}
