/** A count in full below ten thousand, then shortened: "1,204", "12.4K", "3M". */
export function count(value: number, locale?: string): string {
  const compact = Math.abs(value) >= 10_000;
  return new Intl.NumberFormat(locale, compact ? { notation: "compact", maximumFractionDigits: 1 } : {}).format(value);
}
