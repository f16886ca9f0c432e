import { changesBetween } from "#schemas/diff.ts";

/** The target with these settings changed; `undefined` takes one away. What changes nothing gives back the very same object. */
export function withChange<Target extends object>(
  target: Target,
  change: { [K in keyof Target]?: Target[K] | undefined },
): Target {
  const changed = Object.entries(change).filter(([name, value]) => !same(Reflect.get(target, name), value));
  if (changed.length === 0) return target;
  const next = { ...target };
  for (const [name, value] of changed) {
    if (value === undefined) Reflect.deleteProperty(next, name);
    else Reflect.set(next, name, value);
  }
  return next;
}

const same = (a: unknown, b: unknown): boolean => Object.is(a, b) || changesBetween(a, b).length === 0;
