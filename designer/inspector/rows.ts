/** A row that keeps its id while others come, go and change places. */
export interface Row<Value> {
  id: number;
  value: Value;
}

let count = 0;

export const rowOf = <Value>(value: Value): Row<Value> => {
  count += 1;
  return { id: count, value };
};

/** The rows of some values: those that are the same as before, at the same place, keep their ids. */
export function rowsFor<Value>(values: readonly Value[], before: readonly Row<Value>[]): Row<Value>[] {
  return values.map((value, at) => {
    const row = before[at];
    return row && Object.is(row.value, value) ? row : rowOf(value);
  });
}

/** The list with one member moved by a place; the same list where there is no such place. */
export function moved<Value>(list: readonly Value[], at: number, by: -1 | 1): readonly Value[] {
  const to = at + by;
  if (at < 0 || at >= list.length || to < 0 || to >= list.length) return list;
  const next = [...list];
  const [member] = next.splice(at, 1);
  next.splice(to, 0, member as Value);
  return next;
}

/** Pairs as an object, the last of a name standing; pairs without a name are not part of it. */
export const objectOf = (pairs: readonly (readonly [string, string])[]): Record<string, string> | undefined => {
  const named = pairs.filter(([name]) => name !== "");
  return named.length === 0 ? undefined : Object.fromEntries(named);
};
