import { Table } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCw, Trash2 } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { SubscriptionState, WebhookSubscription } from "#schemas/webhookSubscription.ts";
import { forgetSubscription, retrySubscription } from "../api/commands.ts";
import { subscriptionsQuery } from "../api/queries.ts";
import { address, useEnvironment } from "../app/address.ts";
import { RoleButton } from "../app/RoleButton.tsx";
import { CopyText } from "../elements/CopyText.tsx";
import { Label } from "../elements/Label.tsx";
import { ListPanel } from "../elements/Page.tsx";
import { ReasonText } from "../elements/ReasonText.tsx";
import { type State, StateChip } from "../elements/StateChip.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { failed, tell } from "../elements/tell.ts";
import classes from "./connections.module.css";
import { say } from "./say.ts";

/** What stands at other systems so that they send their webhooks here; nothing where no deployed flow wants any. */
export function WebhookList() {
  const { t } = useTranslation();
  const environment = useEnvironment();
  const heading = useId();
  const subscriptions = useQuery({ ...subscriptionsQuery(environment.id), refetchInterval: 5_000 });
  if (subscriptions.isError) return <p role="alert">{say("list.failed")}</p>;
  const items = subscriptions.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section aria-labelledby={heading} className={classes.webhooks} data-testid="webhooks">
      <h2 id={heading}>{say("list.title")}</h2>
      <p className="ol-dim ol-small">{say("list.about")}</p>
      <ListPanel>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say("list.source")}</Table.Th>
              <Table.Th>{say("list.connection")}</Table.Th>
              <Table.Th>{say("list.state")}</Table.Th>
              <Table.Th>{say("list.standing")}</Table.Th>
              <Table.Th data-wide>{say("list.next")}</Table.Th>
              <Table.Th data-end>{t("common.actions")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {items.map((each) => (
              <Row key={each.id} subscription={each} />
            ))}
          </Table.Tbody>
        </Table>
      </ListPanel>
    </section>
  );
}

const chips: Partial<Record<SubscriptionState, State>> = {
  pending: "waiting",
  standing: "active",
  failing: "failed",
  held: "held",
};

function Row({ subscription }: { subscription: WebhookSubscription }) {
  const { environment, flow, node, connection, dueAt, address: told } = subscription;
  return (
    <Table.Tr data-testid="webhook-row">
      <Table.Td className={classes.account ?? ""}>
        <Link to={address.flow(environment, flow, node)}>{flow}</Link>
        <div className="ol-dim ol-small">{node}</div>
        {told !== null && <CopyText value={told} />}
      </Table.Td>
      <Table.Td>{connection}</Table.Td>
      <Table.Td className={classes.why ?? ""}>
        <Standing subscription={subscription} />
      </Table.Td>
      <Table.Td>
        <Subscribed subscription={subscription} />
      </Table.Td>
      <Table.Td className="ol-dim" data-wide>
        {dueAt !== null && <TimeText iso={dueAt} />}
      </Table.Td>
      <Table.Td data-end>
        <Actions subscription={subscription} />
      </Table.Td>
    </Table.Tr>
  );
}

function Standing({ subscription: { wanted, state, lastError } }: { subscription: WebhookSubscription }) {
  const chip = chips[state];
  return (
    <>
      {chip ? (
        <StateChip state={chip} />
      ) : (
        <Label tone="waiting">{say(state === "byHand" ? "list.byHand" : "list.noAddress")}</Label>
      )}
      {!wanted && <div className="ol-dim ol-small">{say("list.ending")}</div>}
      {lastError && <ReasonText reason={lastError.reason} />}
    </>
  );
}

function Subscribed({ subscription: { subscribed } }: { subscription: WebhookSubscription }) {
  if (subscribed.length === 0) return <span className="ol-dim">{say("list.nothing")}</span>;
  return subscribed.map(({ id, topic, expiresAt }) => (
    <div key={`${topic} ${id}`}>
      {topic || id}
      {expiresAt !== null && (
        <div className="ol-dim ol-small">
          {say("list.until")} <TimeText iso={expiresAt} />
        </div>
      )}
    </div>
  ));
}

function Actions({ subscription }: { subscription: WebhookSubscription }) {
  const queries = useQueryClient();
  const { id, environment, flow, node, connection, wanted, state } = subscription;
  const changed = () => void queries.invalidateQueries({ queryKey: ["subscriptions", environment] });
  const retry = useMutation({
    mutationFn: () => retrySubscription(environment, id),
    onSuccess: () => {
      tell({ message: say("list.retried", { connection }) });
      changed();
    },
    onError: failed,
  });
  const forget = useMutation({
    mutationFn: () => forgetSubscription(environment, id),
    onSuccess: () => {
      tell({ message: say("list.forgotten", { connection }) });
      changed();
    },
    onError: failed,
  });
  return (
    <div className={classes.actions}>
      {state !== "standing" && state !== "pending" && (
        <RoleButton
          permission="operate"
          environment={environment}
          variant="default"
          loading={retry.isPending}
          leftSection={<RotateCw size={14} aria-hidden />}
          onClick={() => retry.mutate()}
          aria-label={say("list.retryOf", { flow, node })}
          data-testid="retry-subscription"
        >
          {say("list.retry")}
        </RoleButton>
      )}
      {!wanted && (
        <RoleButton
          permission="operate"
          environment={environment}
          variant="default"
          loading={forget.isPending}
          leftSection={<Trash2 size={14} aria-hidden />}
          onClick={() => forget.mutate()}
          aria-label={say("list.forgetOf", { flow, node })}
        >
          {say("list.forget")}
        </RoleButton>
      )}
    </div>
  );
}
