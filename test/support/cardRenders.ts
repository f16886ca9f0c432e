import type { Page } from "playwright-core";

/** The cards of nodes that React has drawn since it was last asked, by node, and how often. */
export type CardRenders = Record<string, number>;

/**
 * Counts what React draws, as its own developer tools do: before the page is loaded it puts itself where React tells of
 * every commit, and looks there which components did work. Neither the page nor its build know of it.
 */
export async function watchCardRenders(page: Page): Promise<() => Promise<CardRenders>> {
  await page.addInitScript(install);
  return () =>
    page.evaluate(() => {
      const { counts } = Reflect.get(window, "cardRenders") as { counts: CardRenders };
      Reflect.set(window, "cardRenders", { counts: {} });
      return counts;
    });
}

/** Runs in the page. */
function install(): void {
  interface Fiber {
    tag: number;
    flags: number;
    child: Fiber | null;
    sibling: Fiber | null;
    alternate: Fiber | null;
    memoizedProps: { id?: unknown; data?: { node?: { id?: unknown } } } | null;
  }
  /** React's own number for what did work, and for components that are functions, plain or memoised. */
  const performedWork = 1;
  const functions = [0, 14, 15];
  Reflect.set(window, "cardRenders", { counts: {} });
  const count = (fiber: Fiber) => {
    const id = fiber.memoizedProps?.data?.node?.id;
    if (!functions.includes(fiber.tag) || typeof id !== "string" || fiber.memoizedProps?.id !== id) return;
    const { counts } = Reflect.get(window, "cardRenders") as { counts: Record<string, number> };
    counts[id] = (counts[id] ?? 0) + 1;
  };
  const visit = (fiber: Fiber, before: Fiber | null) => {
    if ((fiber.flags & performedWork) !== 0) count(fiber);
    // What was not even looked at is the very same as before.
    if (before && fiber.child === before.child) return;
    for (let child = fiber.child; child; child = child.sibling) visit(child, child.alternate);
  };
  Reflect.set(window, "__REACT_DEVTOOLS_GLOBAL_HOOK__", {
    supportsFiber: true,
    renderers: new Map(),
    inject: () => 1,
    onCommitFiberRoot: (_: number, root: { current: Fiber }) => visit(root.current, root.current.alternate),
    onCommitFiberUnmount: () => {},
    onPostCommitFiberRoot: () => {},
    checkDCE: () => {},
  });
}
