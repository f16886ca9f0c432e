/** Currencies of ISO 4217 whose minor unit is not a hundredth, as of 2026. */
const others: Readonly<Record<number, readonly string[]>> = {
  0: ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"],
  3: ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"],
  4: ["CLF", "UYW"],
};
const digits = new Map(Object.entries(others).flatMap(([count, codes]) => codes.map((code) => [code, Number(count)])));

/** How many digits after the point an amount in this currency has. By a table of our own: that of a browser differs from the server's. */
export const currencyDigits = (currency: string): number => digits.get(currency) ?? 2;
