import type { TFunction } from "i18next";
import type { Known } from "./shape.ts";

/** What is known of a value in a few words: `list of objects`, `text`. */
export function shapeText(shape: Known, t: TFunction): string {
  if (!shape || shape.kinds.size === 0) return t("expression.unknown");
  const kinds = [...shape.kinds].map((kind) => t(`expression.kinds.${kind}`)).join(", ");
  if (shape.card === "array") return t("expression.listOf", { kinds });
  return shape.card === "either" ? t("expression.oneOrListOf", { kinds }) : kinds;
}

const LONGEST_EXAMPLE = 40;

/** A value seen in the samples, as JSON; empty for what has none of its own. */
export function exampleOf(shape: Known): string {
  const [first] = shape?.examples ?? [];
  if (first === undefined) return "";
  const text = JSON.stringify(first);
  return text.length > LONGEST_EXAMPLE ? `${text.slice(0, LONGEST_EXAMPLE)}…` : text;
}

/** The same in words. */
export function exampleText(shape: Known, t: TFunction): string {
  const example = exampleOf(shape);
  return example === "" ? "" : t("expression.example", { example });
}
