import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cancelRun } from "../api/commands.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { failed, tell } from "../elements/tell.ts";

/** Says what cancelling does before it is done. */
export function CancelDialog({ run, onClose }: { run: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelRun(run, note.trim()),
    onSuccess: ({ waiting, running }) => tell({ message: t("cancel.done", { waiting, running }) }),
    onError: failed,
    onSettled: () => {
      onClose();
      for (const key of ["run", "runs", "trace", "flows", "status"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
  return (
    <Dialog onClose={onClose} title={t("cancel.title")} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          cancel.mutate();
        }}
      >
        <Stack gap={16}>
          <p style={{ margin: 0 }}>{t("cancel.text")}</p>
          <p style={{ margin: 0 }} className="ol-dim">
            {t("cancel.textSub")}
          </p>
          <TextInput
            label={t("cancel.note")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={2000}
            data-autofocus
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("cancel.keep")}
            </Button>
            <Button type="submit" loading={cancel.isPending} data-testid="cancel-confirm">
              {t("cancel.confirm")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
