/** A canonical document that must not go where an expression would send it. The message is a sentence, with what to do. */
export class CanonicalRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "CanonicalRefusal";
    this.code = code;
  }
}
