import { CanonicalRefusal } from "#schemas/canonical/canonicalRefusal.ts";

/** What `$error` throws has this code of JSONata's; people see one that says so. */
const OF_ERROR = "D3137";
const REFUSED = "expression.refused";

/** An expression that cannot be read or that failed while it ran. The message is a sentence. */
export class ExpressionError extends Error {
  /** JSONata's error code (`S0201`, `T2001`, ...), a decimal error's code, or one of `expression.*`. */
  readonly code: string;
  /** Character offset in the expression, where it is known. */
  readonly position: number | undefined;
  /** The operator, function or text at fault, where it is known. */
  readonly token: string | undefined;

  constructor(
    code: string,
    message: string,
    { cause, ...place }: { position?: number | undefined; token?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = "ExpressionError";
    this.code = code;
    this.position = place.position;
    this.token = place.token;
  }

  /** True where the expression itself says no, by `$error` or a function of canonical documents: it works, the document will not do. */
  get refuses(): boolean {
    return this.code === REFUSED || this.cause instanceof CanonicalRefusal;
  }

  /** True when the time limit ended it: on a busy machine the same expression may succeed later. */
  get timedOut(): boolean {
    return this.code === "D1012";
  }
}

const field = (raw: unknown, name: string): unknown =>
  typeof raw === "object" && raw !== null ? (raw as Record<string, unknown>)[name] : undefined;

const asSentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** Makes an ExpressionError of whatever JSONata threw: it throws plain objects, strings and native errors alike. */
export function toExpressionError(raw: unknown): ExpressionError {
  if (raw instanceof ExpressionError) return raw;
  if (raw instanceof RangeError) {
    // The two limits of the machine itself: its call stack, and the length of a string or array.
    return /call stack/i.test(raw.message)
      ? new ExpressionError("expression.tooDeep", "The expression is nested or recurses too deeply.")
      : new ExpressionError("expression.tooLarge", "The expression makes a text or list that is too large.");
  }
  const code = field(raw, "code");
  const message = field(raw, "message");
  const position = field(raw, "position");
  const token = field(raw, "token");
  const text = typeof message === "string" && message !== "" ? message : typeof raw === "string" ? raw : "The expression failed";
  const known = typeof code === "string" ? code : "expression.failed";
  return new ExpressionError(known === OF_ERROR ? REFUSED : known, asSentence(text), {
    cause: raw,
    position: typeof position === "number" ? position : undefined,
    token: typeof token === "string" ? token : undefined,
  });
}
