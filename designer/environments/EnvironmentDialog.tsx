import { NumberInput, Radio, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Environment, Protection } from "#schemas/environment.ts";
import { changeEnvironment, makeEnvironment } from "../api/commands.ts";
import { FormDialog } from "../elements/FormDialog.tsx";

interface EnvironmentDialogProps {
  /** The one that is changed; null for a new one. */
  environment: Environment | null;
  /** Where a new one stands. */
  position: number;
  onClose: () => void;
}

const levels: Protection[] = ["none", "checks", "approval"];

/** Makes an environment, or says how one is called and how versions come into it. */
export function EnvironmentDialog({ environment, position: next, onClose }: EnvironmentDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [id, setId] = useState("");
  const [title, setTitle] = useState(environment?.title ?? "");
  const [protection, setProtection] = useState<Protection>(environment?.protection ?? "none");
  const [position, setPosition] = useState(environment?.position ?? next);
  const [reach, setReach] = useState<string[]>(environment?.reach ?? []);
  const save = useMutation({
    mutationFn: () => {
      const settings = { title, protection, position, reach };
      return environment ? changeEnvironment(environment.id, settings) : makeEnvironment({ id, ...settings });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["environments"] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={environment ? t("environments.editTitle", { title: environment.title }) : t("environments.create")}
      onClose={onClose}
      action={save}
      error={save.error}
      submit={environment ? t("environments.save") : t("environments.createDo")}
      testId="environment-save"
    >
      <TextInput
        label={t("environments.name")}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        maxLength={60}
        data-autofocus
        required
        data-testid="environment-title"
      />
      {!environment && (
        <TextInput
          label={t("environments.id")}
          description={t("environments.idHint")}
          value={id}
          onChange={(event) => setId(event.currentTarget.value.toLowerCase())}
          pattern="[a-z][a-z0-9\-]{0,31}"
          autoComplete="off"
          required
          data-testid="environment-id"
        />
      )}
      <Radio.Group
        label={t("environments.protection")}
        value={protection}
        onChange={(value) => setProtection(value as Protection)}
      >
        <Stack gap={8} mt={8}>
          {levels.map((level) => (
            <Radio
              key={level}
              value={level}
              label={t(`environments.level.${level}`)}
              description={t(`environments.levelHint.${level}`)}
              data-testid={`protection-${level}`}
            />
          ))}
        </Stack>
      </Radio.Group>
      <NumberInput
        label={t("environments.rank")}
        description={t("environments.rankHint")}
        value={position}
        onChange={(value) => setPosition(Number(value))}
        min={0}
        max={1_000}
        allowDecimal={false}
      />
      <TagsInput
        label={t("environments.reach")}
        description={t("environments.reachHint")}
        placeholder={reach.length === 0 ? t("environments.reachNone") : ""}
        value={reach}
        onChange={setReach}
        acceptValueOnBlur
        maxTags={100}
        data-testid="environment-reach"
      />
    </FormDialog>
  );
}
