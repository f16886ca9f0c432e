/** What stands in the place of a secret. */
export const REDACTED = "[redacted]";

/**
 * Shorter texts are not looked for: they would be found by chance in ids and amounts, and no system issues a secret of
 * so few characters.
 */
const SHORTEST = 6;

/** Headers that carry credentials whatever their value. Others may be cursors that the next page is asked with. */
const credentialHeader = /^(set-cookie|cookie|authorization|proxy-authorization)$/;

/** Secrets whose spellings are remembered; each request needs those of its connection again. */
const REMEMBERED = 1_000;
const remembered = new Map<string, readonly string[]>();

/**
 * Takes secrets out of text that comes back from a system, before anything reads or keeps it. An answer may echo what was
 * sent: the header itself, its value after the scheme, or the secret in the spelling of JSON, of JSON in JSON, of an address
 * or a form, in hex, or anywhere within something in Base64.
 */
export function redactor(secrets: Iterable<string>): (text: string) => string {
  // Longest first: a secret may hold another.
  const sorted = [...new Set([...secrets].flatMap(spellingsOf))].sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((rest, each) => (rest.includes(each) ? rest.replaceAll(each, REDACTED) : rest), text);
}

function spellingsOf(secret: string): readonly string[] {
  const known = remembered.get(secret);
  if (known) return known;
  const bare = secret.replace(/^(Basic|Bearer|OAuth)\s+/i, "");
  const spellings = [...new Set([secret, bare])].flatMap((each) => (each.length < SHORTEST ? [] : spelt(each)));
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(secret, spellings);
  return spellings;
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

function spelt(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const inAddress = encodeURIComponent(secret);
  return [
    ...[secret, inJson(secret), inJson(inJson(secret)), inAddress, inAddress.replaceAll("%20", "+")],
    ...[hex, hex.toUpperCase()],
    ...[0, 1, 2].flatMap((before) => {
      const base64 = withinBase64(bytes, before);
      return base64.length < SHORTEST ? [] : [base64, base64.replaceAll("+", "-").replaceAll("/", "_")];
    }),
  ];
}

/** The signs that bytes give in Base64 whatever stands around them, with so many bytes before them in a group of three. */
function withinBase64(bytes: Buffer, before: number): string {
  const whole = Buffer.concat([Buffer.alloc(before), bytes]);
  // Six bits a sign: the first that is the secret's alone, and the last.
  const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6)];
  return whole.toString("base64").slice(from, to);
}

/** The headers of an answer, without those that carry credentials and without secrets in the others. */
export const redactHeaders = (headers: Record<string, string>, redact: (text: string) => string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, credentialHeader.test(name) ? REDACTED : redact(value)]),
  );
