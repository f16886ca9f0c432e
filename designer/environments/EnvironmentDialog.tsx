import { NumberInput, Radio, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { loosens, protections } from "#schemas/approval.ts";
import type { Environment, EnvironmentLimits, Protection } from "#schemas/environment.ts";
import { changeEnvironment, makeEnvironment } from "../api/commands.ts";
import { useMay } from "../app/session.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { LimitFields } from "./LimitFields.tsx";
import { unlimited } from "./limits.ts";
import { say } from "./say.ts";

interface EnvironmentDialogProps {
  /** The one that is changed; null for a new one. */
  environment: Environment | null;
  /** Where a new one stands. */
  position: number;
  onClose: () => void;
}

/** Makes an environment, or says how one is called and how versions come into it. */
export function EnvironmentDialog({ environment, position: next, onClose }: EnvironmentDialogProps) {
  const queries = useQueryClient();
  const everywhere = useMay("administer", null);
  const barred = (level: Protection) => environment !== null && !everywhere && loosens(environment.protection, level);
  const [id, setId] = useState("");
  const [title, setTitle] = useState(environment?.title ?? "");
  const [protection, setProtection] = useState<Protection>(environment?.protection ?? "none");
  const [position, setPosition] = useState(environment?.position ?? next);
  const [reach, setReach] = useState<string[]>(environment?.reach ?? []);
  const [limits, setLimits] = useState<EnvironmentLimits>(environment?.limits ?? unlimited);
  const save = useMutation({
    mutationFn: () => {
      const settings = { title, protection, position, reach, limits };
      return environment ? changeEnvironment(environment.id, settings) : makeEnvironment({ id, ...settings });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["environments"] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={environment ? say("form.editTitle", { title: environment.title }) : say("page.create")}
      onClose={onClose}
      action={save}
      error={save.error}
      submit={environment ? say("form.save") : say("form.createDo")}
      testId="environment-save"
    >
      <TextInput
        label={say("page.name")}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        maxLength={60}
        data-autofocus
        required
        data-testid="environment-title"
      />
      {!environment && (
        <TextInput
          label={say("form.id")}
          description={say("form.idHint")}
          value={id}
          onChange={(event) => setId(event.currentTarget.value.toLowerCase())}
          pattern="[a-z][a-z0-9\-]{0,31}"
          autoComplete="off"
          required
          data-testid="environment-id"
        />
      )}
      <Radio.Group label={say("page.protection")} value={protection} onChange={(value) => setProtection(value as Protection)}>
        <Stack gap={8} mt={8}>
          {protections.map((level) => (
            <Radio
              key={level}
              value={level}
              label={say(`level.${level}`)}
              description={say(barred(level) ? "form.loosens" : `levelHint.${level}`)}
              disabled={barred(level)}
              data-testid={`protection-${level}`}
            />
          ))}
        </Stack>
      </Radio.Group>
      <NumberInput
        label={say("page.rank")}
        description={say("form.rankHint")}
        value={position}
        onChange={(value) => setPosition(Number(value))}
        min={0}
        max={1_000}
        allowDecimal={false}
      />
      <TagsInput
        label={say("form.reach")}
        description={say("form.reachHint")}
        placeholder={reach.length === 0 ? say("form.reachNone") : ""}
        value={reach}
        onChange={setReach}
        acceptValueOnBlur
        maxTags={100}
        data-testid="environment-reach"
      />
      <LimitFields limits={limits} onChange={setLimits} />
    </FormDialog>
  );
}
