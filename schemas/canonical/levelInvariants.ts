/** The rule that an inventory level breaks. `path` is a JSON pointer into it. */
export interface LevelViolation {
  code: "inventory.V1";
  path: string;
  found: string;
  expected: string;
  message: string;
}

/** What the invariant reads of a `canonical/inventory-level/1`. Check the document against its schema first. */
export interface Quantities {
  sku: string;
  onHand?: number | null;
  available?: number | null;
}

const given = (value: number | null | undefined): boolean => value !== null && value !== undefined;

/** V1: a level that counts nothing says nothing. None when it holds. */
export function levelInvariants({ sku, onHand, available }: Quantities): LevelViolation[] {
  if (given(onHand) || given(available)) return [];
  const message = `The level of ${sku} says neither what is on hand nor what is available.`;
  return [{ code: "inventory.V1", path: "/available", found: "nothing", expected: "a number, or one on hand", message }];
}
