import { Button, Tooltip } from "@mantine/core";
import { Download, Upload } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RoleButton } from "../app/RoleButton.tsx";
import { ImportDialog } from "./ImportDialog.tsx";

/** Flows out of this installation as one file, and in from another one. */
export function BundleActions() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Tooltip label={t("bundles.exportHint")} multiline maw={280}>
        <Button
          component="a"
          href="/api/v1/export"
          download="orderloom.bundle.json"
          variant="default"
          leftSection={<Download size={14} aria-hidden />}
          data-testid="bundle-export"
        >
          {t("bundles.export")}
        </Button>
      </Tooltip>
      <RoleButton
        permission="design"
        variant="default"
        leftSection={<Upload size={14} aria-hidden />}
        onClick={() => setOpen(true)}
        data-testid="bundle-import"
      >
        {t("bundles.import")}
      </RoleButton>
      {open && <ImportDialog onClose={() => setOpen(false)} />}
    </>
  );
}
