import { Button, Menu } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { ChevronDown, Send } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { SampleSummary } from "#schemas/api.ts";
import type { Deployment } from "#schemas/deployment.ts";
import { outcomeClasses } from "#schemas/outcomeClass.ts";
import { sendSample } from "../api/commands.ts";
import { samplesQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { useMay } from "../app/session.ts";
import { failed, tell } from "../elements/tell.ts";

/** How a sample is expected to end, in words: a run's state, or the class of its dead letter. */
function endText(expected: string, t: TFunction): string {
  const end = outcomeClasses.find((name) => name === expected);
  return end ? t(`outcome.${end}`) : expected === "SUCCEEDED" ? t("state.SUCCEEDED") : expected;
}

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
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button
          variant="default"
          disabled={!deployment}
          loading={send.isPending}
          leftSection={<Send size={14} aria-hidden />}
          rightSection={<ChevronDown size={14} aria-hidden />}
          data-testid="send-sample"
        >
          {t("canvas.sample")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{items.length > 0 ? t("canvas.sampleTitle") : (samples.error?.message ?? t("canvas.sampleNone"))}</Menu.Label>
        {items.map((sample) => (
          <Menu.Item key={sample.name} onClick={() => send.mutate(sample)} data-testid={`sample-${sample.name}`}>
            {sample.title}
            <div className="ol-dim ol-small">{t("canvas.sampleExpect", { expected: endText(sample.expected, t) })}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
