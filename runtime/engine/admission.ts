/**
 * How many effects of one connection this process has under way, and who waits for room. A waiting task is only
 * remembered here: it stays READY in the store, so forgetting it (a full list, a stopped process) loses nothing, the
 * sweep hints it again.
 */
export interface Admission {
  /** Takes a place if there is one. Every place taken must be given back by `leave`. */
  enter(connection: string, concurrency: number): boolean;
  /** False when every place is known to be taken. */
  hasRoom(connection: string): boolean;
  /** Remembers a task that found no place. */
  wait(connection: string, task: string): void;
  /** Gives a place back. */
  leave(connection: string): void;
  /** Names the task that has waited longest and forgets it, when there is a place for it. */
  next(connection: string): string | undefined;
}

/** Tasks remembered per connection; a longer backlog is left to the sweep. */
const MOST_WAITING = 1_000;

export function admission(): Admission {
  const rooms = new Map<string, { taken: number; places: number; waiting: Set<string> }>();
  const roomOf = (connection: string) => {
    let room = rooms.get(connection);
    if (!room) {
      room = { taken: 0, places: Number.POSITIVE_INFINITY, waiting: new Set() };
      rooms.set(connection, room);
    }
    return room;
  };
  return {
    enter(connection, concurrency) {
      const room = roomOf(connection);
      room.places = concurrency;
      if (room.taken >= concurrency) return false;
      room.taken++;
      return true;
    },
    hasRoom(connection) {
      const room = roomOf(connection);
      return room.taken < room.places;
    },
    wait(connection, task) {
      const { waiting } = roomOf(connection);
      if (waiting.size < MOST_WAITING) waiting.add(task);
    },
    leave(connection) {
      roomOf(connection).taken--;
    },
    next(connection) {
      const room = roomOf(connection);
      if (room.taken >= room.places) return undefined;
      const next = room.waiting.values().next().value;
      if (next !== undefined) room.waiting.delete(next);
      return next;
    },
  };
}
