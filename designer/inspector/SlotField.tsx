import { Button, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Flow, FlowNode, FlowSlot } from "#schemas/flow.ts";
import type { Problem } from "#schemas/problem.ts";
import { connectionsQuery, connectorsQuery } from "../api/queries.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { freeId } from "../canvas/ids.ts";
import { useReadOnly } from "../elements/ReadOnly.tsx";
import { problemsAt } from "./fields.ts";
import classes from "./inspector.module.css";
import { ProblemTexts } from "./ProblemText.tsx";
import { say } from "./say.ts";

const ConnectionDialog = lazy(() =>
  import("../connections/ConnectionDialog.tsx").then((module) => ({ default: module.ConnectionDialog })),
);

interface SlotFieldProps {
  flow: Flow;
  node: FlowNode;
  connector: string;
  problems: readonly Problem[];
  onChange: (slot: string | undefined) => void;
  onNew: (slot: FlowSlot) => void;
}

/** The slot of a node, and what could be bound to it here: a connection is made without leaving the flow. */
export function SlotField({ flow, node, connector, problems, onChange, onNew }: SlotFieldProps) {
  const { t } = useTranslation();
  const readOnly = useReadOnly();
  const system = useQuery(connectorsQuery).data?.items.find(({ id }) => id === connector)?.title ?? connector;
  const fitting = flow.slots.filter((slot) => slot.connector === connector);
  const own = problemsAt(problems, "/slot");
  const add = () => onNew({ name: freeId(connector, new Set(flow.slots.map(({ name }) => name))), connector });
  return (
    <div>
      <Select
        data-place="/slot"
        label={t("inspector.slot")}
        description={t("inspector.slotHint")}
        placeholder={t("inspector.slotNone")}
        data={fitting.map(({ name, title }) => ({ value: name, label: title ? `${title} (${name})` : name }))}
        value={node.slot ?? null}
        onChange={(slot) => onChange(slot ?? undefined)}
        error={own.length > 0 ? <ProblemTexts problems={own} /> : undefined}
        data-testid="node-slot"
      />
      {fitting.length === 0 && !readOnly && (
        <Button variant="default" mt={6} leftSection={<Plus size={14} aria-hidden />} onClick={add} data-testid="add-slot">
          {say("slot.add", { system })}
        </Button>
      )}
      <BoundHere connector={connector} system={system} />
    </div>
  );
}

/** Which connections a slot of this system can be bound to in the environment that is looked at. */
function BoundHere({ connector, system }: { connector: string; system: string }) {
  const environment = useEnvironment();
  const readOnly = useReadOnly();
  const [making, setMaking] = useState(false);
  const connections = useQuery(connectionsQuery(environment.id));
  if (!connections.data) return null;
  const names = connections.data.items.filter((one) => one.connector === connector).map(({ name }) => name);
  const said = { environment: environment.title, system, names: names.join(", ") };
  return (
    <div className={classes.slotNote} data-testid="slot-connections">
      <span>{say(names.length === 0 ? "slot.none" : names.length === 1 ? "slot.here" : "slot.several", said)}</span>
      {names.length === 0 && !readOnly && (
        <RoleButton
          permission="administer"
          environment={environment.id}
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setMaking(true)}
          data-testid="slot-make-connection"
        >
          {say("slot.make")}
        </RoleButton>
      )}
      {making && (
        <Suspense>
          <ConnectionDialog connection={null} of={connector} onClose={() => setMaking(false)} />
        </Suspense>
      )}
    </div>
  );
}
