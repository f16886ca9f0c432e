import { ListTree, Workflow } from "lucide-react";
import { Tool } from "../canvas/BoardTools.tsx";
import { say } from "./say.ts";
import { useView } from "./useView.ts";

/** The switch between the canvas and the outline. */
export function ViewTool() {
  const [view, show] = useView();
  if (view === "outline")
    return <Tool icon={Workflow} label={say("outline.toCanvas")} keys="O" onClick={() => show("canvas")} testId="show-canvas" />;
  return <Tool icon={ListTree} label={say("outline.open")} keys="O" onClick={() => show("outline")} testId="show-outline" />;
}
