import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/tokens.css";
import { MantineProvider } from "@mantine/core";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import i18next from "i18next";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { ApiFailure } from "./api/client.ts";
import { sessionQuery } from "./api/queries.ts";
import { headStart } from "./app/headStart.ts";
import { router } from "./app/routes.tsx";
import { styleNonce } from "./app/styleNonce.ts";
import { ready } from "./i18n/i18n.ts";
import { themeWith, variables } from "./theme/theme.ts";

/** What the server has refused will be refused again; only a missing answer is worth a second try. */
const retry = (failures: number, error: Error) => failures < 2 && error instanceof ApiFailure && error.status === 0;

/** A session that has ended is noticed by whatever asks first; the page then leads to the door. */
const queryCache = new QueryCache({
  onError: (error) => {
    if (error instanceof ApiFailure && error.code === "signInNeeded")
      void queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
  },
});

const queries = new QueryClient({ queryCache, defaultOptions: { queries: { staleTime: 1_000, retry, retryDelay: 500 } } });

const started = headStart(queries, window.location.pathname);

const root = document.getElementById("root");
if (!root) throw new Error("The page has no element to draw into.");

/**
 * So long the first drawing waits for what it needs. React shows what comes after a placeholder 300 ms after it at the
 * earliest, one placeholder after the other: a page drawn at once is there sooner than one drawn piece by piece.
 */
const PATIENCE_MS = 400;

await ready;
await Promise.race([started, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={themeWith({ close: i18next.t("common.close") })}
      cssVariablesResolver={variables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
