import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { flowsQuery } from "../api/queries.ts";
import { address } from "../app/address.ts";
import { whenIdle } from "../app/whenIdle.ts";
import { type Action, type Destination, useActions } from "./actions.ts";
import { useActionKeys } from "./useActionKeys.ts";

const palette = () => import("./ActionPalette.tsx");
const ActionPalette = lazy(async () => ({ default: (await palette()).ActionPalette }));
const ShortcutSheet = lazy(async () => ({ default: (await import("./ShortcutSheet.tsx")).ShortcutSheet }));

/** What can be done on every page: see all actions and their keys, and go to another page or flow. Listens to all keys. */
export function ActionCenter({ environment }: { environment: string }) {
  const [open, setOpen] = useState<"commands" | "shortcuts" | null>(null);
  const actions = useMemo<Action[]>(
    () => [
      { id: "commands", section: "go", keys: ["Mod+K"], whileTyping: true, applies: always, run: () => setOpen("commands") },
      { id: "shortcuts", section: "go", keys: ["?"], applies: always, run: () => setOpen("shortcuts") },
    ],
    [],
  );
  useActions("shell", actions, useDestinations(environment));
  useActionKeys();
  // What is typed before it is there would go to the page behind.
  useEffect(() => whenIdle(palette), []);
  const close = useCallback(() => setOpen(null), []);
  return (
    <Suspense>
      {open === "commands" && <ActionPalette onClose={close} />}
      {open === "shortcuts" && <ShortcutSheet onClose={close} />}
    </Suspense>
  );
}

const always = (): boolean => true;

function useDestinations(environment: string): () => Destination[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  return useCallback(() => {
    const screen = (id: string, title: string, to: string): Destination => ({
      id,
      kind: "screen",
      title,
      go: () => void navigate(to),
    });
    const flows = queries.getQueryData(flowsQuery(environment).queryKey)?.items ?? [];
    return [
      screen("flows", t("nav.flows"), address.flows(environment)),
      screen("runs", t("nav.runs"), address.runs(environment)),
      screen("exceptions", t("nav.exceptions"), address.exceptions(environment)),
      screen("connections", t("nav.connections"), address.connections(environment)),
      screen("tables", t("nav.tables"), address.tables(environment)),
      screen("environments", t("environments.title"), address.environments(environment)),
      screen("people", t("people.title"), address.people(environment)),
      screen("audit", t("nav.audit"), address.audit(environment)),
      ...flows.map(
        ({ id, name }): Destination => ({
          id,
          kind: "flow",
          title: name,
          hint: id,
          go: () => void navigate(address.flow(environment, id)),
        }),
      ),
    ];
  }, [t, navigate, queries, environment]);
}
