import { Button, Group, MultiSelect, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Role, roles } from "#schemas/people.ts";
import { makeToken } from "../api/commands.ts";
import { useEnvironments } from "../app/address.ts";
import { CopyText } from "../elements/CopyText.tsx";
import { Dialog } from "../elements/Dialog.tsx";
import { FormDialog } from "../elements/FormDialog.tsx";
import "./texts.ts";

const usualDays = 90;
const mostDays = 366;

/** Makes a token and shows it, this once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const environments = useEnvironments();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [places, setPlaces] = useState<string[]>([]);
  const [days, setDays] = useState<number>(usualDays);
  const make = useMutation({
    mutationFn: () => makeToken({ name, role, environments: places.length > 0 ? places : null, days }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  if (make.data) {
    return (
      <Dialog onClose={onClose} title={t("tokens.made", { name })}>
        <Stack gap={16}>
          <p style={{ margin: 0 }}>{t("tokens.madeText")}</p>
          <div data-testid="token">
            <CopyText value={make.data.token} />
          </div>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t("tokens.kept")}</Button>
          </Group>
        </Stack>
      </Dialog>
    );
  }
  return (
    <FormDialog
      title={t("tokens.create")}
      onClose={onClose}
      action={make}
      error={make.error}
      submit={t("tokens.createDo")}
      testId="make-token"
    >
      <TextInput
        label={t("tokens.name")}
        description={t("tokens.nameHint")}
        value={name}
        onChange={(event) => setName(event.currentTarget.value.toLowerCase())}
        maxLength={60}
        data-autofocus
        required
      />
      <Select
        label={t("people.role")}
        data={roles.map((value) => ({ value, label: t(`people.roleNames.${value}`) }))}
        value={role}
        onChange={(value) => value && setRole(value as Role)}
        allowDeselect={false}
      />
      <MultiSelect
        label={t("people.where")}
        placeholder={places.length === 0 ? t("people.everywhere") : ""}
        data={environments.map(({ id, title }) => ({ value: id, label: title }))}
        value={places}
        onChange={setPlaces}
      />
      <NumberInput
        label={t("tokens.days")}
        value={days}
        min={1}
        max={mostDays}
        allowDecimal={false}
        onChange={(value) => setDays(Number(value))}
        required
      />
    </FormDialog>
  );
}
