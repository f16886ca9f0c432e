import { Button, Table } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Environment, EnvironmentLimits } from "#schemas/environment.ts";
import { removeEnvironment } from "../api/commands.ts";
import { address, useEnvironment, useEnvironments } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useMay } from "../app/session.ts";
import { BundleActions } from "../bundles/BundleActions.tsx";
import { ListPanel, Page } from "../elements/Page.tsx";
import { failed, tell } from "../elements/tell.ts";
import { EnvironmentDialog } from "./EnvironmentDialog.tsx";
import { limitNames } from "./limits.ts";
import { say } from "./say.ts";

/** The environments, the lowest first: how each is called and guarded. */
export function EnvironmentsPage() {
  const { t } = useTranslation();
  const environments = useEnvironments();
  const everywhere = useMay("administer", null);
  const [open, setOpen] = useState<Environment | "new" | null>(null);
  return (
    <Page
      title={say("page.title")}
      actions={
        <>
          <BundleActions />
          {everywhere && (
            <Button leftSection={<Plus size={14} aria-hidden />} onClick={() => setOpen("new")} data-testid="new-environment">
              {say("page.create")}
            </Button>
          )}
        </>
      }
    >
      <ListPanel>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("page.name")}</Table.Th>
              <Table.Th>{say("page.protection")}</Table.Th>
              <Table.Th>{say("limits.title")}</Table.Th>
              <Table.Th data-end>{say("page.rank")}</Table.Th>
              <Table.Th data-end>{t("common.actions")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {environments.map((environment) => (
              <Row
                key={environment.id}
                environment={environment}
                removable={everywhere && environments.length > 1}
                onEdit={() => setOpen(environment)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </ListPanel>
      {open && (
        <EnvironmentDialog
          environment={open === "new" ? null : open}
          position={Math.max(0, ...environments.map(({ position }) => position)) + 1}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  );
}

interface RowProps {
  environment: Environment;
  removable: boolean;
  onEdit: () => void;
}

function Row({ environment, removable, onEdit }: RowProps) {
  const here = useEnvironment();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const others = useEnvironments().filter(({ id }) => id !== environment.id);
  const { id, title, protection, position } = environment;
  const remove = useMutation({
    mutationFn: () => removeEnvironment(id),
    onSuccess: async () => {
      tell({ message: say("page.removed", { title }) });
      // Not from an address that is about to name nothing.
      if (here.id === id && others[0]) await navigate(address.environments(others[0].id), { replace: true });
      await queries.invalidateQueries({ queryKey: ["environments"] });
    },
    onError: failed,
  });
  return (
    <Table.Tr data-testid="environment-row">
      <Table.Td>
        <div style={{ fontWeight: 500 }}>{title}</div>
        <div className="ol-dim ol-small">{id}</div>
      </Table.Td>
      <Table.Td>
        {say(`level.${protection}`)}
        <div className="ol-dim ol-small">{say(`levelHint.${protection}`)}</div>
      </Table.Td>
      <Table.Td className="ol-dim" data-testid={`limits-${id}`}>
        <Limits limits={environment.limits} />
      </Table.Td>
      <Table.Td data-end className="ol-number">
        {position}
      </Table.Td>
      <Table.Td data-end>
        <div style={{ display: "flex", justifyContent: "flex-end", gap: 8 }}>
          <RoleButton permission="administer" environment={id} variant="default" onClick={onEdit} data-testid={`edit-${id}`}>
            {say("page.edit")}
          </RoleButton>
          {removable && (
            <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()} data-testid={`remove-${id}`}>
              {say("page.remove")}
            </Button>
          )}
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

function Limits({ limits }: { limits: EnvironmentLimits }) {
  const set = limitNames.flatMap(([name]) => (limits[name] === null ? [] : [say(`limited.${name}`, { count: limits[name] })]));
  if (set.length === 0) return say("limits.none");
  return set.map((text) => <div key={text}>{text}</div>);
}
