import { PostgresConnection } from "bullmq";

type ListenClient = Awaited<ReturnType<PostgresConnection["getListenClient"]>>;

/**
 * One connection for all queues and workers of a process. It stays open while they come and go, where BullMQ would
 * close it with the first of them, and its listening client takes their statements one after the other.
 */
export class SharedConnection extends PostgresConnection {
  readonly #queued = new WeakMap<ListenClient, ListenClient>();

  override async getListenClient(): Promise<ListenClient> {
    const client = await super.getListenClient();
    const known = this.#queued.get(client);
    if (known) return known;
    const made = oneAtATime(client);
    this.#queued.set(client, made);
    return made;
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }

  closeForGood(): Promise<void> {
    return super.close();
  }
}

/** `pg` warns, and from version 9 refuses, when a client is asked while it still answers. */
function oneAtATime(client: ListenClient): ListenClient {
  let last: Promise<unknown> = Promise.resolve();
  const query: ListenClient["query"] = (text, params) => {
    const next = last.then(() => client.query(text, params));
    last = next.catch(() => undefined);
    return next;
  };
  return new Proxy(client, {
    get(target, name) {
      if (name === "query") return query;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
