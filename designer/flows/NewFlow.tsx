import { Input, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { FlowSummary } from "#schemas/api.ts";
import type { Flow } from "#schemas/flow.ts";
import { createFlow } from "../api/commands.ts";
import { connectorsQuery, flowQuery, templatesQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { FormDialog } from "../elements/FormDialog.tsx";
import { SystemBadge } from "../elements/SystemBadge.tsx";
import classes from "./flows.module.css";
import { say } from "./say.ts";
import { idFrom, isFlowId } from "./search.ts";

/** Asks for a name and for what to begin with, makes the flow and opens it. */
export default function NewFlow({ copyOf, onClose }: { copyOf: FlowSummary | null; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { id: environment } = useEnvironment();
  const templates = useQuery({ ...templatesQuery, enabled: copyOf === null });
  const [start, setStart] = useState("");
  const [ownName, setOwnName] = useState<string | null>(copyOf ? say("new.copyName", { name: copyOf.name }) : null);
  const [ownId, setOwnId] = useState<string | null>(null);
  const template = templates.data?.items.find((flow) => flow.id === start);
  const name = ownName ?? template?.name ?? "";
  const id = ownId ?? idFrom(name);
  const create = useMutation({
    mutationFn: async () => {
      const origin = copyOf ? (await queries.fetchQuery(flowQuery(copyOf.id))).flow : template;
      return createFlow(beginning(origin, id, name.trim()), origin?.id);
    },
    onSuccess: async () => {
      void queries.invalidateQueries({ queryKey: ["flows"] });
      await navigate(address.flow(environment, id));
    },
  });
  const sound = name.trim() !== "" && isFlowId(id);
  return (
    <FormDialog
      title={copyOf ? say("new.copyTitle", { name: copyOf.name }) : t("flows.createTitle")}
      size={copyOf ? "sm" : "lg"}
      onClose={onClose}
      action={create}
      submit={copyOf ? say("new.copyDo") : t("flows.createDo")}
      disabled={!sound}
      testId="create-flow"
    >
      {copyOf ? (
        <p className="ol-dim" style={{ margin: 0 }}>
          {say("new.copyHint")}
        </p>
      ) : (
        <Starts templates={templates.data?.items ?? []} fault={templates.error} value={start} onChange={setStart} />
      )}
      <TextInput
        label={t("flows.createName")}
        value={name}
        maxLength={120}
        onChange={(event) => setOwnName(event.currentTarget.value)}
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

const beginning = (origin: Flow | undefined, id: string, name: string): Flow => ({
  ...(origin ?? { kind: "flow", formatVersion: 1, slots: [], nodes: [], edges: [], layout: { nodes: {} } }),
  id,
  name,
});

interface StartsProps {
  templates: readonly Flow[];
  fault: Error | null;
  value: string;
  onChange: (template: string) => void;
}

/** An empty canvas, or one of the ready flows with the systems it joins. */
function Starts({ templates, fault, value, onChange }: StartsProps) {
  const group = useId();
  const connectors = useQuery(connectorsQuery).data?.items ?? [];
  const start = (id: string, title: string, text: string, systems: readonly string[]) => (
    <label key={id} className={classes.start}>
      <input
        type="radio"
        name={group}
        value={id}
        checked={value === id}
        onChange={() => onChange(id)}
        data-testid={`start-${id || "blank"}`}
      />
      <strong>{title}</strong>
      <span className={classes.badges}>
        {systems.flatMap((system) => {
          const found = connectors.find((one) => one.id === system);
          return found ? [<SystemBadge key={system} text={found.badge.text} color={found.badge.color} size={20} />] : [];
        })}
      </span>
      <p>{text}</p>
    </label>
  );
  return (
    <Input.Wrapper label={say("new.begin")} labelElement="div" error={fault?.message}>
      <div role="radiogroup" aria-label={say("new.begin")} className={classes.starts}>
        {start("", say("new.blank"), say("new.blankText"), [])}
        {templates.map(({ id, name, description, slots }) =>
          start(
            id,
            name,
            description ?? say("new.template"),
            slots.map(({ connector }) => connector),
          ),
        )}
      </div>
    </Input.Wrapper>
  );
}
