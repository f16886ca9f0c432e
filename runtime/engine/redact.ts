/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

/**
 * Shorter texts are not looked for: they would be found by chance in ids and amounts, and no system issues a secret of
 * so few characters.
 */
const SHORTEST = 6;

/** Headers that carry credentials whatever their value. Others may be cursors that the next page is asked with. */
const credentialHeader = /^(set-cookie|cookie|authorization|proxy-authorization)$/;

/**
 * Takes secrets out of text that comes back from a system, before anything reads or keeps it. An answer may echo what was
 * sent: the header itself, its value after the scheme, or the secret in JSON's or an address's spelling.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  const spellings = new Set<string>();
  for (const secret of secrets) {
    const bare = secret.replace(/^(Basic|Bearer|OAuth)\s+/i, "");
    for (const each of [secret, bare]) {
      if (each.length < SHORTEST) continue;
      for (const spelt of [each, JSON.stringify(each).slice(1, -1), encodeURIComponent(each)]) spellings.add(spelt);
    }
  }
  // Longest first: a secret may hold another.
  const sorted = [...spellings].sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((rest, each) => (rest.includes(each) ? rest.replaceAll(each, REDACTED) : rest), text);
}

/** The headers of an answer, without those that carry credentials and without secrets in the others. */
export const redactHeaders = (headers: Record<string, string>, redact: (text: string) => string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, credentialHeader.test(name) ? REDACTED : redact(value)]),
  );
