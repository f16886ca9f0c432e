import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Rocket } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { FlowDetail } from "#schemas/api.ts";
import type { Deployment } from "#schemas/deployment.ts";
import { address, useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useMay, useMaySomewhere } from "../app/session.ts";
import { Hint } from "../elements/Hint.tsx";
import { DeployButton } from "./DeployButton.tsx";
import { useDraft } from "./draft.ts";

const PublishDialog = lazy(async () => ({ default: (await import("./PublishDialog.tsx")).PublishDialog }));

interface PublishButtonProps {
  detail: FlowDetail;
  deployment: Deployment | undefined;
  onProblems: () => void;
}

/** The way of a draft into this environment, as far as the person here may lead it. */
export function ForwardButton(props: PublishButtonProps) {
  const { t } = useTranslation();
  const { detail, deployment } = props;
  const here = useEnvironment();
  const [draws, operates] = [useMaySomewhere("design"), useMay("operate", here.id)];
  if (here.protected) {
    return (
      <>
        <PromoteButton flow={detail.flow.id} />
        {draws && <PublishButton {...props} />}
      </>
    );
  }
  if (draws) return <PublishButton {...props} />;
  const latest = detail.latestVersion?.number;
  const runs = deployment?.versions.length === 1 && deployment.versions[0]?.number === latest;
  if (operates && latest !== undefined && !runs) return <DeployButton flow={detail.flow.id} version={latest} />;
  return (
    <RoleButton permission="design" leftSection={<Rocket size={14} aria-hidden />} data-testid="publish">
      {t("publish.do")}
    </RoleButton>
  );
}

function PromoteButton({ flow }: { flow: string }) {
  const { t } = useTranslation();
  const { id } = useEnvironment();
  return (
    <Button
      variant="default"
      component={Link}
      to={address.promote(id, flow)}
      leftSection={<Rocket size={14} aria-hidden />}
      data-testid="promote"
    >
      {t("publish.promote")}
    </Button>
  );
}

function PublishButton({ detail, deployment, onProblems }: PublishButtonProps) {
  const { t } = useTranslation();
  const [open, { open: show, close }] = useDisclosure(false);
  const saved = useDraft((state) => state.save.kind === "saved");
  return (
    <>
      <Hint label={saved ? undefined : t("publish.waiting")}>
        <Button
          leftSection={<Rocket size={14} aria-hidden />}
          {...(saved ? {} : { "data-disabled": true })}
          aria-disabled={!saved}
          onClick={() => saved && show()}
          data-testid="publish"
        >
          {t("publish.do")}
        </Button>
      </Hint>
      {open && (
        <Suspense>
          <PublishDialog detail={detail} deployment={deployment} onClose={close} onProblems={onProblems} />
        </Suspense>
      )}
    </>
  );
}
