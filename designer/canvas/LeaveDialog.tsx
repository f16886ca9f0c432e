import { Button, Group } from "@mantine/core";
import { Dialog } from "../elements/Dialog.tsx";
import { sayBeside } from "./sayBeside.ts";

interface LeaveDialogProps {
  /** Why the server has not taken the last changes. */
  reason: string;
  onStay: () => void;
  onLeave: () => void;
}

/** Somebody is about to leave changes behind that are not saved. */
export function LeaveDialog({ reason, onStay, onLeave }: LeaveDialogProps) {
  return (
    <Dialog onClose={onStay} title={sayBeside("leave.title")} size="md" closeLabel={sayBeside("leave.stay")}>
      <p style={{ marginTop: 0 }}>{sayBeside("leave.text", { reason })}</p>
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={onLeave} data-testid="leave-do">
          {sayBeside("leave.do")}
        </Button>
        <Button onClick={onStay} data-autofocus>
          {sayBeside("leave.stay")}
        </Button>
      </Group>
    </Dialog>
  );
}
