import type { Page } from "playwright-core";

/** What React has drawn of a canvas since it was last asked: how often each node's card, and each edge. */
export interface BoardRenders {
  cards: Record<string, number>;
  edges: Record<string, number>;
}

/**
 * Counts what React draws, as its own developer tools do: before the page is loaded it puts itself where React tells of
 * every commit, and looks there which components did work. Neither the page nor its build know of it.
 */
export async function watchBoardRenders(page: Page): Promise<() => Promise<BoardRenders>> {
  await page.addInitScript(install);
  return () =>
    page.evaluate(() => {
      const counts = Reflect.get(window, "boardRenders") as BoardRenders;
      Reflect.set(window, "boardRenders", { cards: {}, edges: {} });
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
    memoizedProps: { id?: unknown; edgesFocusable?: unknown; data?: { node?: { id?: unknown } } } | null;
  }
  /** React's own number for what did work, and for components that are functions, plain or memoised. */
  const performedWork = 1;
  const functions = [0, 14, 15];
  Reflect.set(window, "boardRenders", { cards: {}, edges: {} });
  const count = ({ tag, memoizedProps }: Fiber) => {
    const { id, edgesFocusable, data } = memoizedProps ?? {};
    if (!functions.includes(tag) || typeof id !== "string") return;
    const { cards, edges } = Reflect.get(window, "boardRenders") as BoardRenders;
    if (data?.node?.id === id) cards[id] = (cards[id] ?? 0) + 1;
    // What React Flow puts around each edge, which it draws anew with all others when it is told anything new.
    else if (edgesFocusable !== undefined) edges[id] = (edges[id] ?? 0) + 1;
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
