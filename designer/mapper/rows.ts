import type { Path } from "./path.ts";

/** What both trees are made of. */
export interface Branch<Field> {
  path: Path;
  key: string;
  name: string;
  children: readonly Field[];
}

/** A line of a tree, as it is shown. */
export interface Row<Field> {
  field: Field;
  depth: number;
  /** Undefined where there is nothing inside. */
  open: boolean | undefined;
  /** Its place among its siblings, from 1. */
  at: number;
  of: number;
}

interface RowsParts<Field> {
  isOpen: (field: Field) => boolean;
  /** Whether a field itself is looked for; what is around it is shown too. Undefined shows all. */
  wanted?: ((field: Field) => boolean) | undefined;
}

/** The lines that are shown: what is folded is left out, and while one searches all that does not fit. */
export function rowsOf<Field extends Branch<Field>>(
  fields: readonly Field[],
  { isOpen, wanted }: RowsParts<Field>,
): Row<Field>[] {
  const rows: Row<Field>[] = [];
  const fits = new Map<string, boolean>();
  const holds = (field: Field): boolean => {
    const known = fits.get(field.key);
    if (known !== undefined) return known;
    const inside = field.children.map(holds).includes(true);
    const result = inside || (wanted?.(field) ?? true);
    fits.set(field.key, result);
    return result;
  };
  const add = (siblings: readonly Field[], depth: number): void => {
    const shown = wanted ? siblings.filter(holds) : siblings;
    for (const [index, field] of shown.entries()) {
      const folds = field.children.length > 0;
      // What is looked for is shown where it stands; a field that fits by itself keeps its own fold.
      const open = folds ? (wanted ? field.children.some(holds) : isOpen(field)) : undefined;
      rows.push({ field, depth, open, at: index + 1, of: shown.length });
      if (open) add(field.children, depth + 1);
    }
  };
  add(fields, 0);
  return rows;
}

/** The row of a path, or of the nearest field around it that is shown. */
export function rowFor(places: ReadonlyMap<string, number>, key: string): { row: number; own: boolean } | undefined {
  let here = key;
  for (;;) {
    const row = places.get(here);
    if (row !== undefined) return { row, own: here === key };
    const cut = here.lastIndexOf("/");
    if (cut < 0) return undefined;
    here = here.slice(0, cut);
  }
}

/** All words of what is typed stand in one of the texts. */
export function searchFor(typed: string): ((...texts: (string | undefined)[]) => boolean) | undefined {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return undefined;
  return (...texts) => {
    const all = texts.filter(Boolean).join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  };
}
