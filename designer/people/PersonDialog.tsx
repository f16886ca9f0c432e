import { PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Grant, PASSWORD_LEAST, type Person } from "#schemas/people.ts";
import { changePerson, makePerson } from "../api/commands.ts";
import { peopleQuery } from "../api/queries.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { GrantsField } from "./GrantsField.tsx";

interface PersonDialogProps {
  /** Who is changed; nobody yet for a new person. */
  person: Person | null;
  onClose: () => void;
}

/** Makes a person, or changes what one is called, may do, and signs in with. */
export function PersonDialog({ person, onClose }: PersonDialogProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [title, setTitle] = useState(person?.title ?? "");
  const [password, setPassword] = useState("");
  const [active, setActive] = useState(person?.state !== "disabled");
  const [grants, setGrants] = useState<Grant[]>(person?.grants ?? [{ environment: null, role: "viewer" }]);
  const [sameAs, setSameAs] = useState(person?.sameAs ?? null);
  const others = (useQuery(peopleQuery).data?.items ?? []).filter(({ id }) => id !== person?.id);
  const save = useMutation({
    mutationFn: () => {
      const secret = password === "" ? {} : { password };
      return person
        ? changePerson(person.id, { title, grants, state: active ? "active" : "disabled", sameAs, ...secret })
        : makePerson({ name, title, grants, ...secret });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["people"] });
      // It may have been oneself.
      void queries.invalidateQueries({ queryKey: ["session"] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={person ? t("people.editTitle", { name: person.name }) : t("people.createTitle")}
      onClose={onClose}
      action={save}
      error={save.error}
      submit={person ? t("people.save") : t("people.createDo")}
      testId="save-person"
    >
      <TextInput
        label={t("people.personTitle")}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        maxLength={120}
        data-autofocus
        required
      />
      {!person && (
        <TextInput
          label={t("signIn.name")}
          description={t("people.nameHint")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value.toLowerCase())}
          autoComplete="off"
          autoCapitalize="none"
          required
        />
      )}
      <PasswordInput
        size="xs"
        label={person ? t("people.otherPassword") : t("signIn.password")}
        description={person ? t("people.otherPasswordHint") : t("people.passwordHint", { count: PASSWORD_LEAST })}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="new-password"
        minLength={PASSWORD_LEAST}
        visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
        required={!person}
      />
      <GrantsField grants={grants} onChange={setGrants} />
      {person?.issuer && <p className="ol-dim ol-small">{t("people.vouched", { issuer: person.issuer })}</p>}
      {person && others.length > 0 && (
        <Select
          label={t("people.sameAs")}
          description={t("people.sameAsHint")}
          placeholder={t("people.sameAsNobody")}
          data={others.map((other) => ({ value: other.name, label: `${other.title} (${other.name})` }))}
          value={sameAs}
          onChange={setSameAs}
          searchable
          clearable
          clearButtonProps={{ "aria-label": t("people.sameAsClear") }}
          data-testid="person-same-as"
        />
      )}
      {person && (
        <Switch
          label={t("people.mayEnter")}
          description={t("people.mayEnterHint")}
          checked={active}
          onChange={(event) => setActive(event.currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}
