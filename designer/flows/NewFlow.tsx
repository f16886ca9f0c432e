import { TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { createFlow } from "../api/commands.ts";
import { address, useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { idFrom, isFlowId } from "./search.ts";

/** Asks for a name, makes an empty flow and opens its canvas. */
export function NewFlow({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { id: environment } = useEnvironment();
  const [name, setName] = useState("");
  const [ownId, setOwnId] = useState<string | null>(null);
  const id = ownId ?? idFrom(name);
  const create = useMutation({
    mutationFn: () =>
      createFlow({
        kind: "flow",
        formatVersion: 1,
        id,
        name: name.trim(),
        slots: [],
        nodes: [],
        edges: [],
        layout: { nodes: {} },
      }),
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: ["flows"] });
      await navigate(address.flow(environment, id));
    },
  });
  const sound = name.trim() !== "" && isFlowId(id);
  return (
    <FormDialog
      title={t("flows.createTitle")}
      size="sm"
      onClose={onClose}
      action={create}
      submit={t("flows.createDo")}
      disabled={!sound}
    >
      <TextInput
        label={t("flows.createName")}
        value={name}
        maxLength={120}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
        required
      />
      <TextInput
        label={t("flows.createId")}
        description={t("flows.createIdHint")}
        value={id}
        onChange={(event) => setOwnId(event.currentTarget.value)}
        error={create.error?.message ?? (id !== "" && !isFlowId(id) ? t("flows.createIdBad") : undefined)}
        required
      />
    </FormDialog>
  );
}
