import { ListTree, Workflow } from "lucide-react";
import { say } from "../actions/say.ts";
import { Tool } from "../canvas/BoardTools.tsx";
import { useView } from "./useView.ts";

/** The switch between the canvas and the outline. */
export function ViewTool() {
  const [view, show] = useView();
  if (view === "outline")
    return <Tool icon={Workflow} label={say("view.canvas")} keys="O" onClick={() => show("canvas")} testId="show-canvas" />;
  return <Tool icon={ListTree} label={say("view.outline")} keys="O" onClick={() => show("outline")} testId="show-outline" />;
}
