import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { createFlow } from "../api/commands.ts";
import { address, useEnvironment } from "../app/address.ts";
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
    <Modal
      opened
      onClose={onClose}
      title={t("flows.createTitle")}
      size="sm"
      closeButtonProps={{ "aria-label": t("common.close") }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (sound) create.mutate();
        }}
      >
        <Stack gap={16}>
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
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" disabled={!sound} loading={create.isPending}>
              {t("flows.createDo")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
