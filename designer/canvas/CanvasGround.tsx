import { type ReactNode, useEffect, useState } from "react";
import { createPreview, PreviewContext, type PreviewStore } from "../preview/preview.ts";
import { DraftContext, type DraftStore, selectFlow } from "./draft.ts";
import { createHand, HandContext } from "./hand.ts";
import { createLive, LiveContext } from "./live.ts";

interface CanvasGroundProps {
  draft: DraftStore;
  children: (preview: PreviewStore) => ReactNode;
}

/** What everything on a canvas reads, each in a store of its own: the drawing, what runs, the preview, the hand. */
export function CanvasGround({ draft, children }: CanvasGroundProps) {
  const [live] = useState(createLive);
  const [hand] = useState(createHand);
  const [preview] = useState(() => createPreview(selectFlow(draft.getState()).id));
  useEffect(() => () => preview.stop(), [preview]);
  return (
    <DraftContext value={draft}>
      <LiveContext value={live}>
        <PreviewContext value={preview}>
          <HandContext value={hand}>{children(preview)}</HandContext>
        </PreviewContext>
      </LiveContext>
    </DraftContext>
  );
}
