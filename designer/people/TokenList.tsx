import { Button, Group, Stack, Table } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiToken } from "#schemas/people.ts";
import { revokeToken } from "../api/commands.ts";
import { tokensQuery } from "../api/queries.ts";
import { Dialog } from "../elements/Dialog.tsx";
import { Empty } from "../elements/Empty.tsx";
import { Label } from "../elements/Label.tsx";
import { Loaded } from "../elements/Loaded.tsx";
import { ListPanel } from "../elements/Page.tsx";
import { RowsSkeleton } from "../elements/RowsSkeleton.tsx";
import { TimeText } from "../elements/TimeText.tsx";
import { failed, tell } from "../elements/tell.ts";
import { Grants } from "./GrantsField.tsx";
import "./texts.ts";

/** Tokens of machines, those that ended last. */
export function TokenList({ q }: { q: string }) {
  const { t } = useTranslation();
  const tokens = useQuery(tokensQuery);
  const [ending, setEnding] = useState<ApiToken | null>(null);
  return (
    <Loaded query={tokens} skeleton={<RowsSkeleton rows={4} />}>
      {({ items }) => {
        const found = items.filter(({ name }) => name.includes(q));
        if (found.length === 0) return <Empty icon={KeyRound} title={t("tokens.emptyTitle")} text={t("tokens.emptyText")} />;
        const inForce = (token: ApiToken) => Number(token.state !== "active");
        return (
          <ListPanel>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t("tokens.token")}</Table.Th>
                  <Table.Th>{t("people.roles")}</Table.Th>
                  <Table.Th>{t("tokens.expires")}</Table.Th>
                  <Table.Th>{t("tokens.used")}</Table.Th>
                  <Table.Th data-wide>{t("tokens.by")}</Table.Th>
                  <Table.Th data-end>{t("common.actions")}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {[...found]
                  .sort((a, b) => inForce(a) - inForce(b))
                  .map((token) => (
                    <Row key={token.id} token={token} onEnd={() => setEnding(token)} />
                  ))}
              </Table.Tbody>
            </Table>
            {ending && <Revoke token={ending} onClose={() => setEnding(null)} />}
          </ListPanel>
        );
      }}
    </Loaded>
  );
}

function Row({ token, onEnd }: { token: ApiToken; onEnd: () => void }) {
  const { t } = useTranslation();
  const { name, tail, role, environments, state, expiresAt, usedAt, createdBy } = token;
  return (
    <Table.Tr data-testid="token-row">
      <Table.Td>
        <div style={{ display: "flex", gap: 8, alignItems: "center", fontWeight: 500 }}>
          {name}
          {state !== "active" && <Label tone="waiting">{t(`tokens.state.${state}`)}</Label>}
        </div>
        <div className="ol-dim ol-mono">…{tail}</div>
        {state === "suspended" && <div className="ol-dim ol-small">{t("tokens.suspendedHint", { name: createdBy })}</div>}
      </Table.Td>
      <Table.Td>
        <Grants grants={(environments ?? [null]).map((environment) => ({ environment, role }))} />
      </Table.Td>
      <Table.Td className="ol-dim">
        <TimeText iso={expiresAt} ahead />
      </Table.Td>
      <Table.Td className="ol-dim">{usedAt ? <TimeText iso={usedAt} /> : t("common.never")}</Table.Td>
      <Table.Td className="ol-dim" data-wide>
        {createdBy}
      </Table.Td>
      <Table.Td data-end>
        {(state === "active" || state === "suspended") && (
          <Button variant="default" onClick={onEnd} aria-label={t("tokens.revokeTitle", { name })}>
            {t("tokens.revoke")}
          </Button>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Revoke({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeToken(token.id),
    onSuccess: () => {
      tell({ message: t("tokens.revoked", { name: token.name }) });
      void queries.invalidateQueries({ queryKey: ["tokens"] });
      onClose();
    },
    onError: failed,
  });
  return (
    <Dialog onClose={onClose} title={t("tokens.revokeTitle", { name: token.name })} size="sm">
      <Stack gap={16}>
        <p style={{ margin: 0 }}>{t("tokens.revokeText")}</p>
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button color="red" loading={revoke.isPending} onClick={() => revoke.mutate()}>
            {t("tokens.revoke")}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
