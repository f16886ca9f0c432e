import type { Deployment } from "#schemas/deployment.ts";
import type { Environment } from "#schemas/environment.ts";

type Place = Pick<Environment, "id" | "position">;
type Deployed = Pick<Deployment, "environment" | "versions">;

const deployedIn = (deployments: readonly Deployed[], id: string): Deployed | undefined =>
  deployments.find(({ environment, versions }) => environment === id && versions.length > 0);

/** Messages that both versions are tried on, as a rule. */
export const usualMessages = 200;

/** The environments below one, the nearest first. */
const below = (environments: readonly Place[], { position }: Place): Place[] =>
  environments.filter((one) => one.position < position).sort((a, b) => b.position - a.position);

/** What is to come into an environment, as a rule: what the one below runs; the newest where none runs anything. */
export function usualVersion(
  environments: readonly Place[],
  here: Place,
  deployments: readonly Deployed[],
  usable: readonly number[],
): number | undefined {
  const ran = below(environments, here).flatMap(({ id }) => deployedIn(deployments, id)?.versions ?? []);
  return ran.map(({ number }) => number).find((number) => usable.includes(number)) ?? usable[0];
}

/** Whose messages are tried, as a rule: the environment's own where it runs the flow, else of the nearest below that does. */
export function usualMessagesFrom(environments: readonly Place[], here: Place, deployments: readonly Deployed[]): string {
  const own = deployedIn(deployments, here.id) ? here : undefined;
  return (own ?? below(environments, here).find(({ id }) => deployedIn(deployments, id)) ?? here).id;
}
