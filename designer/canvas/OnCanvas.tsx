import { ReactFlowProvider } from "@xyflow/react";
import type { ReactNode } from "react";
import type { FlowDetail } from "#schemas/api.ts";
import type { PreviewStore } from "../preview/preview.ts";
import type { Catalogue } from "./catalogue.ts";
import { FlowEditor } from "./FlowEditor.tsx";

interface OnCanvasProps {
  detail: FlowDetail;
  catalogue: Catalogue;
  preview: PreviewStore;
  versionBar?: ReactNode;
}

/** The editor with what draws it; loaded while the flow is being read. */
export default function OnCanvas(props: OnCanvasProps) {
  return (
    <ReactFlowProvider>
      <FlowEditor {...props} />
    </ReactFlowProvider>
  );
}
