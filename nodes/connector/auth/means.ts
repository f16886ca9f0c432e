/** A request as it is about to leave, but for its proof. */
export interface RequestToAuthorize {
  method: string;
  /** The full address, query included. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** The text that is sent; null for none. */
  body: string | null;
}

/** Runs a JSONata expression of a connector, contained; throws a sentence. */
export type Evaluate = (expression: string, input: unknown) => Promise<unknown>;
