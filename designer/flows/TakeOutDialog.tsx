import { Button, Group, Stack } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FlowSummary } from "#schemas/api.ts";
import type { Environment } from "#schemas/environment.ts";
import { deploy, endDeployment } from "../api/commands.ts";
import { flowsQuery, promotionsQuery } from "../api/queries.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { count } from "../elements/numbers.ts";
import { Refusal } from "../elements/Refusal.tsx";
import { tell } from "../elements/tell.ts";
import classes from "./flows.module.css";
import { say } from "./sayTakeOut.ts";

interface TakeOutDialogProps {
  flow: FlowSummary;
  environment: Environment;
  onClose: () => void;
}

/** Says what follows when a flow is taken out of an environment, and offers to pause it instead. */
export default function TakeOutDialog({ flow: { id, name, deployments }, environment, onClose }: TakeOutDialogProps) {
  const { title } = environment;
  const paused = deployments.find((one) => one.environment === environment.id)?.state === "paused";
  const { takeOut, pause } = useWaysOut(id, name, environment, onClose);
  return (
    <Dialog onClose={onClose} title={say("takeOut.title", { name, environment: title })} size="lg">
      <Stack gap={16}>
        <ul className={classes.follows}>
          <li>{say("takeOut.refused", { environment: title })}</li>
          <Taken flow={id} environment={environment.id} />
          <li>{say("takeOut.underWay")}</li>
          <li>
            <WayBack flow={id} environment={environment} deployments={deployments} />
          </li>
        </ul>
        {!paused && <p className={classes.instead}>{say("takeOut.instead")}</p>}
        <Refusal error={takeOut.error ?? pause.error} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {say("takeOut.keep")}
          </Button>
          {!paused && (
            <Button loading={pause.isPending} onClick={() => pause.mutate()} data-testid="take-out-pause">
              {say("takeOut.pause")}
            </Button>
          )}
          <Button
            variant="default"
            c="var(--ol-failed)"
            loading={takeOut.isPending}
            onClick={() => takeOut.mutate()}
            data-testid="take-out-confirm"
          >
            {say("takeOut.do", { environment: title })}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function useWaysOut(id: string, name: string, { id: environment, title }: Environment, onClose: () => void) {
  const queries = useQueryClient();
  const after = (message: string) => () => {
    tell({ message });
    onClose();
    for (const queryKey of [["flows"], ["flow", id], ["promotions"]]) void queries.invalidateQueries({ queryKey });
  };
  const takeOut = useMutation({
    mutationFn: () => endDeployment(environment, id),
    onSuccess: after(say("takeOut.done", { name, environment: title })),
  });
  const pause = useMutation({
    mutationFn: () => deploy(environment, id, { state: "paused" }),
    onSuccess: after(say("takeOut.paused", { name, environment: title })),
  });
  return { takeOut, pause };
}

/** How much comes in there: what would be refused. */
function Taken({ flow, environment }: { flow: string; environment: string }) {
  const there = useQuery(flowsQuery(environment, false));
  const runs = there.data?.items.find(({ id }) => id === flow)?.runs24h;
  return runs === undefined ? null : <li>{say("takeOut.taken", { runs: count(runs) })}</li>;
}

interface WayBackProps {
  flow: string;
  environment: Environment;
  deployments: FlowSummary["deployments"];
}

/** How it comes back, by how the environment is guarded and by how it came there. */
function WayBack({ flow, environment: { id, title, protection }, deployments }: WayBackProps) {
  const promotions = useQuery({ ...promotionsQuery(id, flow), enabled: protection !== "none" });
  const runs = deployments.find(({ environment }) => environment === id)?.versions.map(({ number }) => number) ?? [];
  const came = promotions.data?.items.some(({ state, version }) => state === "active" && runs.includes(version));
  if (protection === "none") return say("takeOut.backDirectly");
  const version = runs.map((number) => `v${number}`).join(" + ");
  return say(came ? "takeOut.backTakenUp" : protection === "approval" ? "takeOut.backApproved" : "takeOut.backChecked", {
    version,
    environment: title,
  });
}
