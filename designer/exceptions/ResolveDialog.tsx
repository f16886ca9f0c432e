import { Button, Group, Modal, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

interface ResolveDialogProps {
  ids: readonly string[];
  busy: boolean;
  onClose: () => void;
  onResolve: (note: string) => void;
}

export function ResolveDialog({ ids, busy, onClose, onResolve }: ResolveDialogProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const said = note.trim() !== "";
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("exceptions.resolveTitle", { count: ids.length })}
      size="sm"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (said) onResolve(note.trim());
        }}
      >
        <Stack gap={16}>
          <p style={{ margin: 0 }}>{t("exceptions.resolveText")}</p>
          <Textarea
            label={t("exceptions.note")}
            description={t("exceptions.noteNeeded")}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            autosize
            minRows={2}
            required
            data-autofocus
            data-testid="resolve-note"
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" disabled={!said} loading={busy} data-testid="resolve-confirm">
              {t("exceptions.resolve")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
