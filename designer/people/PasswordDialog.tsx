import { PasswordInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PASSWORD_LEAST } from "#schemas/people.ts";
import { changePassword } from "../api/commands.ts";
import { sessionQuery } from "../api/queries.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { tell } from "../elements/tell.ts";

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
    <FormDialog
      title={t("account.password")}
      size="sm"
      onClose={onClose}
      action={change}
      error={change.error}
      submit={t("account.passwordDo")}
    >
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
    </FormDialog>
  );
}
