import { Button, Group, type ModalProps, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./Dialog.tsx";
import { Refusal } from "./Refusal.tsx";

interface FormDialogProps {
  title: string;
  size?: ModalProps["size"];
  onClose: () => void;
  /** What the form does: it is sent by Enter and by the button, which waits meanwhile. */
  action: { isPending: boolean; mutate: () => void };
  /** What the server has refused of it; left out where the form says so at a field. */
  error?: Error | null;
  /** What the button says. */
  submit: string;
  /** Nothing can be sent yet, neither by the button nor by Enter. */
  disabled?: boolean;
  testId?: string;
  /** False where whoever opened it says where the focus goes on. */
  returnFocus?: boolean;
  children: ReactNode;
}

/** A dialog that asks for something and does it: its fields, what was refused, and the two ways out. */
export function FormDialog({
  title,
  size = "md",
  onClose,
  action,
  error = null,
  submit,
  disabled = false,
  testId,
  returnFocus = true,
  children,
}: FormDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog onClose={onClose} title={title} size={size} returnFocus={returnFocus}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled) action.mutate();
        }}
      >
        <Stack gap={16}>
          {children}
          <Refusal error={error} />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={action.isPending} disabled={disabled} data-testid={testId}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
