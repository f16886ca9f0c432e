import { listConnections } from "#runtime/store/connections.ts";
import type { Db } from "#runtime/store/database.ts";
import { listDeployments } from "#runtime/store/deployments.ts";
import { listEnvironments } from "#runtime/store/environments.ts";
import type { ToBind } from "#schemas/bundle.ts";
import type { Flow } from "#schemas/flow.ts";

/** The slots that no deployment binds yet and that would not be bound by themselves: no connection fits, or several do. */
export async function slotsToBind(db: Db, flows: readonly Flow[]): Promise<ToBind[]> {
  const [environments, deployments] = await Promise.all([listEnvironments(db), listDeployments(db)]);
  const all = await Promise.all(
    environments.map(async ({ id: environment }) => {
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
