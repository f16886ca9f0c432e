import { listConnections } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { listDeployments } from "#runtime/store/deployments.ts";
import { listEnvironments } from "#runtime/store/environments.ts";
import { missingTables } from "#runtime/store/tableFlows.ts";
import type { ToBind } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";
import { tableUses } from "#schemas/tableUses.ts";

/** Whether somebody may know what an environment holds. */
type Sees = (environment: string) => boolean;

/** The slots that no deployment binds yet and that would not be bound by themselves: no connection fits, or several do. In what is seen. */
export async function slotsToBind(db: Db, flows: readonly Flow[], sees: Sees): Promise<ToBind[]> {
  const [environments, deployments] = await Promise.all([listEnvironments(db), listDeployments(db)]);
  const all = await Promise.all(
    environments
      .filter(({ id }) => sees(id))
      .map(async ({ id: environment }) => {
        const connections = await listConnections(db, environment);
        return flows.flatMap(({ id: flow, slots }) => {
          const bound = deployments.find((each) => each.environment === environment && each.flow === flow)?.slots ?? {};
          return slots.flatMap(({ name: slot, connector }): ToBind[] => {
            const choices = connections.filter((each) => each.connector === connector).map(({ name }) => name);
            const already = bound[slot];
            const settled = already === undefined ? choices.length === 1 : choices.includes(already);
            return settled ? [] : [{ flow, environment, slot, connector, choices }];
          });
        });
      }),
  );
  return all.flat();
}

/** What the flows would look up in vain, where they could run and that is seen; nothing is in the way of taking them in. */
export async function tableNotices(db: Db, flows: readonly Flow[], sees: Sees): Promise<string[]> {
  const using = flows.filter((flow) => tableUses(flow).length > 0);
  const environments = using.length === 0 ? [] : (await listEnvironments(db)).filter(({ id }) => sees(id));
  const notices = environments.map(async ({ id: environment }) => {
    const missing = await Promise.all(using.map(async (flow) => ({ flow, faults: await missingTables(db, environment, flow) })));
    return missing.flatMap(({ flow, faults }) =>
      faults.map((fault) => `${flow.id} cannot be deployed in ${environment}: ${fault}`),
    );
  });
  return (await Promise.all(notices)).flat();
}
