import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentProps, MouseEvent } from "react";
import type { Permission } from "#schemas/people.ts";
import { Hint } from "../elements/Hint.tsx";
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
      <Hint label={hint}>
        <Button {...button} />
      </Hint>
    );
  return (
    <Hint label={refusal} width={280} always>
      {/* Not `disabled`: what cannot have the focus could not say why. */}
      <Button {...button} type="button" data-disabled aria-disabled aria-keyshortcuts={undefined} onClick={stay} />
    </Hint>
  );
}

const stay = (event: MouseEvent): void => event.preventDefault();
