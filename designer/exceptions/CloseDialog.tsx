import { Button, Group, Stack, Textarea } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../elements/Dialog.tsx";
import { count as inWords } from "../elements/numbers.ts";
import { mostAtOnce } from "./useDeadLetterCommands.ts";
import "./texts.ts";

interface CloseDialogProps {
  action: "retry" | "resolve";
  /** How many are closed. */
  count: number;
  /** True when these are all that fit the filter, shown or not. */
  all: boolean;
  busy: boolean;
  onClose: () => void;
  /** The note is empty for a retry. */
  onConfirm: (note: string) => void;
}

/** Names how many dead letters are retried or resolved before it is done; resolving asks for a sentence. */
export function CloseDialog({ action, count, all, busy, onClose, onConfirm }: CloseDialogProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const resolves = action === "resolve";
  const ready = !resolves || note.trim() !== "";
  return (
    <Dialog onClose={onClose} title={t(`exceptions.${action}Title`, { count })} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onConfirm(note.trim());
        }}
      >
        <Stack gap={16}>
          <p style={{ margin: 0 }}>{t(`exceptions.${action}Text`)}</p>
          {all && (
            <p style={{ margin: 0 }} className="ol-dim">
              {count > mostAtOnce ? t("exceptions.mostAtOnce", { most: inWords(mostAtOnce) }) : t("exceptions.allThatFit")}
            </p>
          )}
          {resolves && (
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
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button
              type="submit"
              disabled={!ready}
              loading={busy}
              data-testid={`${action}-confirm`}
              data-autofocus={!resolves || undefined}
            >
              {t(`exceptions.${action}`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
