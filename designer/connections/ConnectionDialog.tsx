import { Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { secretsElsewhere } from "#nodes/connector/destinations.ts";
import type { Connection } from "#schemas/connection.ts";
import { putConnection } from "../api/commands.ts";
import { connectorQuery, connectorsQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { tell } from "../elements/tell.ts";
import { SettingField } from "./SettingField.tsx";
import { presets, settingsOf } from "./settings.ts";

interface ConnectionDialogProps {
  /** The one that is changed; null for a new one. */
  connection: Connection | null;
  /** What a new one is of, where that is known. */
  of?: string;
  onClose: () => void;
}

/** Makes a connection in this environment, or changes its settings and secrets. */
export function ConnectionDialog({ connection, of, onClose }: ConnectionDialogProps) {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const queries = useQueryClient();
  const connectors = useQuery(connectorsQuery).data?.items ?? [];
  const [connector, setConnector] = useState(connection?.connector ?? of ?? "");
  const [name, setName] = useState(connection?.name ?? "");
  const [config, setConfig] = useState<Record<string, unknown>>(
    () => connection?.config ?? presets(settingsOf(connectors.find(({ id }) => id === of)?.connection)),
  );
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const installed = useQuery({ ...connectorQuery(connector), enabled: connection !== null }).data?.connector;
  // Of all that are kept, given again here or not: a field does not change what it says while somebody types into it.
  const again = installed && connection ? secretsElsewhere(installed, connection, { config, secrets: {} }) : undefined;
  const fields = settingsOf(connectors.find(({ id }) => id === connector)?.connection);
  const choose = (id: string) => {
    setConnector(id);
    setConfig(presets(settingsOf(connectors.find((one) => one.id === id)?.connection)));
    setSecrets({});
  };
  const save = useMutation({
    mutationFn: () => putConnection(environment.id, name, { connector, config, secrets }),
    onSuccess: () => {
      tell({ message: t("connectionForm.saved", { name }) });
      void queries.invalidateQueries({ queryKey: ["connections", environment.id] });
      onClose();
    },
  });
  return (
    <FormDialog
      title={
        connection ? t("connectionForm.editTitle", { name }) : t("connectionForm.createTitle", { environment: environment.title })
      }
      size="lg"
      onClose={onClose}
      action={save}
      error={save.error}
      submit={t(connection ? "connectionForm.save" : "connectionForm.createDo")}
      disabled={connector === ""}
      testId="connection-save"
    >
      {!connection && (
        <>
          <Select
            label={t("connectionForm.connector")}
            data={connectors.map(({ id, title }) => ({ value: id, label: title }))}
            value={connector || null}
            onChange={(value) => value && choose(value)}
            searchable
            allowDeselect={false}
            required
            data-testid="connection-connector"
          />
          <TextInput
            label={t("connectionForm.name")}
            description={t("connectionForm.nameHint")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value.toLowerCase())}
            pattern="[a-z][a-z0-9\-]{0,63}"
            autoComplete="off"
            required
            data-testid="connection-name"
          />
        </>
      )}
      {fields.map((field) => (
        <SettingField
          key={field.name}
          field={field}
          value={field.secret ? (secrets[field.name] ?? "") : config[field.name]}
          kept={connection?.secretNames.includes(field.name) ?? false}
          again={again?.secrets.includes(field.name) ? again.places.join(", ") : null}
          onChange={(value) =>
            field.secret
              ? setSecrets((before) => without(before, field.name, typeof value === "string" ? value : undefined))
              : setConfig((before) => without(before, field.name, value))
          }
        />
      ))}
    </FormDialog>
  );
}

/** With a setting as it is now; an empty one is none. */
function without<T>(record: Record<string, T>, name: string, value: T | undefined): Record<string, T> {
  const { [name]: _before, ...rest } = record;
  return value === undefined || value === "" ? rest : { ...rest, [name]: value };
}
