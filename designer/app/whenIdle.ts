/** Fetches what the next click or key is likely to need, once the browser has nothing better to do. Answers how to let it be. */
export function whenIdle(...parts: readonly (() => Promise<unknown>)[]): () => void {
  if (typeof requestIdleCallback === "undefined") return () => {};
  const asked = requestIdleCallback(() => void Promise.allSettled(parts.map((fetch) => fetch())));
  return () => cancelIdleCallback(asked);
}
