import { sql, type Transaction } from "kysely";
import type { Db } from "./database.ts";
import type { SecretBox, SecretPlace } from "./secrets.ts";
import type { Database } from "./tables.ts";

/** A secret that a system gave with a subscription, by the system's own id of that. */
export interface GivenSecret {
  subscription: string;
  secret: string;
}

/** Of which source's binding a subscription is. */
interface Place {
  binding: string;
  environment: string;
  connectionId: string;
}

/** What it is called where it is sealed. */
export const subscriptionSecretField = (binding: string, subscription: string): string =>
  `secret of subscription ${subscription} of ${binding}`;

const sealedAt = ({ binding, environment, connectionId }: Place, subscription: string): SecretPlace => ({
  environment,
  connection: connectionId,
  field: subscriptionSecretField(binding, subscription),
});

/** Keeps what was given, and forgets what belongs to subscriptions that are not noted any more. */
export async function putGivenSecrets(
  tx: Transaction<Database>,
  box: SecretBox,
  place: Place,
  { given, noted }: { given?: GivenSecret | undefined; noted: readonly { id: string }[] },
): Promise<void> {
  await sql`
    delete from subscription_secret where binding_id = ${place.binding}
      and subscription <> all(${noted.map(({ id }) => id)}::text[])`.execute(tx);
  if (!given) return;
  const sealed = box.seal({ secret: given.secret }, sealedAt(place, given.subscription));
  await sql`
    insert into subscription_secret (binding_id, subscription, sealed) values (${place.binding}, ${given.subscription}, ${sealed})
    on conflict (binding_id, subscription) do update set sealed = excluded.sealed`.execute(tx);
}

/** The secrets of the subscriptions of a source. One that no key here opens is as good as lost. */
export async function givenSecrets(
  db: Db,
  box: SecretBox,
  at: { environment: string; flow: string; node: string; connectionId: string },
): Promise<GivenSecret[]> {
  const { rows } = await sql<{ binding: string; subscription: string; sealed: Buffer }>`
    select s.binding_id as binding, s.subscription, s.sealed from subscription_secret s join source_binding b on b.id = s.binding_id
    where b.environment = ${at.environment} and b.flow_id = ${at.flow} and b.node_id = ${at.node}
      and b.connection_id = ${at.connectionId} order by s.subscription`.execute(db);
  return rows.flatMap(({ binding, subscription, sealed }) => {
    try {
      const { secret } = box.open(sealed, sealedAt({ binding, ...at }, subscription));
      return secret === undefined ? [] : [{ subscription, secret }];
    } catch {
      return [];
    }
  });
}
