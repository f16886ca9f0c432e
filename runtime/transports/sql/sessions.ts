import type { SqlSession } from "./session.ts";

/** A connection that nobody has needed for so long is closed. */
const IDLE_MS = 30_000;

interface Asked {
  readOnly: boolean;
  timeoutMs: number;
}

export interface IdleSessions {
  /** A session in a new transaction: one that was kept, or a new one. */
  begun(key: string, open: () => Promise<SqlSession>, asked: Asked): Promise<SqlSession>;
  keep(key: string, session: SqlSession): void;
  close(): Promise<void>;
}

interface Kept {
  session: SqlSession;
  timer: NodeJS.Timeout;
}

/**
 * Connections between two statements, of databases of any kind. One that broke while it was kept is found out when its
 * next transaction begins, before anything is done, and a new one takes its place.
 */
export function idleSessions(): IdleSessions {
  const kept = new Map<string, Kept[]>();
  const end = (session: SqlSession): Promise<void> => session.close().catch(() => {});
  return {
    async begun(key, open, { readOnly, timeoutMs }) {
      for (let each = kept.get(key)?.pop(); each; each = kept.get(key)?.pop()) {
        clearTimeout(each.timer);
        const { session } = each;
        try {
          await session.begin(readOnly, timeoutMs);
          return session;
        } catch {
          await end(session);
        }
      }
      const session = await open();
      await session.begin(readOnly, timeoutMs);
      return session;
    },
    keep(key, session) {
      const list = kept.get(key) ?? [];
      kept.set(key, list);
      const entry: Kept = { session, timer: setTimeout(() => drop(list, entry), IDLE_MS) };
      entry.timer.unref();
      list.push(entry);
    },
    async close() {
      const all = [...kept.values()].flat();
      kept.clear();
      for (const { timer } of all) clearTimeout(timer);
      await Promise.all(all.map(({ session }) => end(session)));
    },
  };

  function drop(list: Kept[], entry: Kept): void {
    list.splice(list.indexOf(entry), 1);
    void end(entry.session);
  }
}
