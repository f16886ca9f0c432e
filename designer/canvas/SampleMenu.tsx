import { Button } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { ChevronDown, Send } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { SampleSummary } from "#schemas/api.ts";
import type { Deployment } from "#schemas/deployment.ts";
import { sendSample } from "../api/commands.ts";
import { samplesQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useMay } from "../app/session.ts";
import { LateMenu } from "../elements/LateMenu.tsx";
import { failed, tell } from "../elements/tell.ts";

const fetch = () => import("./SampleList.tsx");
const SampleList = lazy(fetch);

/** Sends one of the flow's samples through its real webhook; the toast leads to the run. */
export function SampleMenu({ flow, deployment }: { flow: string; deployment: Deployment | undefined }) {
  const { t } = useTranslation();
  const { id, title: environment } = useEnvironment();
  const may = useMay("design", id);
  const held = deployment?.state === "paused";
  const samples = useQuery(samplesQuery(flow));
  const send = useMutation({
    mutationFn: ({ name }: SampleSummary) => sendSample(id, flow, name),
    onSuccess: ({ runId }, { name, title }) =>
      tell({
        about: `sample ${name}`,
        title: t("canvas.sampleSent"),
        message: (
          <>
            {t(held ? "canvas.sampleHeldText" : "canvas.sampleSentText", { title, environment })}{" "}
            <Link to={address.run(id, runId)}>{t("canvas.openRun")}</Link>
          </>
        ),
      }),
    onError: failed,
  });
  const items = samples.data?.items ?? [];
  if (!may)
    return (
      <RoleButton permission="design" environment={id} variant="default" leftSection={<Send size={14} aria-hidden />}>
        {t("canvas.sample")}
      </RoleButton>
    );
  return (
    <LateMenu
      fetch={fetch}
      menu={(place) => (
        <SampleList place={place} samples={items} fault={samples.error?.message} onSend={(sample) => send.mutate(sample)} />
      )}
    >
      {(button) => (
        <Button
          {...button}
          variant="default"
          disabled={!deployment}
          loading={send.isPending}
          leftSection={<Send size={14} aria-hidden />}
          rightSection={<ChevronDown size={14} aria-hidden />}
          data-testid="send-sample"
        >
          {t("canvas.sample")}
        </Button>
      )}
    </LateMenu>
  );
}
