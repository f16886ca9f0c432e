import { add, compare, normalise, subtract } from "#schemas/decimal.ts";

/** What has to become of one accepted document: its effects, in the order in which they follow from each other. */
export interface Expected {
  document: string;
  effects: { system: string; amount: string }[];
}

/** What a target's own ledger holds of a document. */
export interface Applied {
  system: string;
  document: string;
  /** Times the record was made: more than one is a double post. */
  creates: number;
  /** The money that the target booked, all creates together. */
  amount: string | null;
}

/** A dead letter as a person finds it. */
export interface Letter {
  document: string | null;
  /** Where it stands: an effect's system, or a node before any effect (null). */
  system: string | null;
  class: string;
  reason: { code?: string; message?: string } | null;
}

export interface Finding {
  system: string;
  document: string;
  why: string;
}

export interface Verdict {
  /** Neither in the target nor explained by a dead letter there or at an ancestor. */
  lost: Finding[];
  /** Applied more often than once, or applied though nobody sent such a document. */
  duplicated: Finding[];
  /** What the targets booked, less what they should have; a decimal. */
  moneyDifference: string;
  /** Letters that do not say why. */
  unexplained: Letter[];
  letters: Record<string, number>;
  ok: boolean;
}

/**
 * The rule of DESIGN 8, effect by effect: applied once in the target's own ledger, or a dead letter there or at an
 * ancestor. Beside a letter `inDoubt` it may be applied or not, never twice. Knows nothing of the product's own records
 * but its dead letters.
 */
export function oracle(accepted: readonly Expected[], ledgers: readonly Applied[], letters: readonly Letter[]): Verdict {
  const booked = new Map(ledgers.map((row) => [keyOf(row.system, row.document), row]));
  const parked = new Map<string, Letter[]>();
  for (const letter of letters) {
    if (letter.document !== null) parked.set(letter.document, [...(parked.get(letter.document) ?? []), letter]);
  }
  const lost: Finding[] = [];
  const duplicated: Finding[] = [];
  let wanted = "0";
  for (const { document, effects } of accepted) {
    const own = (parked.get(document) ?? []).filter(saysWhy);
    let excused = own.some(({ system }) => system === null);
    for (const { system, amount } of effects) {
      excused ||= own.some((letter) => letter.system === system);
      const row = booked.get(keyOf(system, document));
      booked.delete(keyOf(system, document));
      if (row || !excused) wanted = add(wanted, amount);
      if (!row && !excused) lost.push({ system, document, why: "It is not in the target, and no dead letter says why." });
      if (row && row.creates > 1) duplicated.push({ system, document, why: `It was made ${row.creates} times.` });
      if (row?.creates === 1 && compare(row.amount ?? "0", amount) !== 0 && !excused)
        lost.push({ system, document, why: `The target has ${row.amount}, its newest version says ${amount}.` });
    }
  }
  for (const { system, document } of booked.values()) duplicated.push({ system, document, why: "Nobody sent this document." });
  const held = ledgers.reduce((sum, row) => add(sum, row.amount ?? "0"), "0");
  const moneyDifference = normalise(subtract(held, wanted));
  const unexplained = letters.filter((letter) => !saysWhy(letter));
  const byClass: Record<string, number> = {};
  for (const letter of letters) byClass[letter.class] = (byClass[letter.class] ?? 0) + 1;
  const ok = lost.length + duplicated.length + unexplained.length === 0 && compare(moneyDifference, "0") === 0;
  return { lost, duplicated, moneyDifference, unexplained, letters: byClass, ok };
}

const keyOf = (system: string, document: string): string => JSON.stringify([system, document]);

const saysWhy = ({ class: kind, reason }: Letter): boolean => kind !== "" && Boolean(reason?.code && reason.message);
