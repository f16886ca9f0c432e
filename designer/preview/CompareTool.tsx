import { ActionIcon } from "@mantine/core";
import { Columns2 } from "lucide-react";
import { Hint } from "../elements/Hint.tsx";
import { say } from "./say.ts";

/** Opens the comparison of two samples; with fewer it says what is missing, and can still be reached. */
export function CompareTool({ samples, onOpen }: { samples: number; onOpen: () => void }) {
  const off = samples < 2;
  return (
    <Hint label={say(off ? "compare.only" : "compare.open")}>
      <ActionIcon
        aria-label={say("compare.open")}
        {...(off
          ? { "aria-disabled": true, "data-disabled": true, "aria-description": say("compare.only") }
          : { onClick: onOpen })}
        data-testid="preview-compare"
      >
        <Columns2 size={16} />
      </ActionIcon>
    </Hint>
  );
}
