/** Any origin that is nobody's; only whether an address leaves it counts. */
const here = "http://here.invalid";

/**
 * An address below our own as it may be gone to, `/` for any other: one who sends a colleague an address must not lead
 * past it. Read as browsers read it, which take `\` for `/` and leave out tabs and line ends.
 */
export function ownAddress(to: string | null | undefined): string {
  if (!to?.startsWith("/") || !URL.canParse(to, here)) return "/";
  const { origin, pathname, search, hash } = new URL(to, here);
  // What begins with two strokes would be read as another host when it is gone to.
  return origin === here && !pathname.startsWith("//") ? pathname + search + hash : "/";
}
