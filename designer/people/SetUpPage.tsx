import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate } from "react-router";
import { PASSWORD_LEAST } from "#schemas/people.ts";
import { setUp } from "../api/commands.ts";
import { sessionQuery } from "../api/queries.ts";
import { useSession } from "../app/session.ts";
import { Refusal } from "../elements/Refusal.tsx";
import { DoorPage } from "./DoorPage.tsx";

/** Makes the first admin, who turns sign-in on. */
export function SetUpPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const session = useSession();
  const [wish, setWish] = useState({ title: "", name: "", password: "" });
  const [token, setToken] = useState("");
  const change = (part: Partial<typeof wish>) => setWish((before) => ({ ...before, ...part }));
  const make = useMutation({
    mutationFn: () => setUp(wish, token),
    onSuccess: async (after) => {
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, after);
      await navigate("/", { replace: true });
    },
  });
  if (session.setUp === "done") return <Navigate to="/" replace />;
  return (
    <DoorPage title={t("setUp.title")} text={t("setUp.text")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Stack gap={16}>
          <TextInput
            size="sm"
            label={t("people.personTitle")}
            value={wish.title}
            onChange={(event) => change({ title: event.currentTarget.value })}
            autoComplete="name"
            maxLength={120}
            autoFocus
            required
          />
          <TextInput
            size="sm"
            label={t("signIn.name")}
            description={t("people.nameHint")}
            value={wish.name}
            onChange={(event) => change({ name: event.currentTarget.value.toLowerCase() })}
            autoComplete="username"
            autoCapitalize="none"
            required
          />
          <PasswordInput
            size="sm"
            label={t("signIn.password")}
            description={t("people.passwordHint", { count: PASSWORD_LEAST })}
            value={wish.password}
            onChange={(event) => change({ password: event.currentTarget.value })}
            autoComplete="new-password"
            minLength={PASSWORD_LEAST}
            visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
            required
          />
          {session.setUp === "token" && (
            <PasswordInput
              size="sm"
              label={t("setUp.token")}
              description={t("setUp.tokenHint")}
              value={token}
              onChange={(event) => setToken(event.currentTarget.value)}
              visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
              autoComplete="off"
              required
            />
          )}
          <Refusal error={make.error} />
          <Button type="submit" size="sm" loading={make.isPending} data-testid="set-up">
            {t("setUp.do")}
          </Button>
        </Stack>
      </form>
    </DoorPage>
  );
}
