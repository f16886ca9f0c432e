import { Button, Group, Modal, PasswordInput, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PASSWORD_LEAST } from "#schemas/people.ts";
import { changePassword } from "../api/commands.ts";
import { sessionQuery } from "../api/queries.ts";
import { tell } from "../elements/tell.ts";
import { Refusal } from "./DoorPage.tsx";

/** Changes the own password; every other session ends. */
export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const change = useMutation({
    mutationFn: () => changePassword({ current, password }),
    onSuccess: (after) => {
      queries.setQueryData(sessionQuery.queryKey, after);
      tell({ message: t("account.passwordDone") });
      onClose();
    },
  });
  const toggle = { "aria-label": t("signIn.showPassword") };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("account.password")}
      size="sm"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <Stack gap={16}>
          <PasswordInput
            size="xs"
            label={t("account.passwordNow")}
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            autoComplete="current-password"
            visibilityToggleButtonProps={toggle}
            data-autofocus
            required
          />
          <PasswordInput
            size="xs"
            label={t("account.passwordNew")}
            description={t("people.passwordHint", { count: PASSWORD_LEAST })}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="new-password"
            minLength={PASSWORD_LEAST}
            visibilityToggleButtonProps={toggle}
            required
          />
          <Refusal error={change.error} />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={change.isPending}>
              {t("account.passwordDo")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
