import { ActionIcon, Button, Menu } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, ArchiveRestore, Copy, Ellipsis, LogOut } from "lucide-react";
import type { FlowSummary } from "#schemas/api.ts";
import type { Environment } from "#schemas/environment.ts";
import { permits } from "#schemas/permits.ts";
import { setArchived } from "../api/commands.ts";
import { useEnvironments } from "../app/address.ts";
import { useMaySomewhere, useSession } from "../app/session.ts";
import { failed, tell } from "../elements/tell.ts";
import classes from "./flows.module.css";
import { say } from "./say.ts";

interface FlowMenuProps {
  flow: FlowSummary;
  onDuplicate: () => void;
  onTakeOut: (environment: Environment) => void;
}

/** What is done with a flow from its row: copied, taken out of an environment, put away and brought back. */
export function FlowMenu({ flow, onDuplicate, onTakeOut }: FlowMenuProps) {
  const { name, id, deployments, archivedAt } = flow;
  const draws = useMaySomewhere("design");
  const { grants } = useSession();
  const runsIn = useEnvironments().filter((one) => deployments.some(({ environment }) => environment === one.id));
  const archive = useArchive(flow);
  if (!draws && runsIn.length === 0) return null;
  const where = new Intl.ListFormat("en").format(runsIn.map(({ title }) => title));
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <ActionIcon aria-label={say("list.actions", { name })} data-testid={`flow-menu-${id}`}>
          <Ellipsis size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {draws && (
          <Menu.Item leftSection={<Copy size={14} aria-hidden />} onClick={onDuplicate} data-testid="flow-duplicate">
            {say("do.duplicate")}
          </Menu.Item>
        )}
        {runsIn.map((environment) => {
          const may = permits(grants, "operate", environment.id);
          return (
            <Menu.Item
              key={environment.id}
              leftSection={<LogOut size={14} aria-hidden />}
              disabled={!may}
              onClick={() => onTakeOut(environment)}
              data-testid={`flow-take-out-${environment.id}`}
            >
              {say("do.takeOut", { environment: environment.title })}
              <div className="ol-dim ol-small">{say(may ? "do.takeOutHint" : "do.needsRole")}</div>
            </Menu.Item>
          );
        })}
        {draws && archivedAt === null && (
          <Menu.Item
            leftSection={<Archive size={14} aria-hidden />}
            disabled={runsIn.length > 0}
            onClick={() => archive.mutate(true)}
            data-testid="flow-archive"
          >
            {say("do.archive")}
            {runsIn.length > 0 && <div className="ol-dim ol-small">{say("do.archiveDeployed", { where })}</div>}
          </Menu.Item>
        )}
        {draws && archivedAt !== null && (
          <Menu.Item
            leftSection={<ArchiveRestore size={14} aria-hidden />}
            onClick={() => archive.mutate(false)}
            data-testid="flow-restore"
          >
            {say("do.restore")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

/** What was put away is not in the list any more: the way back stands where one is told of it. */
const Archived = ({ name, onUndo }: { name: string; onUndo: () => void }) => (
  <div className={classes.told}>
    {say("do.archived", { name })}
    <Button variant="subtle" size="compact-xs" onClick={onUndo} data-testid="archive-undo">
      {say("do.undo")}
    </Button>
  </div>
);

function useArchive({ id, name }: Pick<FlowSummary, "id" | "name">) {
  const queries = useQueryClient();
  const archive = useMutation({
    mutationFn: (archived: boolean) => setArchived(id, archived),
    onSuccess: (_, archived) =>
      tell({
        about: `archive ${id}`,
        message: archived ? <Archived name={name} onUndo={() => archive.mutate(false)} /> : say("do.restored", { name }),
      }),
    onError: failed,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: ["flows"] });
      void queries.invalidateQueries({ queryKey: ["flow", id] });
    },
  });
  return archive;
}
