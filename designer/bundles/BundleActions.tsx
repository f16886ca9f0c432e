import { Button } from "@mantine/core";
import { Download, Upload } from "lucide-react";
import { useState } from "react";
import { RoleButton } from "../app/RoleButton.tsx";
import { Hint } from "../elements/Hint.tsx";
import { ImportDialog } from "./ImportDialog.tsx";
import { say } from "./say.ts";

/** Flows out of this installation as one file, and in from another one. */
export function BundleActions() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Hint label={say("files.exportHint")} width={280}>
        <Button
          component="a"
          href="/api/v1/export"
          download="orderloom.bundle.json"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          data-testid="bundle-export"
        >
          {say("files.export")}
        </Button>
      </Hint>
      <RoleButton
        permission="design"
        variant="default"
        leftSection={<Upload size={14} aria-hidden />}
        onClick={() => setOpen(true)}
        data-testid="bundle-import"
      >
        {say("files.import")}
      </RoleButton>
      {open && <ImportDialog onClose={() => setOpen(false)} />}
    </>
  );
}
