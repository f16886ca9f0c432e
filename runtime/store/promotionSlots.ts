/** Slot name to connection id. */
export type Slots = Readonly<Record<string, string>>;

export interface SlotConflict {
  slot: string;
  /** What it is bound to now, by somebody else. */
  now: string;
  /** What the promotion would bind it to. */
  asked: string;
}

/**
 * What the slots are to be bound to when a promotion is activated: of three states. `found` is what they were bound to when it was
 * requested, `asked` what its review bound them to, `now` what they are bound to. What the promotion leaves alone stays as somebody bound it since; what
 * it binds anew, it binds; where both did, and differently, people have to decide.
 */
export function resolveSlots(found: Slots, asked: Slots, now: Slots): { slots: Slots; conflicts: SlotConflict[] } {
  const conflicts: SlotConflict[] = [];
  const slots: Record<string, string> = {};
  for (const [slot, connection] of Object.entries(asked)) {
    const current = now[slot];
    const leftAlone = found[slot] === connection;
    slots[slot] = leftAlone && current !== undefined ? current : connection;
    const movedSince = current !== undefined && current !== found[slot];
    if (!leftAlone && movedSince && current !== connection) conflicts.push({ slot, now: current, asked: connection });
  }
  return { slots, conflicts };
}

/** The slots, with their connections, that others bind to another one. */
export const boundOtherwise = (slots: Slots, others: Slots): Record<string, string> =>
  Object.fromEntries(
    Object.entries(slots).filter(([slot, connection]) => others[slot] !== undefined && others[slot] !== connection),
  );

/**
 * The first slot that would reach another account than it does, both with the names of their connections. `accountOf` knows no connection that is
 * not there: nothing can be bound to it.
 */
export function movedSlot(
  now: Slots,
  asked: Slots,
  accountOf: (connection: string) => string | undefined,
): { slot: string; now: string; asked: string } | undefined {
  const moved = Object.entries(asked).find(([slot, connection]) => {
    const [from, to] = [now[slot] === undefined ? undefined : accountOf(now[slot]), accountOf(connection)];
    return to !== undefined && from !== to;
  });
  return moved && { slot: moved[0], now: now[moved[0]] ?? "nothing", asked: moved[1] };
}
