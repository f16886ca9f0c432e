import { Button, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Rocket } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { FlowDetail } from "#schemas/api.ts";
import type { Deployment } from "#schemas/deployment.ts";
import { useDraft } from "./draft.ts";
import { PublishDialog } from "./PublishDialog.tsx";

interface PublishButtonProps {
  detail: FlowDetail;
  deployment: Deployment | undefined;
  onProblems: () => void;
}

export function PublishButton({ detail, deployment, onProblems }: PublishButtonProps) {
  const { t } = useTranslation();
  const [open, { open: show, close }] = useDisclosure(false);
  const saved = useDraft((state) => state.save.kind === "saved");
  return (
    <>
      <Tooltip label={t("publish.waiting")} disabled={saved}>
        <Button
          leftSection={<Rocket size={14} aria-hidden />}
          {...(saved ? {} : { "data-disabled": true })}
          aria-disabled={!saved}
          onClick={() => saved && show()}
          data-testid="publish"
        >
          {t("publish.do")}
        </Button>
      </Tooltip>
      {open && <PublishDialog detail={detail} deployment={deployment} onClose={close} onProblems={onProblems} />}
    </>
  );
}
