import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { ComponentProps, MouseEvent } from "react";
import type { Permission } from "#schemas/people.ts";
import { useRefusal } from "./session.ts";

interface RoleButtonProps extends ButtonProps, Omit<ComponentProps<"button">, keyof ButtonProps> {
  permission: Permission;
  /** Where it must be held; absent: in some environment. */
  environment?: string;
  /** What it does in more words, for those who may press it. */
  hint?: string;
}

/** A button for those who may press it. The others see it too, and which role it needs: they know whom to ask. */
export function RoleButton({ permission, environment, hint, ...button }: RoleButtonProps) {
  const refusal = useRefusal(permission, environment);
  if (refusal === null)
    return (
      <Tooltip label={hint} disabled={hint === undefined}>
        <Button {...button} />
      </Tooltip>
    );
  return (
    <Tooltip label={refusal} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      {/* Not `disabled`: what cannot have the focus could not say why. */}
      <Button {...button} type="button" data-disabled aria-disabled aria-keyshortcuts={undefined} onClick={stay} />
    </Tooltip>
  );
}

const stay = (event: MouseEvent): void => event.preventDefault();
