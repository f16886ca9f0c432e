import { lazy } from "react";
import { whenIdle } from "../app/whenIdle.ts";

const inspector = () => import("../inspector/Inspector.tsx");
const edgePanel = () => import("../preview/EdgePanel.tsx");
const palette = () => import("./Palette.tsx");
const quickAdd = () => import("./QuickAdd.tsx");
const canvasMenu = () => import("./CanvasMenu.tsx");
const findPanel = () => import("./FindPanel.tsx");

/** Parts of the editor that are loaded when they are needed: a flow is seen before its settings are. */
export const Inspector = lazy(async () => ({ default: (await inspector()).Inspector }));
export const EdgePanel = lazy(async () => ({ default: (await edgePanel()).EdgePanel }));
export const PreviewBar = lazy(async () => ({ default: (await import("../preview/PreviewBar.tsx")).PreviewBar }));
export const ConflictDialog = lazy(async () => ({ default: (await import("./ConflictDialog.tsx")).ConflictDialog }));
export const SelectedPanel = lazy(async () => ({ default: (await import("./SelectedPanel.tsx")).SelectedPanel }));
export const DraftGuard = lazy(async () => ({ default: (await import("./DraftGuard.tsx")).DraftGuard }));
export const Elsewhere = lazy(async () => ({ default: (await import("./Elsewhere.tsx")).Elsewhere }));
export const ColorChoice = lazy(async () => ({ default: (await import("./ColorChoice.tsx")).ColorChoice }));
export const Palette = lazy(async () => ({ default: (await palette()).Palette }));
export const QuickAdd = lazy(async () => ({ default: (await quickAdd()).QuickAdd }));
export const CanvasMenu = lazy(async () => ({ default: (await canvasMenu()).CanvasMenu }));
export const FindPanel = lazy(async () => ({ default: (await findPanel()).FindPanel }));
export const Announcer = lazy(async () => ({ default: (await import("../outline/Announcer.tsx")).Announcer }));
export const Outline = lazy(() => import("../outline/Outline.tsx"));

/** Fetches what the next click or key needs: what is typed before it is there would go elsewhere. */
export const fetchPanels = (): (() => void) => whenIdle(inspector, edgePanel, palette, quickAdd, canvasMenu, findPanel);
