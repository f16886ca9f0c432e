import { ReactFlowProvider } from "@xyflow/react";
import { FlowEditor, type FlowEditorProps } from "./FlowEditor.tsx";

/** The editor with what draws it; loaded while the flow is being read. */
export default function OnCanvas(props: FlowEditorProps) {
  return (
    <ReactFlowProvider>
      <FlowEditor {...props} />
    </ReactFlowProvider>
  );
}
