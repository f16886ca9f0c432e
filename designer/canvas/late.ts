import { lazy } from "react";

const inspector = () => import("../inspector/Inspector.tsx");
const edgePanel = () => import("../preview/EdgePanel.tsx");

/** Parts of the editor that are loaded when they are needed: a flow is seen before its settings are. */
export const Inspector = lazy(async () => ({ default: (await inspector()).Inspector }));
export const EdgePanel = lazy(async () => ({ default: (await edgePanel()).EdgePanel }));
export const PreviewBar = lazy(async () => ({ default: (await import("../preview/PreviewBar.tsx")).PreviewBar }));
export const ConflictDialog = lazy(async () => ({ default: (await import("./ConflictDialog.tsx")).ConflictDialog }));
export const SelectedPanel = lazy(async () => ({ default: (await import("./SelectedPanel.tsx")).SelectedPanel }));
export const DraftGuard = lazy(async () => ({ default: (await import("./DraftGuard.tsx")).DraftGuard }));
export const Elsewhere = lazy(async () => ({ default: (await import("./Elsewhere.tsx")).Elsewhere }));
export const ColorChoice = lazy(async () => ({ default: (await import("./ColorChoice.tsx")).ColorChoice }));
export const Palette = lazy(async () => ({ default: (await import("./Palette.tsx")).Palette }));
export const Announcer = lazy(async () => ({ default: (await import("../outline/Announcer.tsx")).Announcer }));
export const Outline = lazy(() => import("../outline/Outline.tsx"));

/** Fetches what the next click needs, once the browser has nothing better to do. */
export function fetchPanels(): () => void {
  const fetch = () => void Promise.allSettled([inspector(), edgePanel()]);
  if (typeof requestIdleCallback === "undefined") return () => {};
  const asked = requestIdleCallback(fetch);
  return () => cancelIdleCallback(asked);
}
