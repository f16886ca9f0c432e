import { chosenOf, selectRun, usePreview } from "./preview.ts";
import { say } from "./say.ts";

/** The sample that what stands below was made of: with the preview closed, nothing else says it. */
export function OnSample() {
  const run = usePreview(selectRun);
  const title = usePreview((state) => chosenOf(state)?.sample.title);
  if (!run || title === undefined) return null;
  return (
    <p className="ol-dim ol-small ol-clip" style={{ margin: "0 0 8px" }} title={title} data-testid="on-sample">
      {say("shown.on", { title })}
    </p>
  );
}
