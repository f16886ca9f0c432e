import { Button, Group, Stack, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Annotation } from "../api/commands.ts";
import { Dialog } from "../elements/Dialog.tsx";
import "./texts.ts";

interface HandleDialogProps {
  count: number;
  busy: boolean;
  onClose: () => void;
  onConfirm: (change: Annotation) => void;
}

/** Assigns and tags the dead letters that are chosen. */
export function HandleDialog({ count, busy, onClose, onConfirm }: HandleDialogProps) {
  const { t } = useTranslation();
  const [assignee, setAssignee] = useState("");
  const [tags, setTags] = useState<string[]>([]);
  const change: Annotation = {
    ...(assignee.trim() ? { assignee: assignee.trim() } : {}),
    ...(tags.length > 0 ? { addTags: tags } : {}),
  };
  return (
    <Dialog onClose={onClose} title={t("exceptions.handleTitle", { count })} size="sm">
      <Stack gap={16}>
        <TextInput
          label={t("letter.assignee")}
          description={t("exceptions.handleHint")}
          value={assignee}
          onChange={(event) => setAssignee(event.currentTarget.value)}
          maxLength={120}
          data-autofocus
        />
        <TagsInput label={t("exceptions.addTags")} value={tags} onChange={setTags} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button disabled={Object.keys(change).length === 0} loading={busy} onClick={() => onConfirm(change)}>
            {t("exceptions.handleDo")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
