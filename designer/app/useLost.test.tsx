import { notificationsStore } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { ApiFailure } from "../api/client.ts";
import { sessionQuery } from "../api/queries.ts";
import { ready } from "../i18n/i18n.ts";
import { useLost } from "./useLost.ts";

let box: HTMLElement;
let root: Root;
let queries: QueryClient;

const Page = () => {
  useLost();
  return null;
};

beforeAll(() => {
  Reflect.set(globalThis, "IS_REACT_ACT_ENVIRONMENT", true);
  return ready;
});
beforeEach(() => {
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  box = document.createElement("div");
  root = createRoot(box);
  act(() =>
    root.render(
      <QueryClientProvider client={queries}>
        <Page />
      </QueryClientProvider>,
    ),
  );
});
afterEach(() => act(() => root.unmount()));

const told = () => {
  const { notifications, queue } = notificationsStore.getState();
  return [...notifications, ...queue].map(({ id }) => id).includes("lost");
};
const read = (name: string, answer: () => unknown) =>
  act(() => queries.fetchQuery({ queryKey: [name], queryFn: async () => answer(), staleTime: 0 }).catch(() => {}));
const unreachable = () => {
  throw new ApiFailure(0, { code: "unreachable", message: "The server cannot be reached." });
};
const refused = () => {
  throw new ApiFailure(404, { code: "noFlow", message: "There is no such flow." });
};

/** What is answered to who asks who sits here. */
let session: () => unknown;
const sit = async (then: () => unknown) => {
  session = () => null;
  await act(() => queries.prefetchQuery({ queryKey: sessionQuery.queryKey, queryFn: async () => session() }));
  session = then;
};

it("is said once a second read finds nobody either, and no longer than until one is answered", async () => {
  await sit(unreachable);
  await read("flows", unreachable);
  await act(() => vi.waitUntil(told));
  await read("runs", () => []);
  expect(told()).toBe(false);
});

it("is not said of what the server refuses, nor of reads that fail between others that do not", async () => {
  await sit(() => null);
  for (const name of ["flows", "runs", "letters"]) await read(name, refused);
  for (const name of ["flows", "runs"]) {
    await read(name, unreachable);
    await read("letters", () => []);
  }
  expect(told()).toBe(false);
});
