import { Button, Checkbox, Group, Loader } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Send, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PreviewAnswer } from "#schemas/previewAnswer.ts";
import { previewAnswer } from "../api/commands.ts";
import { useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { selectFlow, useDraft } from "../canvas/draft.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { JsonView } from "../elements/JsonView.tsx";
import { Refusal } from "../elements/Refusal.tsx";
import { duration } from "../elements/time.ts";
import classes from "./preview.module.css";
import { say } from "./say.ts";

interface RealAnswerProps {
  node: string;
  /** What comes into the node with the sample that is shown. */
  item: unknown;
  onAnswer: (result: unknown) => void;
}

/** Lets a real system answer, once: what goes where is shown and agreed to before anything leaves. */
export function RealAnswer({ node, item, onAnswer }: RealAnswerProps) {
  const environment = useEnvironment();
  const saved = useDraft((state) => state.save.kind === "saved");
  const [open, setOpen] = useState(false);
  return (
    <>
      <RoleButton
        permission="operate"
        environment={environment.id}
        variant="default"
        leftSection={<Send size={14} aria-hidden />}
        disabled={!saved}
        onClick={() => setOpen(true)}
        data-testid="ask-system"
      >
        {say("real.ask")}
      </RoleButton>
      {open && <RealDialog node={node} item={item} onAnswer={onAnswer} onClose={() => setOpen(false)} />}
    </>
  );
}

function RealDialog({ node, item, onAnswer, onClose }: RealAnswerProps & { onClose: () => void }) {
  const { t } = useTranslation();
  const { id: environment } = useEnvironment();
  const flow = useDraft((state) => selectFlow(state).id);
  const plan = useQuery({
    queryKey: ["preview-answer", environment, flow, node, item],
    queryFn: () => previewAnswer(environment, flow, node, { item, send: false }),
    gcTime: 0,
    retry: false,
  });
  const [agreed, setAgreed] = useState(false);
  const send = useMutation({
    mutationFn: () => previewAnswer(environment, flow, node, { item, send: true }),
    onSuccess: ({ answer }) => {
      if (!answer?.good) return;
      onAnswer(answer.result);
      onClose();
    },
  });
  const told = plan.data;
  const refused = send.data?.refused ?? told?.refused ?? null;
  const failed = send.data?.answer ?? null;
  return (
    <Dialog onClose={onClose} title={say("real.title")} size="lg">
      {plan.isPending && <Loader size={16} aria-label={t("common.loading")} />}
      <Refusal error={plan.error ?? send.error} />
      {told && <Warning plan={told} />}
      {told && refused === null && !told.read && (
        <Checkbox
          mt={12}
          label={say("real.agree", { document: told.documentKey, account: told.connection.account })}
          checked={agreed}
          onChange={(event) => setAgreed(event.currentTarget.checked)}
          data-testid="real-agree"
        />
      )}
      {refused !== null && (
        <p role="alert" style={{ margin: "12px 0 0" }}>
          <strong>{say("real.refused")}</strong> {refused}
        </p>
      )}
      {failed && !failed.good && (
        <p role="alert" style={{ margin: "12px 0 0" }} data-testid="real-failed">
          <strong>{say("real.failed")}</strong> {failed.message}{" "}
          <span className="ol-dim">
            {failed.status === null ? "" : `HTTP ${failed.status} · `}
            {duration(failed.ms)}
          </span>
        </p>
      )}
      <Group justify="flex-end" gap={8} mt={16}>
        <Button variant="default" onClick={onClose}>
          {t("common.cancel")}
        </Button>
        <Button
          onClick={() => send.mutate()}
          loading={send.isPending}
          disabled={!told || refused !== null || (!told.read && !agreed)}
          {...(told?.environment.protected && !told.read ? { color: "red" } : {})}
          data-testid="real-send"
        >
          {say(told?.read === false ? "real.sendWrite" : "real.sendRead")}
        </Button>
      </Group>
    </Dialog>
  );
}

/** Where it goes, and that it is no play. */
function Warning({ plan }: { plan: PreviewAnswer }) {
  const { connection, environment, read, request } = plan;
  const where = { connection: connection.name, account: connection.account, environment: environment.title };
  return (
    <>
      <p className={classes.real} data-tone={environment.protected || !connection.sandbox ? "hot" : undefined}>
        <TriangleAlert size={16} aria-hidden />
        <span>
          {say(connection.sandbox ? "real.sandbox" : "real.real", where)}{" "}
          {environment.protected && <strong>{say("real.protected", where)} </strong>}
          {say(read ? "real.read" : "real.write")}
        </span>
      </p>
      <JsonView value={request} label={say("real.request")} maxHeight={220} />
    </>
  );
}
