import type { ConnectionContext } from "#nodes/connector/connection.ts";
import type { EngineParts } from "#runtime/engine/parts.ts";
import type { OpenConnection } from "#runtime/store/connections.ts";
import { givenSecrets } from "#runtime/store/subscriptionSecrets.ts";
import type { ServiceOperation, WebhookOperation } from "#schemas/sourceOperation.ts";

/**
 * What a sender may prove itself with: the connection, or where its system gives each subscription a secret, the connection with
 * each of those, and with one that a person entered. None where nobody knows any.
 */
export async function contextsOf(
  { db, box }: Pick<EngineParts, "db" | "box">,
  operation: WebhookOperation | ServiceOperation,
  connection: OpenConnection,
  at: { flow: string; node: string },
): Promise<ConnectionContext[]> {
  const { environment, id: connectionId, config, secrets } = connection;
  const as = "subscription" in operation ? operation.subscription?.secret?.as : undefined;
  if (as === undefined) return [connection];
  const given = await givenSecrets(db, box, { environment, connectionId, ...at });
  const each = given.map(({ secret }) => ({ config, secrets: { ...secrets, [as]: secret } }));
  return secrets[as] === undefined ? each : [...each, connection];
}
