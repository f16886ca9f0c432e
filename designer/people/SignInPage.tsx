import { Button, Divider, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useSearchParams } from "react-router";
import { ownAddress } from "#schemas/ownAddress.ts";
import { oidcProblems } from "#schemas/people.ts";
import { signIn } from "../api/commands.ts";
import { sessionQuery } from "../api/queries.ts";
import { useSession } from "../app/session.ts";
import { Refusal } from "../elements/Refusal.tsx";
import { DoorPage } from "./DoorPage.tsx";
import classes from "./people.module.css";

/** Name and password, then back to where one was going. */
export function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [search] = useSearchParams();
  const to = ownAddress(search.get("to"));
  const problem = oidcProblems.find((known) => known === search.get("problem"));
  const session = useSession();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () => signIn(name, password),
    onSuccess: async (after) => {
      // What another person saw before is not shown to this one.
      queries.clear();
      queries.setQueryData(sessionQuery.queryKey, after);
      await navigate(to, { replace: true });
    },
    onError: () => setPassword(""),
  });
  if (!session.signIn || session.person) return <Navigate to={to} replace />;
  return (
    <DoorPage title={t("signIn.title")}>
      {problem && (
        <p role="alert" className={classes.refusal} style={{ marginBottom: 16 }}>
          {t(`signIn.problem.${problem}`)}
        </p>
      )}
      {session.provider !== null && (
        <>
          <Button
            fullWidth
            size="sm"
            variant="default"
            component="a"
            href={`/api/v1/session/oidc?to=${encodeURIComponent(to)}`}
            data-testid="sign-in-provider"
          >
            {t("signIn.at", { provider: session.provider })}
          </Button>
          <Divider my={16} label={t("signIn.or")} />
        </>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        <Stack gap={16}>
          <TextInput
            size="sm"
            label={t("signIn.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            autoComplete="username"
            autoCapitalize="none"
            autoFocus
            required
          />
          <PasswordInput
            size="sm"
            label={t("signIn.password")}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ "aria-label": t("signIn.showPassword") }}
            required
          />
          <Refusal error={enter.error} />
          <Button type="submit" size="sm" loading={enter.isPending} data-testid="sign-in">
            {t("signIn.do")}
          </Button>
        </Stack>
      </form>
    </DoorPage>
  );
}
